internal import SluiceABI
public import SluiceKit

/// The calls of a host into one instance.
@safe
final class InstanceCalls {
    let host: SimulatedHost
    let ops: sluice_plugin_ops
    fileprivate(set) var context: UnsafeMutableRawPointer?
    let service: sluice_service_ops?
    let source: sluice_source_ops?
    let admin: sluice_admin_ops?
    let filter: sluice_filter_ops?

    init(_ host: SimulatedHost, _ context: UnsafeMutableRawPointer) {
        self.host = host
        ops = lifeCycle()
        unsafe self.context = unsafe context
        unsafe service =
            ops.role(context, SLUICE_ROLE_SERVICE)?
            .assumingMemoryBound(to: sluice_service_ops.self).pointee
        unsafe source =
            ops.role(context, SLUICE_ROLE_SOURCE)?
            .assumingMemoryBound(to: sluice_source_ops.self).pointee
        unsafe filter =
            ops.role(context, SLUICE_ROLE_FILTER)?
            .assumingMemoryBound(to: sluice_filter_ops.self).pointee
        unsafe admin =
            ops.role(context, SLUICE_ROLE_ADMIN)?
            .assumingMemoryBound(to: sluice_admin_ops.self).pointee
    }
}

extension SimulatedHost {
    /// Creates an instance of a plugin; throws what its `init` throws.
    ///
    /// One instance a host.
    public func make<Made: Plugin>(
        _ type: Made.Type,
        name: String = "simulated",
        configuration: String = "{}",
        configurationFolder: String = "/etc/sluice",
        stateFolder: String = "",
        isCheckOnly: Bool = false
    ) throws(PluginError) -> SimulatedInstance<Made> {
        guard let table = unsafe tables.host else {
            throw PluginError(.internal, "the simulated host has no table")
        }
        let instance = Instance(
            name: name,
            configuration: configuration,
            configurationFolder: configurationFolder,
            stateFolder: stateFolder,
            isCheckOnly: isCheckOnly
        )
        do throws(PluginError) {
            let context = try makeInstance(type, table, instance)
            let calls = unsafe InstanceCalls(self, context)
            return SimulatedInstance(calls)
        } catch {
            makeFinalCalls()
            throw error
        }
    }
}

/// An instance of a plugin in a simulated host.
///
/// Lane only.
@safe
public final class SimulatedInstance<Made: Plugin> {
    /// The host.
    public let host: SimulatedHost
    private let calls: InstanceCalls

    fileprivate init(_ calls: InstanceCalls) {
        self.calls = calls
        host = calls.host
    }

    deinit {
        if unsafe calls.context != nil {
            host.makeFinalCalls()
            destroy()
        }
    }

    /// The plugin itself; nil after `destroy`.
    ///
    /// Its members are reached with `assumeIsolated`.
    public var plugin: Made? {
        unsafe calls.context.flatMap { pluginBehind($0) as? Made }
    }

    /// Looks at the plugin, or calls it, on the lane.
    @discardableResult
    public func with<Answer: Sendable>(
        _ body: (isolated Made) throws -> Answer
    ) throws -> Answer {
        guard let plugin else { throw PluginError(.gone, "the instance was destroyed") }
        return try plugin.assumeIsolated(body)
    }

    /// Whether two of it must not run at one time.
    public var isExclusive: Bool {
        unsafe calls.ops.traits(calls.context) & SLUICE_TRAIT_EXCLUSIVE != 0
    }

    /// Whether it plays a role, by the header's id.
    public func plays(_ role: String) -> Bool {
        unsafe calls.ops.role(calls.context, role) != nil
    }

    /// Begins work.
    public func start() throws(PluginError) {
        _ = unsafe try reporting { report in unsafe calls.ops.start(calls.context, report) }
        host.run()
    }

    /// Brings a new configuration.
    public func reconfigure(_ configuration: String) throws(PluginError) {
        _ = unsafe try reporting { report in
            unsafe withSpans([configuration]) { spans in
                unsafe calls.ops.reconfigure(calls.context, spans[0], report)
            }
        }
        host.run()
    }

    /// The mounts of a service.
    public func mounts() throws(PluginError) -> [SimulatedMount] {
        var list = unsafe sluice_list()
        _ = unsafe try reporting { report in
            unsafe calls.service?.mounts(calls.context, &list, report) ?? SLUICE_E_UNSUPPORTED
        }
        return unsafe (0..<Int(list.count)).map { index in
            unsafe SimulatedMount(
                (list.items + index * Int(list.stride))
                    .assumingMemoryBound(to: sluice_mount.self).pointee
            )
        }
    }

    /// Sends a request; what the plugin answers is in the result, now or later.
    @discardableResult
    public func request(
        _ method: String,
        _ path: String,
        headers: Headers = [:],
        body: [UInt8] = []
    ) throws(PluginError) -> SimulatedExchange {
        var request = SimulatedRequest(method, path, headers: headers)
        request.body = body
        return try self.request(request)
    }

    /// Sends a request, described in full.
    ///
    /// The answer's `room` is that of `SimulatedExchange`.
    @discardableResult
    public func request(
        _ request: SimulatedRequest,
        room: Int = .max
    ) throws(PluginError) -> SimulatedExchange {
        var request = request
        // As the kit tells the host's tags.
        if request.isStreamed { request.tag |= 1 << 30 }
        if request.isInline { request.tag |= 1 << 31 }
        let exchange = SimulatedExchange(calls)
        exchange.room = room
        try exchange.begin(request)
        return exchange
    }

    /// Makes a route's configuration in a filter.
    public func route(_ configuration: String = "{}") throws(PluginError) -> SimulatedRoute {
        guard let filter = calls.filter else {
            throw PluginError(.unsupported, "the plugin is no filter")
        }
        return try unsafe SimulatedRoute(filter, calls.context, configuration)
    }

    /// Asks a source to publish everything again.
    public func resync() throws(PluginError) {
        _ = unsafe try reporting { report in
            unsafe calls.source?.resync(calls.context, report) ?? SLUICE_E_UNSUPPORTED
        }
        host.run()
    }

    /// Tells a source that a generation routes.
    public func installed(_ generation: UInt64, isSettled: Bool) {
        unsafe calls.source?.installed(calls.context, generation, isSettled ? 1 : 0)
        host.run()
    }

    /// Calls an operation with arguments (the text of a JSON object); returns the members of its
    /// answer as JSON text without braces, or throws what it failed with.
    public func operate(_ name: String, _ arguments: String = "{}") throws(PluginError) -> String {
        let operations = unsafe operationList()
        guard let operation = unsafe operations.first(where: { unsafe String($0.name) == name })
        else { throw PluginError(.notFound, "there is no operation \(name)") }
        let function = unsafe unsafeBitCast(operation.fn, to: sluice_object_fn.self)
        let reply = ReplyText()
        let status = unsafe withSpans([name, arguments]) { spans in
            unsafe function(calls.context, spans[0], spans[1], handle(reply))
        }
        if status < 0 {
            throw PluginError(Status(rawValue: status), reply.message ?? "no message")
        }
        return reply.text
    }

    /// The declared operations, as "name i(sIJ) parameter,parameter".
    public var operations: [String] {
        unsafe operationList().map { operation in
            let parameters = unsafe (0..<Int(operation.params.count)).map { index in
                unsafe String(
                    (operation.params.items + index * Int(operation.params.stride))
                        .assumingMemoryBound(to: sluice_param.self).pointee.name
                )
            }
            let signature = unsafe String(cString: operation.signature)
            return unsafe "\(String(operation.name)) \(signature) "
                + parameters.joined(separator: ",")
        }
    }

    /// The state that the plugin shows, as members of a JSON object without braces.
    public func dump() -> String {
        let reply = ReplyText()
        _ = unsafe calls.admin?.dump(calls.context, handle(reply))
        return reply.text
    }

    /// No new work comes.
    ///
    /// Returns whether it is idle; else `host.isDrained` says so later.
    @discardableResult
    public func drain(within duration: Duration = .seconds(30)) -> Bool {
        let status = unsafe calls.ops.drain(calls.context, deadline(duration))
        host.run()
        return status == SLUICE_OK
    }

    /// Ends all work.
    ///
    /// Returns whether it has ended at once; else `host.isStopped` says so later.
    @discardableResult
    public func stop(within duration: Duration = .seconds(30)) -> Bool {
        let status = unsafe calls.ops.stop(calls.context, deadline(duration))
        host.run()
        if status == SLUICE_OK { host.isStopped = true }
        return status == SLUICE_OK
    }

    /// What the host still has comes back, and the instance goes.
    public func destroy() {
        guard let context = unsafe calls.context else { return }
        host.makeFinalCalls()
        unsafe calls.context = nil
        unsafe calls.ops.destroy(context)
    }

    private func deadline(_ duration: Duration) -> UInt64 {
        host.now + UInt64(duration / .nanoseconds(1))
    }

    private func handle(_ reply: ReplyText) -> OpaquePointer {
        unsafe OpaquePointer(Unmanaged.passUnretained(reply).toOpaque())
    }

    private func operationList() -> [sluice_op] {
        var list = unsafe sluice_list()
        guard let admin = calls.admin,
            unsafe admin.operations(calls.context, &list) == SLUICE_OK
        else { return unsafe [] }
        return unsafe (0..<Int(list.count)).map { index in
            unsafe (list.items + index * Int(list.stride))
                .assumingMemoryBound(to: sluice_op.self).pointee
        }
    }
}
