package import SluiceBase

/// A kernel in memory: sockets, operations and virtual time, driven by one seed.
///
/// It holds the contract of `Port` and nothing beyond it: what the contract leaves open is drawn
/// from the seed, as far as `hostility` says. What the contract forbids the worker ends the run.
/// Time passes only when nothing else can happen.
package final class SimulatedNet {
    package var random: SeededRandom
    package let arena: Arena
    /// Buffers below this number are those of requests.
    package let reserved: Int
    package let hostility: Hostility
    package private(set) var now: UInt64 = 1_000_000_000
    /// Turns of the worker so far.
    package private(set) var turns: UInt64 = 0
    /// Peers have something to do: time stands still.
    package var holdsTime = false
    /// Sockets that the worker connects, for the origins to answer; they take them out.
    package var connecting: [SimulatedSocket] = []
    /// Descriptors at most.
    package var descriptorsMax = 4_096
    /// Descriptors that were made readable and are watched for it.
    package var woken: Set<Int32> = []
    /// Requests that may not be sent again and were begun on a connection that had ended.
    package private(set) var sentInVain: [String] = []
    /// A digest of everything that happened: equal seeds make equal ones.
    package private(set) var trace: UInt64 = 0xcbf2_9ce4_8422_2325

    package private(set) var sockets: [Int32: SimulatedSocket] = [:]
    package private(set) var operations: [SimulatedOperation] = []
    package private(set) var freeBuffers: [Int32]
    package private(set) var lentBuffers: Set<Int32> = []
    /// Of the lent ones those that the worker has been told of.
    private var shownBuffers: Set<Int32> = []
    package private(set) var completions: [Completion] = []
    private var posted: [Posted] = []
    /// Sockets whose peers do not know yet what the host did.
    private var telling: [SimulatedSocket] = []
    private var clients: UInt16 = 0

    private struct Posted {
        let operation: SimulatedOperation?
        let completion: Completion
        let due: UInt64

        /// It waits for the completion of another operation.
        var isPatient: Bool { operation?.kind.isPatient ?? false }
    }

    /// The lowest number of a simulated descriptor: above every real one.
    package static let firstNumber: Int32 = 1 << 20
    package static let sendBufferMax = 256 * 1_024
    package static let tightSendBufferMax = 700
    /// Turns by which news may be late.
    package static let turnsLateMax = 12

    package init(seed: UInt64, arena: Arena, reserved: Int = 0, hostility: Hostility = []) {
        random = SeededRandom(seed)
        self.arena = arena
        self.reserved = reserved
        self.hostility = hostility
        freeBuffers = (0..<Int32(arena.count)).reversed()
    }

    /// Folds a fact into the trace.
    private func note(_ facts: UInt64...) {
        for fact in facts { trace = (trace ^ fact) &* 0x0000_0100_0000_01b3 }
    }
}

// Sockets and their numbers.
extension SimulatedNet {
    /// A listening socket; its descriptor.
    package func listen() -> Int32 {
        guard let number = takeNumber() else { preconditionFailure("a number to listen on") }
        open(
            SimulatedSocket(
                peer: .none,
                local: PeerAddress(v4: 0x0a00_0001, port: 80),
                sendBufferMax: 0,
                isListening: true
            ),
            number
        )
        return number
    }

    /// A client connects to a listening socket; its end of the connection.
    package func arrive(on listener: Int32) -> SimulatedSocket {
        clients &+= 1
        let client = SimulatedSocket(
            peer: PeerAddress(v4: 0x0a01_0000 + UInt32(clients), port: 40_000),
            local: PeerAddress(v4: 0x0a00_0001, port: 80),
            sendBufferMax: drawSendBuffer()
        )
        client.resetsLateWrites = hostility.contains(.unreadResets)
        if let socket = sockets[listener], socket.isListening {
            socket.backlog.append(client)
        } else {
            client.reset()
        }
        return client
    }

    package func drawSendBuffer() -> Int {
        hostility.contains(.tightSockets)
            ? 1 + random.below(Self.tightSendBufferMax) : Self.sendBufferMax
    }

    /// The lowest free number, as the kernel gives them; nil when there is none.
    package func takeNumber() -> Int32? {
        guard sockets.count < descriptorsMax else { return nil }
        var number = Self.firstNumber
        while sockets[number] != nil { number += 1 }
        return number
    }

    package func open(_ socket: SimulatedSocket, _ number: Int32) {
        precondition(sockets[number] == nil, "a number that is free")
        socket.take(number)
        sockets[number] = socket
        note(1, UInt64(number))
    }

    /// The socket of a number that is open.
    package func socket(_ descriptor: Int32) -> SimulatedSocket {
        guard let socket = sockets[descriptor] else {
            preconditionFailure("descriptor \(descriptor) is not open")
        }
        return socket
    }

    /// A socket to be connected; -1 when descriptors run out.
    package func openSocket(to address: PeerAddress) -> Int32 {
        if hostility.contains(.descriptorsRunOut), random.oneIn(20) { return -1 }
        guard let number = takeNumber() else { return -1 }
        let local = PeerAddress(v4: 0x0a00_0001, port: 50_000)
        open(
            SimulatedSocket(peer: address, local: local, sendBufferMax: drawSendBuffer()),
            number
        )
        return number
    }

    /// The next of a listening socket's connections, or -1.
    package func acceptWaiting(_ descriptor: Int32) -> Int32 {
        let listener = socket(descriptor)
        precondition(underWay(descriptor).isEmpty, "an accept is under way")
        guard !listener.backlog.isEmpty, let number = takeNumber() else { return -1 }
        open(listener.backlog.removeFirst(), number)
        return number
    }

    package func finish(_ descriptor: Int32) {
        let socket = socket(descriptor)
        precondition(
            !underWay(descriptor).contains { !$0.kind.isReading },
            "descriptor \(descriptor) is finished while a send is under way"
        )
        socket.finish(seen: seen())
        telling.append(socket)
        note(2, UInt64(descriptor))
    }

    package func sendAtOnce(_ bytes: Bytes, on descriptor: Int32) {
        let socket = socket(descriptor)
        precondition(
            !underWay(descriptor).contains { !$0.kind.isReading },
            "bytes are sent at once on \(descriptor) while a send is under way"
        )
        precondition(!socket.isFinished, "nothing is sent behind the end of a stream")
        let room = max(0, socket.sendBufferMax - socket.outbound.count)
        socket.send(bytes.prefix(min(room, bytes.count)).array[...])
    }

    package func close(_ descriptor: Int32, resets: Bool) {
        let socket = socket(descriptor)
        precondition(
            underWay(descriptor).isEmpty,
            "descriptor \(descriptor) is closed while operations that name it are under way"
        )
        sockets[descriptor] = nil
        let isUnread = hostility.contains(.unreadResets) && !socket.inbound.isEmpty
        let kept = resets || isUnread ? random.below(socket.outbound.count + 1) : nil
        socket.close(resetKeeping: kept, seen: seen())
        telling.append(socket)
        note(3, UInt64(descriptor), resets ? 1 : 0)
    }

    private func underWay(_ descriptor: Int32) -> [SimulatedOperation] {
        operations.filter { $0.descriptor == descriptor && $0.kind.namesDescriptor }
    }

    private func seen() -> UInt64 {
        hostility.contains(.lateEnds)
            ? turns + UInt64(random.below(Self.turnsLateMax)) : turns
    }
}

// Operations: submitted, stepped, posted, delivered.
extension SimulatedNet {
    package func submit(_ operation: SimulatedOperation) {
        precondition(
            !operations.contains { $0.token == operation.token },
            "two operations with token \(operation.token) are under way"
        )
        if operation.kind.namesDescriptor {
            if case .watch = operation.kind {} else { _ = socket(operation.descriptor) }
            precondition(
                !underWay(operation.descriptor).contains {
                    $0.kind.isReading == operation.kind.isReading
                },
                "two operations of one side of descriptor \(operation.descriptor)"
            )
        } else {
            precondition(operations.allSatisfy(\.kind.namesDescriptor), "two timeouts at a time")
        }
        if case .send(let gather) = operation.kind { judge(gather, on: operation.descriptor) }
        operations.append(operation)
        note(4, operation.token)
    }

    /// A POST that begins on a connection that has served before must find it as it was left.
    private func judge(_ gather: Gather, on descriptor: Int32) {
        let socket = socket(descriptor)
        let isAgain = socket.wasRefused
        socket.wasRefused = false
        guard socket.hasServed, !isAgain, !socket.isQuiet, gather[0].hasPrefix("POST ") else {
            return
        }
        let line = gather[0].array.prefix { $0 != 0x0d }
        sentInVain.append("sent in vain: \(String(decoding: line, as: UTF8.self))")
    }

    package func cancel(_ target: UInt64, _ token: UInt64) {
        note(5, target)
        let found = operations.first { $0.token == target && !$0.isDone }
        if let found {
            found.isCancelled = true
        } else {
            let completion = Completion(token: token, result: SimulatedErrno.noSuchOperation)
            posted.append(Posted(operation: nil, completion: completion, due: turns + 1))
        }
    }

    /// One look at the kernel: some of what can happen happens, in any order.
    package func turn() {
        turns += 1
        tell()
        let hasWorked = work()
        deliver()
        guard !hasWorked, completions.isEmpty, posted.allSatisfy(\.isPatient), telling.isEmpty,
            !holdsTime
        else { return }
        guard !operations.contains(where: isReady) else { return }
        advanceTime()
        _ = work()
        deliver()
    }

    private func tell() { telling.removeAll { !$0.tell(turns) } }

    /// Steps some operations; whether there was one.
    private func work() -> Bool {
        var ready = operations.indices.filter { isReady(operations[$0]) }
        random.shuffle(&ready)
        let chosen = ready.prefix(1 + random.below(6)).map { operations[$0] }
        for operation in chosen { step(operation) }
        precondition(
            freeBuffers.count + lentBuffers.count == arena.count,
            "buffers that are free and lent are all"
        )
        return !chosen.isEmpty
    }

    private func advanceTime() {
        let due = operations.compactMap { operation -> UInt64? in
            if case .timeout(let due) = operation.kind { due } else { nil }
        }
        now = max(now, due.min() ?? now)
    }

    /// Makes a completion; the last one unless there is `more`.
    package func post(
        _ operation: SimulatedOperation,
        _ result: Int32,
        buffer: Int32 = -1,
        more: Bool = false
    ) {
        precondition(!operation.isDone, "an operation completes for good once")
        operation.isDone = !more
        let isLate = hostility.contains(.lateCompletions) && random.oneIn(2)
        let delay = isLate ? random.below(Self.turnsLateMax) : 0
        posted.append(
            Posted(
                operation: operation,
                completion: Completion(
                    token: operation.token,
                    result: result,
                    buffer: buffer,
                    more: more
                ),
                due: turns + UInt64(delay)
            )
        )
    }

    /// Shows the worker what is due, in any order; what one operation made stays in order.
    private func deliver() {
        var held: Set<UInt64> = []
        var due: [Posted] = []
        var rest: [Posted] = []
        for entry in posted {
            if entry.due > turns { held.insert(entry.completion.token) }
            if held.contains(entry.completion.token) {
                rest.append(entry)
            } else {
                due.append(entry)
            }
        }
        guard !due.allSatisfy(\.isPatient) else { return }
        posted = rest
        var order = Array(due.indices)
        random.shuffle(&order)
        var queues = Dictionary(grouping: due, by: \.completion.token)
        for place in order {
            guard let entry = queues[due[place].completion.token]?.removeFirst() else { continue }
            show(entry)
        }
    }

    private func show(_ entry: Posted) {
        let completion = entry.completion
        completions.append(completion)
        if completion.buffer >= 0 { shownBuffers.insert(completion.buffer) }
        if !completion.more { operations.removeAll { $0 === entry.operation } }
        note(
            completion.token,
            UInt64(bitPattern: Int64(completion.result)),
            UInt64(bitPattern: Int64(completion.buffer)),
            completion.more ? 1 : 0
        )
    }

    package func advance(_ count: Int) { completions.removeFirst(count) }
}

// Buffers: free, lent to a completion on its way, or lent to the worker.
extension SimulatedNet {
    package func takeBuffer(from group: ReceiveGroup) -> Int32? {
        let isOwn = { (buffer: Int32) in
            self.reserved == 0 || (Int(buffer) < self.reserved) == (group != .content)
        }
        guard let place = freeBuffers.lastIndex(where: isOwn) else { return nil }
        let buffer = freeBuffers.remove(at: place)
        lentBuffers.insert(buffer)
        return buffer
    }

    package func recycle(_ buffer: Int32) {
        precondition(
            lentBuffers.contains(buffer) && shownBuffers.contains(buffer),
            "buffer \(buffer) is given back by somebody who has not got it"
        )
        lentBuffers.remove(buffer)
        shownBuffers.remove(buffer)
        freeBuffers.append(buffer)
        note(6, UInt64(buffer))
    }
}
