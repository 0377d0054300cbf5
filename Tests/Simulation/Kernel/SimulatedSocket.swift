package import SluiceBase

/// One TCP connection, or a listening socket, as the simulated kernel sees it; and what the peer
/// at its other end may do and see.
package final class SimulatedSocket {
    /// The host's number for it; -1 before it is accepted and after it is closed.
    package fileprivate(set) var descriptor: Int32 = -1
    package let peerAddress: PeerAddress
    package let localAddress: PeerAddress
    package let isListening: Bool
    /// What the socket holds of the host's bytes until the peer reads them.
    package var sendBufferMax: Int
    /// Connections that wait to be accepted; of a listening socket.
    package var backlog: [SimulatedSocket] = []
    /// Bytes that come when the host has closed are answered by a reset.
    package var resetsLateWrites = false
    /// How a connect on it is answered; nil: not yet, or never.
    package var connectResult: Int32?

    /// Bytes of the peer that the host has not received yet.
    package fileprivate(set) var inbound: [UInt8] = []
    /// Bytes of the host that the peer has not read yet.
    package fileprivate(set) var outbound: [UInt8] = []
    /// Bytes of the host that the peer has read.
    package private(set) var acknowledged: UInt64 = 0
    /// The peer has ended its stream behind `inbound`.
    package private(set) var isEnded = false
    /// The connection broke: sends fail, and the receive when `inbound` is used up.
    package fileprivate(set) var isReset = false
    /// The peer's process has closed: what the host sends is answered by a reset.
    package private(set) var isGone = false

    /// The last send ended with -EAGAIN: the next one is the same again.
    var wasRefused = false
    /// The host has connected it, and the peer has read something.
    var hasServed: Bool { connectResult == 0 && acknowledged > 0 }

    /// The host has ended its sending half, or closed.
    package fileprivate(set) var isFinished = false
    package fileprivate(set) var isClosed = false
    /// What the host did and the peer does not know yet.
    fileprivate var news: [(due: UInt64, what: News)] = []

    /// The peer has met the end of the host's stream; what is left of it can still be read.
    package private(set) var sawEnd = false
    /// The host has closed, as far as the peer knows.
    package private(set) var sawClose = false
    /// The host has reset the connection.
    package private(set) var sawReset = false

    package enum News {
        case end
        case close
        case reset(kept: Int)
    }

    package init(
        peer: PeerAddress,
        local: PeerAddress,
        sendBufferMax: Int,
        isListening: Bool = false
    ) {
        peerAddress = peer
        localAddress = local
        self.sendBufferMax = sendBufferMax
        self.isListening = isListening
    }
}

// What the peer does.
extension SimulatedSocket {
    /// Sends; lost when the host has closed.
    package func write(_ bytes: some Sequence<UInt8>) {
        precondition(!isEnded && !isGone, "a peer that has ended its stream writes")
        guard !isReset else { return }
        guard !isClosed else {
            // The host's kernel answers with a reset, which can overtake what was not read.
            if resetsLateWrites {
                sawReset = true
                outbound = []
            }
            return
        }
        inbound += bytes
    }

    /// Ends the peer's stream; the peer still reads.
    package func endWriting() { isEnded = true }

    /// Breaks the connection; of what the host has not received, `kept` bytes arrive.
    package func reset(kept: Int = 0) {
        inbound.removeLast(max(0, inbound.count - kept))
        outbound = []
        isReset = true
        isGone = true
    }

    /// Ends the peer's process: the end of the stream, or a reset when something was not read.
    package func close() {
        guard outbound.isEmpty else { return reset(kept: inbound.count) }
        isEnded = true
        isGone = true
    }

    /// Takes what has come from the host, which is thereby acknowledged.
    package func read(atMost count: Int = .max) -> [UInt8] {
        let bytes = Array(outbound.prefix(count))
        outbound.removeFirst(bytes.count)
        acknowledged += UInt64(bytes.count)
        return bytes
    }
}

// What the kernel does.
extension SimulatedSocket {
    package func take(_ number: Int32) { descriptor = number }

    /// Nothing of the peer waits for the host.
    package var isQuiet: Bool { inbound.isEmpty && !isEnded && !isReset }

    package func receive(_ count: Int) -> [UInt8] {
        let bytes = Array(inbound.prefix(count))
        inbound.removeFirst(bytes.count)
        return bytes
    }

    /// Takes bytes of the host for the peer; a peer that is gone answers with a reset.
    package func send(_ bytes: ArraySlice<UInt8>) {
        if isGone { isReset = true } else { outbound += bytes }
    }

    package func finish(seen due: UInt64) {
        guard !isFinished else { return }
        isFinished = true
        news.append((due, .end))
    }

    /// The host lets go; `kept` bytes of what the peer has not read survive a reset.
    package func close(resetKeeping kept: Int?, seen due: UInt64) {
        descriptor = -1
        isFinished = true
        isClosed = true
        inbound = []
        if let kept { news.append((due, .reset(kept: kept))) }
        news.append((due, .close))
        for waiting in backlog { waiting.close(resetKeeping: 0, seen: due) }
        backlog = []
    }

    /// Tells the peer what it is to know by now; whether something is left to tell.
    package func tell(_ now: UInt64) -> Bool {
        while let first = news.first, first.due <= now {
            news.removeFirst()
            switch first.what {
            case .end: sawEnd = true
            case .close:
                sawEnd = true
                sawClose = true
            case .reset(let kept):
                sawReset = true
                outbound.removeLast(max(0, outbound.count - kept))
            }
        }
        return !news.isEmpty
    }
}
