import SimulatedKernel

/// A peer's end of a connection, in the clear or under TLS: what is written and read is plain.
final class SimulatedLine {
    /// How a peer under TLS behaves on the wire.
    struct Manners {
        /// The handshake leaves byte by byte.
        var trickles = false
        /// The end of the stream is a close_notify alone; the socket stays open.
        var staysOpen = false
        /// Bytes that are no record follow at once behind those that complete the handshake.
        var spoilsHandshake = false
    }

    let socket: SimulatedSocket
    private var tls: SimulatedTLS?
    private let manners: Manners
    /// Ciphertext on its way to the socket.
    private var unsent: [UInt8] = []
    /// The stream ends behind `unsent`.
    private var ends = false
    /// The socket takes nothing more.
    private var hasFinished = false
    private var hasSpoilt = false

    init(_ socket: SimulatedSocket, _ tls: SimulatedTLS? = nil, _ manners: Manners = Manners()) {
        self.socket = socket
        self.tls = tls
        self.manners = manners
    }

    /// Speaks TLS from here on; `early` came before and belongs to it.
    func secure(_ tls: SimulatedTLS, _ early: [UInt8]) -> [UInt8] {
        self.tls = tls
        defer { push() }
        return tls.feed(early)
    }

    var isSecured: Bool { tls != nil }

    // MARK: what the peer does

    func write(_ bytes: some Sequence<UInt8>) {
        guard let tls else { return socket.write(bytes) }
        tls.write(bytes)
        push()
    }

    /// Writes past TLS.
    func writeClear(_ bytes: some Sequence<UInt8>) {
        guard !hasFinished else { return }
        socket.write(bytes)
    }

    func read(atMost count: Int = .max) -> [UInt8] {
        let bytes = socket.read(atMost: count)
        guard let tls else { return bytes }
        let plain = tls.feed(bytes)
        push()
        return plain
    }

    func updateKeys() { tls?.updateKeys() }

    /// Ends the peer's stream in good order.
    func endWriting() {
        guard let tls else { return cut() }
        tls.end()
        ends = true
        push()
    }

    /// Ends the peer's stream without a word.
    func cut() {
        guard !hasFinished else { return }
        hasFinished = true
        socket.endWriting()
    }

    /// Ends the peer's process; without a close_notify when it is cut off.
    func close(isCut: Bool = false) {
        if let tls, !isCut, !hasFinished {
            tls.end()
            unsent += tls.take()
            socket.write(unsent)
        }
        hasFinished = true
        socket.close()
    }

    func reset(kept: Int = 0) {
        hasFinished = true
        socket.reset(kept: kept)
    }

    private func push() {
        guard let tls else { return }
        unsent += tls.take()
        if manners.spoilsHandshake, tls.isComplete, !hasSpoilt {
            hasSpoilt = true
            unsent += Self.noRecord
        }
        guard !hasFinished else {
            unsent = []
            return
        }
        let count = manners.trickles && !tls.isComplete ? min(1, unsent.count) : unsent.count
        if count > 0 { socket.write(unsent.prefix(count)) }
        unsent.removeFirst(count)
        guard ends, unsent.isEmpty, tls.isComplete || tls.isFailed, !manners.staysOpen else {
            return
        }
        cut()
    }

    /// A record of application data that no key decrypts.
    static let noRecord: [UInt8] = [0x17, 3, 3, 0, 32] + [UInt8](repeating: 0x2a, count: 32)

    // MARK: what the peer sees

    /// Bytes of the peer that the host has not received.
    var unreceived: Int { socket.inbound.count }

    /// Everything that came was read.
    var isDrained: Bool { socket.outbound.isEmpty }

    /// Something is still to be written.
    var isBusy: Bool { !unsent.isEmpty && !hasFinished }

    /// The host's stream is over, in whichever way.
    var sawEnd: Bool {
        guard let tls else { return socket.sawEnd }
        return tls.hasEnded || socket.sawClose || socket.sawEnd && socket.outbound.isEmpty
    }

    /// The host has ended its stream in good order.
    var sawWholeEnd: Bool { tls?.hasEnded ?? socket.sawEnd }

    var sawClose: Bool { socket.sawClose }
    var sawReset: Bool { socket.sawReset }

    /// What no host may do, whatever happens: bytes that do not decrypt.
    var wrong: String? {
        guard let tls, tls.isFailed, !tls.isAlerted else { return nil }
        return tls.failure
    }

    /// The alert with which the host has ended the connection.
    var alert: String? {
        guard let tls, tls.isAlerted else { return nil }
        return tls.failure
    }
}
