internal import SluiceABI
internal import SluiceBase
internal import SluiceRouting
internal import SluiceShared

/// `sluice.routing`, BOUND: transactions of documents. All on the lane.
enum RoutingTable {
    private typealias Table = UnsafePointer<sluice_routing_api>?
    private typealias Context = UnsafeMutableRawPointer?
    private typealias Out = UnsafeMutablePointer<OpaquePointer?>?
    private typealias Failure = UnsafeMutablePointer<sluice_error>?

    static var table: sluice_routing_api {
        unsafe sluice_routing_api(
            begin: begin,
            put: put,
            keep: keep,
            remove: remove,
            note: note,
            unnote: unnote,
            commit: commit,
            abandon: abandon
        )
    }

    /// The instance's publisher, when the caller is on its lane.
    private static func publisher(_ table: Table) throws(PublishRefusal) -> PluginRouting {
        guard let instance = unsafe caller(table) else {
            throw PublishRefusal(status: SLUICE_E_GONE, text: "the instance has stopped")
        }
        guard instance.lane.isCurrent else {
            throw PublishRefusal(
                status: SLUICE_E_THREAD,
                text: "documents are published on the lane"
            )
        }
        return instance.routing
    }

    /// Runs `body`; what it throws is the answer, and fills `failure`.
    private static func answer(
        _ failure: Failure,
        _ table: Table,
        _ body: (PluginRouting) throws(PublishRefusal) -> sluice_status
    ) -> sluice_status {
        do throws(PublishRefusal) {
            return try body(unsafe publisher(table))
        } catch {
            return unsafe PluginError.fill(
                failure,
                error.status,
                error.text,
                pointer: error.pointer
            )
        }
    }

    /// Copies where the parts of a document come from.
    private static func origins(_ list: sluice_list) -> [Origin] {
        unsafe (0..<Int(list.count)).map { index in
            let origin = unsafe list.element(index, empty: sluice_origin())
            return unsafe Origin(
                pointer: origin.pointer.text,
                where: origin.where.text,
                source: origin.source.text
            )
        }
    }

    private static let begin:
        @convention(c) (Table, sluice_span, UInt32, Out, Failure) ->
            sluice_status = { table, revision, flags, out, failure in
                unsafe answer(failure, table) { routing throws(PublishRefusal) in
                    guard let out = unsafe out else {
                        throw PublishRefusal(
                            status: SLUICE_E_INVALID,
                            text: "expected a place for it"
                        )
                    }
                    let isResync = flags & UInt32(SLUICE_TXN_RESYNC) != 0
                    let token = try routing.begin(unsafe revision.text, isResync: isResync)
                    unsafe out.pointee = OpaquePointer(bitPattern: token)
                    return SLUICE_OK
                }
            }

    private static let put:
        @convention(c) (Table, OpaquePointer?, UnsafePointer<sluice_document>?, Failure)
            -> sluice_status = { table, token, document, failure in
                unsafe answer(failure, table) { routing throws(PublishRefusal) in
                    guard let document = unsafe document?.sized(empty: sluice_document()) else {
                        throw PublishRefusal(status: SLUICE_E_INVALID, text: "expected a document")
                    }
                    let text = unsafe DocumentText(
                        kind: document.kind.text,
                        name: document.name.text,
                        place: document.where.text,
                        origins: origins(document.origins),
                        json: document.json.bytes.array
                    )
                    try routing.put(UInt(bitPattern: token), text)
                    return SLUICE_OK
                }
            }

    private static let keep:
        @convention(c) (Table, OpaquePointer?, sluice_span, sluice_span) -> sluice_status = {
            table,
            token,
            kind,
            name in
            unsafe answer(nil, table) { routing throws(PublishRefusal) in
                try routing.keep(UInt(bitPattern: token), unsafe kind.text, unsafe name.text)
                return SLUICE_OK
            }
        }

    private static let remove:
        @convention(c) (Table, OpaquePointer?, sluice_span, sluice_span) -> sluice_status = {
            table,
            token,
            kind,
            name in
            unsafe answer(nil, table) { routing throws(PublishRefusal) in
                try routing.remove(UInt(bitPattern: token), unsafe kind.text, unsafe name.text)
                return SLUICE_OK
            }
        }

    private static let note:
        @convention(c) (
            Table, OpaquePointer?, sluice_span, UnsafePointer<sluice_issue>?, Failure
        ) -> sluice_status = { table, token, key, issue, failure in
            unsafe answer(failure, table) { routing throws(PublishRefusal) in
                guard let issue = unsafe issue?.sized(empty: sluice_issue()) else {
                    throw PublishRefusal(status: SLUICE_E_INVALID, text: "expected an issue")
                }
                let note = unsafe SourceNote(issue)
                try routing.note(UInt(bitPattern: token), unsafe key.text, note)
                return SLUICE_OK
            }
        }

    private static let unnote:
        @convention(c) (Table, OpaquePointer?, sluice_span) -> sluice_status =
            { table, token, key in
                unsafe answer(nil, table) { routing throws(PublishRefusal) in
                    try routing.unnote(UInt(bitPattern: token), unsafe key.text)
                    return SLUICE_OK
                }
            }

    private static let commit:
        @convention(c) (Table, OpaquePointer?, IssueFunction?, CommittedFunction?, Context)
            -> sluice_status = { table, token, issue, committed, context in
                unsafe answer(nil, table) { routing throws(PublishRefusal) in
                    let callbacks = unsafe CommitCallbacks(
                        issue: issue,
                        committed: committed,
                        context: context
                    )
                    try routing.commit(UInt(bitPattern: token), callbacks)
                    return SLUICE_PENDING
                }
            }

    private static let abandon: @convention(c) (Table, OpaquePointer?) -> Void = { table, token in
        _ = unsafe answer(nil, table) { routing throws(PublishRefusal) in
            routing.abandon(UInt(bitPattern: token))
            return SLUICE_OK
        }
    }
}
