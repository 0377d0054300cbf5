internal import SluiceBase
internal import Synchronization

/// What `write` came to.
package enum OutboundWrite: Sendable {
    /// Taken.
    case taken
    /// Taken; wait for `writable` before more.
    case again
    /// Not taken: too much waits (`OutboundLimits.bodyBytesMax`).
    case limit
    /// Not taken: the body has ended, is longer than its content-length, or is not streamed.
    case ended
    /// Not taken: the call is over.
    case gone
}

/// The calls of one plugin instance: its limits, policy, profiles, connections and counters.
///
/// Nothing is shared between two clients but the thread. Every function may be called on any
/// thread, `close` on any but `outbound`.
package final class OutboundClient: Sendable {
    package let name: String
    package let limits: OutboundLimits
    package let policy: AddressPolicy
    /// Whether `http_proxy` and its kin in the environment count.
    package let usesEnvironmentProxy: Bool
    let counters: OutboundCounters
    private let outbound: Outbound
    private let state: Mutex<State>
    private let closed: Latch

    private struct State: ~Copyable {
        var table = CallTable()
        var profiles: [String: TLSProfile] = [:]
        var bearers = BearerFiles()
        var isClosing = false
    }

    /// Profiles of one client.
    package static let profilesMax = 1_024

    init(
        _ outbound: Outbound,
        name: String,
        limits: OutboundLimits,
        policy: AddressPolicy,
        usesEnvironmentProxy: Bool
    ) throws(Errno) {
        self.outbound = outbound
        self.name = name
        self.limits = limits
        self.policy = policy
        self.usesEnvironmentProxy = usesEnvironmentProxy
        counters = try OutboundCounters()
        closed = try Latch()
        state = Mutex(State())
    }

    package var counts: OutboundCounts { counters.counts }

    /// Starts a call; everything in `request` is copied.
    ///
    /// Throws when it is not accepted: then no event follows.
    package func send(
        _ request: OutboundRequest,
        to events: any OutboundEvents
    ) throws(OutboundRefusal) -> UInt64 {
        let call = try accept(request, events)
        counters.add(.calls)
        counters.add(.active)
        outbound.post(call)
        return call.id
    }

    private func accept(
        _ request: OutboundRequest,
        _ events: any OutboundEvents
    ) throws(OutboundRefusal) -> Call {
        let result = state.withLock { state -> Result<Call, OutboundRefusal> in
            do throws(OutboundRefusal) {
                guard !state.isClosing else { throw .closed }
                guard state.table.count < limits.callsMax else {
                    throw .limit("\(limits.callsMax) calls are under way (connections.calls)")
                }
                let prepared = try prepare(request, &state)
                return .success(state.table.insert(self, prepared, events))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func prepare(
        _ request: OutboundRequest,
        _ state: inout State
    ) throws(OutboundRefusal) -> PreparedRequest {
        var profile: TLSProfile?
        if let name = request.profile {
            guard let named = state.profiles[name] else {
                throw .invalid("tls profile \"\(name)\": there is none of this name")
            }
            profile = named
        }
        var token: String?
        if let path = request.bearerFile { token = try state.bearers.token(path) }
        return try PreparedRequest(
            request,
            profile: profile,
            token: token,
            defaults: limits.deadlines
        )
    }

    /// Adds a piece of the body, or raw bytes of an upgrade, which are copied; `isLast` ends it.
    package func write(_ id: UInt64, _ piece: [UInt8], isLast: Bool = false) -> OutboundWrite {
        guard let call = call(id) else { return .gone }
        let (answer, wakes) = call.write(piece, isLast: isLast)
        if wakes { outbound.post(call) }
        return answer
    }

    /// Goes on with a response after `pause`; false when the call is over.
    @discardableResult
    package func resume(_ id: UInt64) -> Bool {
        guard let call = call(id) else { return false }
        if call.resume() { outbound.post(call) }
        return true
    }

    /// Ends a call at once: nothing but `end` comes after this has returned.
    ///
    /// False when it is over.
    @discardableResult
    package func cancel(_ id: UInt64) -> Bool {
        guard let call = call(id) else { return false }
        call.cancel()
        outbound.post(call)
        return true
    }

    /// Makes or replaces a TLS profile; calls under way keep the one they began with.
    package func setProfile(_ name: String, _ profile: TLSProfile) throws(OutboundRefusal) {
        let isFull = state.withLock { state in
            if state.profiles[name] == nil, state.profiles.count >= Self.profilesMax { return true }
            state.profiles[name] = profile
            return false
        }
        if isFull { throw .limit("\(Self.profilesMax) TLS profiles exist") }
    }

    /// Cancels all calls and waits until their ends were delivered; later calls are refused.
    package func close() {
        precondition(!outbound.isCurrent, "a client is not closed on the thread that serves it")
        let isFirst = state.withLock { state in
            defer { state.isClosing = true }
            return !state.isClosing
        }
        if isFirst { outbound.close(self) }
        _ = closed.wait(Clock.never)
    }

    private func call(_ id: UInt64) -> Call? {
        state.withLock { $0.table[id] }
    }
}

/// For the thread `outbound`.
extension OutboundClient {
    /// The calls under way.
    var calls: [Call] { state.withLock { $0.table.all } }

    /// Makes the id of a call stale.
    func forget(_ call: Call) {
        state.withLock { $0.table.remove(call.id) }
        counters.add(.active, -1)
    }

    /// No call is left, and no connection.
    func finishClosing() { closed.open() }
}

/// The calls of a client by id: a slot and its generation, so that a stale id finds nothing.
private struct CallTable: ~Copyable {
    private static let slotBits: UInt64 = 24

    private var slots: [(generation: UInt64, call: Call?)] = []
    private var free: [Int] = []

    var count: Int { slots.count - free.count }
    var all: [Call] { slots.compactMap(\.call) }

    subscript(id: UInt64) -> Call? {
        let slot = Int(id & (1 << Self.slotBits - 1))
        guard slot < slots.count, slots[slot].generation == id >> Self.slotBits else { return nil }
        return slots[slot].call
    }

    mutating func insert(
        _ client: OutboundClient,
        _ request: PreparedRequest,
        _ events: any OutboundEvents
    ) -> Call {
        let slot = free.popLast() ?? slots.count
        if slot == slots.count { slots.append((1, nil)) }
        let id = slots[slot].generation << Self.slotBits | UInt64(slot)
        let call = Call(client, id: id, request, events)
        slots[slot].call = call
        return call
    }

    mutating func remove(_ id: UInt64) {
        precondition(self[id] != nil, "a call is removed once")
        let slot = Int(id & (1 << Self.slotBits - 1))
        slots[slot] = (slots[slot].generation + 1, nil)
        free.append(slot)
    }
}
