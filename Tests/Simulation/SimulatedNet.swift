import SluiceBase

/// The state of one TCP connection as the simulated kernel sees it.
final class SimulatedSocket {
    let descriptor: Int32
    /// Bytes the host has not received yet.
    var inbound: [UInt8] = []
    /// The peer has ended its stream behind `inbound`.
    var isEnded = false
    /// The peer has reset: what waits is lost.
    var isReset = false
    /// Bytes the host has sent and the peer has not read yet.
    var outbound: [UInt8] = []
    /// The host has ended its sending half, or closed.
    var isFinished = false
    var isClosed = false
    /// Whether a connect on it is answered, and how.
    var connectResult: Int32?

    init(_ descriptor: Int32) { self.descriptor = descriptor }
}

/// An operation that the worker has submitted and that has not completed for good.
struct Operation {
    enum Kind {
        case accept
        case receive
        case send(Bytes)
        case connect
        case timeout(due: UInt64)
    }

    let kind: Kind
    let descriptor: Int32
    let token: UInt64
    var isCancelled = false
}

/// A kernel in memory: sockets, armed operations and virtual time, driven by one seed.
///
/// Each turn completes some of what could complete, in any order; receives are short, sends are
/// partial, armed receives end for no reason, cancellations lose races, buffers run out.
final class SimulatedNet {
    var random: SeededRandom
    let arena: Arena
    var now: UInt64 = 1_000_000_000
    private(set) var sockets: [Int32: SimulatedSocket] = [:]
    private var operations: [Operation] = []
    private(set) var freeBuffers: [Int32]
    private(set) var completions: [Completion] = []
    /// Connections from clients that wait to be accepted.
    var backlog: [SimulatedSocket] = []
    /// Sockets the worker opened, for the origins to answer.
    var opened: [SimulatedSocket] = []
    private var nextDescriptor: Int32 = 100

    init(seed: UInt64, arena: Arena) {
        random = SeededRandom(seed)
        self.arena = arena
        freeBuffers = (0..<Int32(arena.count)).reversed()
    }

    func makeSocket() -> SimulatedSocket {
        nextDescriptor += 1
        let socket = SimulatedSocket(nextDescriptor)
        sockets[nextDescriptor] = socket
        return socket
    }

    func add(_ operation: Operation) { operations.append(operation) }

    func recycle(_ buffer: Int32) {
        precondition(!freeBuffers.contains(buffer), "buffer \(buffer) is given back twice")
        freeBuffers.append(buffer)
    }

    func cancel(where matches: (Operation) -> Bool) {
        for index in operations.indices where matches(operations[index]) {
            operations[index].isCancelled = true
        }
    }

    func finish(_ descriptor: Int32) { sockets[descriptor]?.isFinished = true }

    func close(_ descriptor: Int32) {
        precondition(
            !operations.contains { $0.descriptor == descriptor && !isTimeout($0) },
            "descriptor \(descriptor) is closed while operations on it are in flight"
        )
        guard let socket = sockets.removeValue(forKey: descriptor) else {
            preconditionFailure("descriptor \(descriptor) is closed twice")
        }
        socket.isFinished = true
        socket.isClosed = true
    }

    private func isTimeout(_ operation: Operation) -> Bool {
        if case .timeout = operation.kind { true } else { false }
    }

    /// Completes some operations; advances time when nothing else can happen.
    func turn() {
        completions = []
        var ready = operations.indices.filter { isReady(operations[$0]) }
        if ready.isEmpty { advance() }
        ready = operations.indices.filter { isReady(operations[$0]) }
        random.shuffle(&ready)
        let count = min(ready.count, 1 + random.below(6))
        for index in ready.prefix(count).sorted(by: >) { complete(index) }
    }

    /// Time passes to the next timeout, in large steps now and then.
    private func advance() {
        let due = operations.compactMap { operation -> UInt64? in
            if case .timeout(let due) = operation.kind { due } else { nil }
        }.min()
        if let due { now = max(now, due) }
    }

    private func isReady(_ operation: Operation) -> Bool {
        if operation.isCancelled { return true }
        let socket = sockets[operation.descriptor]
        switch operation.kind {
        case .accept: return !backlog.isEmpty
        case .receive:
            guard let socket else { return false }
            return !socket.inbound.isEmpty || socket.isEnded || socket.isReset
        case .send: return true
        case .connect: return socket?.connectResult != nil
        case .timeout(let due): return due <= now
        }
    }

    private func complete(_ index: Int) {
        let operation = operations[index]
        if operation.isCancelled, random.below(3) > 0 {
            operations.remove(at: index)
            answer(operation, -125)
            return
        }
        switch operation.kind {
        case .accept: accept(index)
        case .receive: receive(index)
        case .send(let bytes): send(index, bytes)
        case .connect:
            operations.remove(at: index)
            answer(operation, sockets[operation.descriptor]?.connectResult ?? -125)
        case .timeout:
            operations.remove(at: index)
            answer(operation, -62)
        }
    }

    private func accept(_ index: Int) {
        let operation = operations[index]
        guard !backlog.isEmpty else {
            operations.remove(at: index)
            return answer(operation, -125)
        }
        let socket = backlog.removeFirst()
        answer(operation, socket.descriptor, more: keepArmed(index))
    }

    private func receive(_ index: Int) {
        let operation = operations[index]
        guard let socket = sockets[operation.descriptor], !socket.isReset else {
            operations.remove(at: index)
            return answer(operation, -104)
        }
        if socket.inbound.isEmpty {
            operations.remove(at: index)
            return answer(operation, socket.isEnded ? 0 : -125)
        }
        guard let buffer = freeBuffers.popLast() else {
            operations.remove(at: index)
            return answer(operation, -105)
        }
        let whole = min(socket.inbound.count, arena.size)
        let count = random.below(3) == 0 ? whole : 1 + random.below(whole)
        var writer = arena.writer(Int(buffer))
        Array(socket.inbound.prefix(count)).withBytes { writer.append($0) }
        socket.inbound.removeFirst(count)
        answer(operation, Int32(count), buffer: buffer, more: keepArmed(index))
    }

    private func send(_ index: Int, _ bytes: Bytes) {
        let operation = operations.remove(at: index)
        guard let socket = sockets[operation.descriptor], !socket.isReset else {
            return answer(operation, -32)
        }
        let sent = random.below(3) == 0 ? 1 + random.below(bytes.count) : bytes.count
        socket.outbound += bytes.prefix(sent).array
        answer(operation, Int32(sent))
    }

    /// Multishot operations end for no reason now and then.
    private func keepArmed(_ index: Int) -> Bool {
        if operations[index].isCancelled || random.below(12) == 0 {
            operations.remove(at: index)
            return false
        }
        return true
    }

    private func answer(
        _ operation: Operation,
        _ result: Int32,
        buffer: Int32 = -1,
        more: Bool = false
    ) {
        completions.append(
            Completion(token: operation.token, result: result, buffer: buffer, more: more)
        )
    }
}
