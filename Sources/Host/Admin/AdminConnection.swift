internal import SluiceBase

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
    var isDone: Bool { unsent.isEmpty && hasEnded }

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

    /// Queues an answer.
    mutating func queue(_ bytes: [UInt8], isLast: Bool, now: UInt64) {
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
