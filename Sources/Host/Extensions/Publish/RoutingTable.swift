internal import SluiceABI
internal import SluiceBase
internal import SluiceRouting
internal import SluiceShared

/// `sluice.routing/1`, BOUND: transactions of documents.
enum RoutingTable {
    private typealias Context = UnsafeMutableRawPointer?
    private typealias Out = UnsafeMutablePointer<OpaquePointer?>?
    private typealias Failure = UnsafeMutablePointer<sluice_error>?
    private typealias Begin = @convention(c) (sluice_span, Out) -> sluice_status
    private typealias Put =
        @convention(c) (
            OpaquePointer?, sluice_span, sluice_span, sluice_span, sluice_span, Failure
        ) -> sluice_status
    private typealias Remove =
        @convention(c) (OpaquePointer?, sluice_span, sluice_span) -> sluice_status
    private typealias Clear = @convention(c) (OpaquePointer?) -> sluice_status
    private typealias Commit =
        @convention(c) (OpaquePointer?, IssueFunction?, CommittedFunction?, Context)
        -> sluice_status
    private typealias Abandon = @convention(c) (OpaquePointer?) -> Void
    private typealias Note =
        @convention(c) (OpaquePointer?, UnsafePointer<sluice_issue>?, Failure) -> sluice_status

    static func make(_ bridge: Bridge) -> sluice_routing_api {
        unsafe sluice_routing_api(
            begin: bridge.mint("i(sp)", begin, as: Begin.self),
            put: bridge.mint("i(pssssp)", put, as: Put.self),
            remove: bridge.mint("i(pss)", remove, as: Remove.self),
            clear: bridge.mint("i(p)", clear, as: Clear.self),
            commit: bridge.mint("i(pppp)", commit, as: Commit.self),
            abandon: bridge.mint("v(p)", abandon, as: Abandon.self),
            note: bridge.mint("i(ppp)", note, as: Note.self)
        )
    }

    /// The instance's publisher, when the caller is on its lane.
    private static func publisher(_ context: Context) -> Result<PluginRouting, MetricRefusal> {
        guard let instance = unsafe context.instance else {
            return .failure(MetricRefusal(status: SLUICE_E_INVALID))
        }
        guard instance.lane.isCurrent else {
            return .failure(MetricRefusal(status: SLUICE_E_THREAD))
        }
        return .success(instance.routing)
    }

    private static let begin: @convention(c) (Context, sluice_span, Out) -> sluice_status = {
        context,
        revision,
        out in
        switch unsafe publisher(context) {
        case .failure(let refusal): return refusal.status
        case .success(let routing):
            guard let out = unsafe out else { return SLUICE_E_INVALID }
            guard let token = routing.begin(unsafe revision.text) else { return SLUICE_E_STATE }
            unsafe out.pointee = OpaquePointer(bitPattern: token)
            return SLUICE_OK
        }
    }

    private static let put:
        @convention(c) (
            Context, OpaquePointer?, sluice_span, sluice_span, sluice_span, sluice_span, Failure
        ) -> sluice_status = { context, token, kind, name, place, json, failure in
            switch unsafe publisher(context) {
            case .failure(let refusal): return refusal.status
            case .success(let routing):
                let text = unsafe DocumentText(
                    kind: kind.text,
                    name: name.text,
                    place: place.text,
                    json: json.bytes.array
                )
                do throws(PutRefusal) {
                    try routing.put(UInt(bitPattern: token), text)
                    return SLUICE_OK
                } catch {
                    unsafe PluginError.fill(
                        failure,
                        error.status,
                        error.text,
                        pointer: error.pointer
                    )
                    return error.status
                }
            }
        }

    private static let remove:
        @convention(c) (Context, OpaquePointer?, sluice_span, sluice_span) -> sluice_status = {
            context,
            token,
            kind,
            name in
            switch unsafe publisher(context) {
            case .failure(let refusal): return refusal.status
            case .success(let routing):
                return unsafe routing.remove(UInt(bitPattern: token), kind.text, name.text)
            }
        }

    private static let clear: @convention(c) (Context, OpaquePointer?) -> sluice_status = {
        context,
        token in
        switch unsafe publisher(context) {
        case .failure(let refusal): return refusal.status
        case .success(let routing): return routing.clear(UInt(bitPattern: token))
        }
    }

    private static let commit:
        @convention(c) (Context, OpaquePointer?, IssueFunction?, CommittedFunction?, Context)
            -> sluice_status = { context, token, issue, committed, argument in
                switch unsafe publisher(context) {
                case .failure(let refusal): return refusal.status
                case .success(let routing):
                    let callbacks = unsafe CommitCallbacks(
                        issue: issue,
                        committed: committed,
                        context: argument
                    )
                    return routing.commit(UInt(bitPattern: token), callbacks)
                }
            }

    private static let abandon: @convention(c) (Context, OpaquePointer?) -> Void = {
        context,
        token in
        guard case .success(let routing) = unsafe publisher(context) else { return }
        routing.abandon(UInt(bitPattern: token))
    }

    private static let note:
        @convention(c) (Context, OpaquePointer?, UnsafePointer<sluice_issue>?, Failure)
            -> sluice_status = { context, token, issue, failure in
                switch unsafe publisher(context) {
                case .failure(let refusal): return refusal.status
                case .success(let routing):
                    guard let issue = unsafe issue?.sized(empty: sluice_issue()) else {
                        return SLUICE_E_INVALID
                    }
                    do throws(PutRefusal) {
                        try routing.note(UInt(bitPattern: token), unsafe SourceNote(issue))
                        return SLUICE_OK
                    } catch {
                        unsafe PluginError.fill(failure, error.status, error.text)
                        return error.status
                    }
                }
            }
}
