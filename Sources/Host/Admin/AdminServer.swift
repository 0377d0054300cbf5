internal import Glibc
package import SluiceBase
package import SluiceConfig
internal import SluiceHTTP

/// The admin API: a small HTTP/1.1 server with a poll loop on the control thread.
///
/// Everything is bounded: connections, the length of a request and the time without progress.
/// One turn never waits longer than its argument says, so the control thread can do more than this.
package struct AdminServer: ~Copyable {
    private let listener: Int32
    private let gate: AdminGuard
    private let limits: Limits
    private let state: AdminState
    /// Woken when an answer has come that a connection waits for.
    private let wake: Inbox
    private var connections: [AdminConnection] = []
    private var reserve = DescriptorReserve()
    private var poller = Poller()
    private var head: RequestHead
    private var date = DateLine()
    /// When accepting is tried again after the kernel had no descriptor left.
    private var acceptsFrom: UInt64 = 0
    /// Whether the log says that accepting fails.
    private var hasWarned = false

    /// How many connections the kernel may queue for us.
    private static let backlog = 64
    private static let acceptPauseNanoseconds = 100 * Clock.nanosecondsPerMillisecond
    /// How long a connection is left its descriptor while others wait for one.
    private static let patienceNanoseconds = 500 * millisecond

    /// Listens; throws the error of the system call that failed.
    package init(
        address: SocketAddress,
        limits: Limits,
        state: AdminState
    ) throws(Errno) {
        let wake = try Inbox()
        let listener = try Self.listen(address)
        self.wake = wake
        self.listener = listener
        gate = AdminGuard(
            address: SocketAddress(address: address.address, port: StreamSocket.port(of: listener))
        )
        self.limits = limits
        self.state = state
        head = RequestHead(
            fieldsMax: AdminRequest.fieldsMax,
            lineMax: limits.adminRequestBytesMax
        )
    }

    deinit {
        for connection in connections { StreamSocket.close(connection.descriptor) }
        StreamSocket.close(listener)
    }

    /// Where it listens; the port is the real one when 0 was asked for.
    package var address: SocketAddress { gate.address }

    private static func listen(_ address: SocketAddress) throws(Errno) -> Int32 {
        if address.address.isIPv4 {
            return try StreamSocket.listen(
                ipv4: address.address.ipv4,
                port: address.port,
                backlog: backlog
            )
        }
        return try StreamSocket.listen(
            ipv6: address.address.bytes,
            port: address.port,
            backlog: backlog
        )
    }

    /// Waits for something to do, at most until `deadline`, and does it.
    ///
    /// Answers which of the `descriptors`, which belong to the caller, may be read.
    package mutating func turn(descriptors: [Int32], until deadline: UInt64 = Clock.never) -> [Bool]
    {
        poller.removeAll()
        let first = descriptors.map { poller.add($0, reads: true, writes: false) }
        let woken = poller.add(wake.wakeDescriptor, reads: true, writes: false)
        let accepting = poller.add(listener, reads: Clock.now() >= acceptsFrom, writes: false)
        for connection in connections {
            let isFull = connection.received.count > limits.adminRequestBytesMax
            poller.add(
                connection.descriptor,
                reads: !connection.waitsToSend && !isFull && connection.late == nil,
                writes: connection.waitsToSend
            )
        }
        poller.wait(milliseconds: wait(until: deadline))
        if poller.canRead(woken) { wake.clearWake() }
        serve(firstPlace: accepting + 1, now: Clock.now())
        reserve.refill()
        if poller.canRead(accepting) { admit(now: Clock.now()) }
        return first.map { poller.canRead($0) }
    }

    /// Milliseconds until the nearest deadline, rounded up; -1 when there is none.
    private func wait(until deadline: UInt64) -> Int32 {
        let now = Clock.now()
        var nearest = connections.reduce(deadline) { min($0, $1.deadline) }
        if acceptsFrom > now { nearest = min(nearest, acceptsFrom) }
        return Clock.milliseconds(until: nearest, from: now)
    }

    private mutating func serve(firstPlace: Int, now: UInt64) {
        var kept: [AdminConnection] = []
        for (index, connection) in connections.enumerated() {
            var connection = connection
            let place = firstPlace + index
            if step(&connection, place, now) {
                kept.append(connection)
            } else {
                StreamSocket.close(connection.descriptor)
            }
        }
        connections = kept
    }

    /// Moves one connection on; whether it stays.
    private mutating func step(
        _ connection: inout AdminConnection,
        _ place: Int,
        _ now: UInt64
    ) -> Bool {
        if let late = connection.late {
            guard !poller.hasFailed(place) else { return false }
            guard let answer = late.answer(at: now) else { return true }
            queue(answer, on: &connection, now)
            guard connection.send(now: now) else { return false }
            return answerWaiting(&connection, now)
        }
        guard now < connection.deadline else { return false }
        if connection.waitsToSend {
            if poller.canWrite(place), !connection.send(now: now) { return false }
        } else {
            guard poller.canRead(place) else { return true }
            guard connection.receive(bytesMax: limits.adminRequestBytesMax) else { return false }
        }
        return answerWaiting(&connection, now)
    }

    /// Answers the requests that have come whole, one after the other.
    private mutating func answerWaiting(
        _ connection: inout AdminConnection,
        _ now: UInt64
    ) -> Bool {
        while !connection.waitsToSend, !connection.isLast, !connection.received.isEmpty {
            guard answerOne(&connection, now), connection.late == nil else { break }
            guard connection.send(now: now) else { return false }
        }
        return !connection.isDone
    }

    /// Whether a request was there to answer.
    private mutating func answerOne(_ connection: inout AdminConnection, _ now: UInt64) -> Bool {
        date.update(unixSecond: Int64(ProcessFacts.wallSeconds()))
        let reading = read(connection.received)
        switch reading {
        case .partial:
            return false
        case .refused(let status, let text):
            let answer = AdminAnswer.text(status, text)
            connection.queue(
                answer.bytes(isHead: false, keepsAlive: false, date: date),
                isLast: true,
                now: now
            )
        case .whole(let request, let length):
            connection.received.removeFirst(length)
            connection.isHead = request.method == "HEAD"
            connection.keepsAlive = request.keepsAlive
            let refusal = gate.refusal(of: request)
            switch refusal.map(PageAnswer.now) ?? Router.answer(request, state) {
            case .now(let answer): queue(answer, on: &connection, now)
            case .later(let late):
                late.wake(wake)
                connection.wait(for: late)
                // It may have come before there was anybody to wake.
                if let answer = late.answer(at: now) { queue(answer, on: &connection, now) }
            }
        }
        return true
    }

    /// Queues the answer to the request that was read last.
    private mutating func queue(
        _ answer: AdminAnswer,
        on connection: inout AdminConnection,
        _ now: UInt64
    ) {
        // While descriptors are short, a connection holds its own no longer than it must.
        let keepsAlive = connection.keepsAlive && reserve.isFull
        date.update(unixSecond: Int64(ProcessFacts.wallSeconds()))
        connection.queue(
            answer.bytes(isHead: connection.isHead, keepsAlive: keepsAlive, date: date),
            isLast: !keepsAlive,
            now: now
        )
    }

    private mutating func read(_ received: [UInt8]) -> AdminRequest.Reading {
        var reading = AdminRequest.Reading.partial
        received.withBytes { bytes in
            reading = AdminRequest.read(bytes, with: &head, bytesMax: limits.adminRequestBytesMax)
        }
        return reading
    }

    /// Takes the connections that wait; beyond the limit they are closed at once.
    private mutating func admit(now: UInt64) {
        do throws(Errno) {
            while let descriptor = try accept(now: now) {
                guard connections.count < limits.adminConnectionsMax else {
                    StreamSocket.close(descriptor)
                    continue
                }
                hasWarned = false
                connections.append(
                    AdminConnection(
                        descriptor: descriptor,
                        now: now,
                        idleNanoseconds: limits.adminIdleNanoseconds
                    )
                )
            }
        } catch {
            acceptsFrom = now + Self.acceptPauseNanoseconds
            guard !hasWarned else { return }
            hasWarned = true
            Log.warn("the admin API cannot accept a connection", "error", error.description)
        }
    }

    /// The next connection, at the cost of a descriptor of the reserve where no other is left, or
    /// else of the connection that has waited longest.
    private mutating func accept(now: UInt64) throws(Errno) -> Int32? {
        while true {
            do throws(Errno) {
                return try StreamSocket.accept(listener)
            } catch {
                let isShort = [EMFILE, ENFILE].contains(error.code)
                guard isShort, reserve.give() || closeOldest(now: now) else { throw error }
            }
        }
    }

    /// Closes the connection that has made no progress for longest; whether one was slow enough.
    private mutating func closeOldest(now: UInt64) -> Bool {
        let oldest = connections.indices.min {
            connections[$0].deadline < connections[$1].deadline
        }
        let slow = Clock.deadline(
            now,
            after: limits.adminIdleNanoseconds - Self.patienceNanoseconds
        )
        guard let oldest, connections[oldest].deadline <= slow else { return false }
        StreamSocket.close(connections.remove(at: oldest).descriptor)
        return true
    }
}

/// One connection to the admin API: what has come, what must go, and until when.
struct AdminConnection {
    let descriptor: Int32
    /// Bytes that no request has taken yet.
    var received: [UInt8] = []
    /// What the peer still has to get.
    private(set) var unsent: ArraySlice<UInt8> = []
    /// No further request is read once what is unsent has gone.
    private(set) var isLast = false
    /// The peer will send nothing more.
    private(set) var hasEnded = false
    /// The answer that the request waits for.
    private(set) var late: LateAnswer?
    /// How the request that was read last is to be answered.
    var isHead = false
    var keepsAlive = false
    /// When it is closed if nothing has come of it, monotonic nanoseconds.
    private(set) var deadline: UInt64
    private let idleNanoseconds: Int

    init(descriptor: Int32, now: UInt64, idleNanoseconds: Int) {
        self.descriptor = descriptor
        self.idleNanoseconds = idleNanoseconds
        deadline = Clock.deadline(now, after: idleNanoseconds)
    }

    var waitsToSend: Bool { !unsent.isEmpty }

    /// Nothing is left to do: closing earlier could cost the peer the end of its answer, when
    /// bytes of its own are still on the way.
    var isDone: Bool { unsent.isEmpty && hasEnded && late == nil }

    /// Reads what is there; bytes alone do not move the deadline, or a slow sender would hold
    /// its place forever.
    ///
    /// Whether the connection still stands.
    mutating func receive(bytesMax: Int) -> Bool {
        if isLast { received.removeAll() }
        let room = bytesMax + 1 - received.count
        guard room > 0 else { return true }
        switch StreamSocket.receive(descriptor, into: &received, bytesMax: room) {
        case .bytes, .blocked: return true
        case .ended:
            hasEnded = true
            return true
        case .failed: return false
        }
    }

    /// Waits for an answer; until it is there, nothing more is read.
    mutating func wait(for late: LateAnswer) {
        self.late = late
        deadline = late.deadline
    }

    /// Queues an answer.
    mutating func queue(_ bytes: [UInt8], isLast: Bool, now: UInt64) {
        late = nil
        unsent = bytes[...]
        self.isLast = isLast
        deadline = Clock.deadline(now, after: idleNanoseconds)
    }

    /// Sends what fits; progress moves the deadline.
    ///
    /// Whether the connection still stands.
    mutating func send(now: UInt64) -> Bool {
        while !unsent.isEmpty {
            switch StreamSocket.send(descriptor, unsent) {
            case .bytes(let count):
                unsent = unsent.dropFirst(count)
                deadline = Clock.deadline(now, after: idleNanoseconds)
            case .blocked: return true
            case .ended, .failed: return false
            }
        }
        if isLast { StreamSocket.finish(descriptor) }
        return true
    }
}
