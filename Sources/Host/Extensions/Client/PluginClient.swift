internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import SluiceOutbound
internal import Synchronization

/// The outbound calls of one instance: its client, made with its first call, and what each call
/// still owes the plugin.
@safe
final class PluginClient: Sendable {
    /// The thread of all clients; started with the first one, and as long-lived as the process.
    private static let outbound = Result { () throws(Errno) in try Outbound() }

    let lane: Lane
    private let instance: String
    private let terms: OutboundConfiguration
    /// Where relative paths of files start.
    private let directory: String
    private let state = Mutex(State())
    /// Ends that the plugin has not been told.
    private let owedEnds = Cell.permanent()

    private struct State {
        var client: OutboundClient?
        var isClosed = false
        var calls: [UInt64: PluginCall] = [:]
        /// What the files of configured profiles were when they were read.
        var files: [String: [FileIdentity?]] = [:]
    }

    init(_ configuration: PluginConfiguration, lane: Lane, directory: String) {
        self.lane = lane
        self.directory = directory
        instance = configuration.name
        terms = configuration.outbound
    }

    /// Calls whose end the plugin has not been told.
    var owed: Int { Int(owedEnds.add(0)) }

    /// nil when it has made no call.
    var counts: OutboundCounts? { state.withLock { $0.client }?.counts }

    /// [any thread] Starts a call; its id.
    func send(
        _ request: OutboundRequest,
        _ functions: sluice_call_events,
        _ context: UnsafeMutableRawPointer?
    ) throws(OutboundRefusal) -> UInt64 {
        var request = request
        if request.responseBytesMax == nil { request.responseBytesMax = terms.responseBytesMax }
        let client = try client()
        if let name = request.profile { try refresh(name, client) }
        let call = unsafe PluginCall(self, functions, context)
        // Counted first: who ends the instance waits for it.
        owedEnds.add(1)
        let sent = state.withLock { state -> Result<UInt64, OutboundRefusal> in
            do throws(OutboundRefusal) {
                guard !state.isClosed else { throw .closed }
                let id = try client.send(request, to: call)
                state.calls[id] = call
                return .success(id)
            } catch {
                return .failure(error)
            }
        }
        if case .failure = sent { owedEnds.add(-1) }
        return try sent.get()
    }

    /// Adds to the body of a request, on any thread.
    func write(_ id: UInt64, _ bytes: [UInt8], isLast: Bool) -> OutboundWrite {
        known?.write(id, bytes, isLast: isLast) ?? .gone
    }

    /// [any thread] The plugin takes more; false when it was told the end.
    func resume(_ id: UInt64) -> Bool {
        guard let call = state.withLock({ $0.calls[id] }) else { return false }
        call.resume(id)
        return true
    }

    /// [any thread] Nothing but the end is told from now on; false when it was told.
    @discardableResult
    func cancel(_ id: UInt64) -> Bool {
        guard let call = state.withLock({ $0.calls[id] }) else { return false }
        call.cancel()
        _ = known?.cancel(id)
        return true
    }

    /// [lane] There is room for more of a response.
    func `continue`(_ id: UInt64) { _ = known?.resume(id) }

    /// [lane] The plugin was told the end.
    func forget(_ id: UInt64) {
        state.withLock { _ = $0.calls.removeValue(forKey: id) }
        owedEnds.add(-1)
    }

    /// [not `outbound`] Ends all calls; their ends follow on the lane.
    func close() {
        let (client, calls) = state.withLock { state in
            state.isClosed = true
            return (state.client, Array(state.calls.values))
        }
        for call in calls { call.cancel() }
        client?.close()
    }

    private var known: OutboundClient? { state.withLock { $0.client } }
}

/// Profiles.
extension PluginClient {
    /// [any thread] Makes or replaces a profile.
    func setProfile(_ name: String, _ profile: TLSProfile) throws(OutboundRefusal) {
        if profile.isInsecure {
            Log.warn("plugin \(instance): TLS profile \"\(name)\" verifies nothing")
        }
        let client = try client()
        state.withLock { $0.files[name] = [] }
        try client.setProfile(name, profile)
    }

    /// Reads the files of a configured profile when they have changed.
    ///
    /// A profile that the plugin made itself under the name is its own. What cannot be read leaves
    /// the last one in force.
    private func refresh(_ name: String, _ client: OutboundClient) throws(OutboundRefusal) {
        guard let given = terms.profiles.first(where: { $0.name == name }) else { return }
        let paths = [given.authorities, given.certificate, given.key].map { path in
            path.map { Files.path($0, from: directory) }
        }
        let identities = paths.map { path in path.flatMap(FileIdentity.init) }
        let before = state.withLock { $0.files[name] }
        guard before != identities, before != [] else { return }
        do throws(OutboundRefusal) {
            let profile = try TLSProfile(
                authorities: Self.content(paths[0]),
                certificate: Self.content(paths[1]),
                key: Self.content(paths[2]),
                serverName: given.serverName,
                isInsecure: given.isInsecure
            )
            if given.isInsecure, before == nil {
                Log.warn("plugin \(instance): TLS profile \"\(name)\" verifies nothing")
            }
            try client.setProfile(name, profile)
            state.withLock { $0.files[name] = identities }
        } catch {
            guard before != nil else { throw error }
            state.withLock { $0.files[name] = identities }
            Log.warn("plugin \(instance): TLS profile \"\(name)\" stays as it was: \(error)")
        }
    }

    private static let fileBytesMax = 1 << 20

    private static func content(_ path: String?) throws(OutboundRefusal) -> [UInt8] {
        guard let path else { return [] }
        do throws(Files.Failure) {
            return try Files.read(path, bytesMax: fileBytesMax)
        } catch {
            switch error {
            case .system(let reason): throw .invalid("tls profile: \(path): \(reason)")
            case .tooLarge:
                throw .invalid("tls profile: \(path): longer than \(fileBytesMax) bytes")
            }
        }
    }

    private func client() throws(OutboundRefusal) -> OutboundClient {
        let made = state.withLock { state -> Result<OutboundClient, OutboundRefusal> in
            if state.isClosed { return .failure(.closed) }
            if let client = state.client { return .success(client) }
            do throws(Errno) {
                let client = try Self.outbound.get().client(
                    instance,
                    limits: terms.limits,
                    policy: AddressPolicy(
                        allow: terms.allow,
                        deny: terms.deny,
                        allowsUnixSockets: terms.allowsUnixSockets
                    ),
                    usesEnvironmentProxy: terms.usesEnvironmentProxy
                )
                state.client = client
                return .success(client)
            } catch {
                return .failure(.limit("the outbound client cannot be started: \(error)"))
            }
        }
        return try made.get()
    }
}

extension OutboundConfiguration {
    fileprivate var limits: OutboundLimits {
        var limits = OutboundLimits()
        limits.callsMax = callsMax
        limits.connectionsMax = connectionsMax
        limits.connectionsPerHostMax = connectionsPerHostMax
        limits.deadlines = OutboundDeadlines(
            connect: UInt64(connectNanoseconds),
            head: UInt64(headNanoseconds),
            idle: Self.nanoseconds(idleNanoseconds),
            total: Self.nanoseconds(totalNanoseconds)
        )
        return limits
    }

    /// `Int.max` is never.
    private static func nanoseconds(_ value: Int) -> UInt64 {
        value == Int.max ? OutboundDeadlines.never : UInt64(value)
    }
}
