import SimulatedKernel

/// A connection to a secured listener on which no request arrives.
final class SimulatedIntruder {
    enum Deed: CaseIterable {
        /// Plain HTTP is answered in plain text.
        case plainRequest
        /// Bytes that are neither TLS nor HTTP are answered as if they were.
        case noise
        /// A record that is no ClientHello is answered by an alert.
        case wrongRecord
        /// A name that no listener has is answered by an alert.
        case wrongName
        /// Nothing is sent.
        case silence
        /// Part of a ClientHello is sent, then nothing.
        case halfHello
        /// Part of a ClientHello is sent, then the end.
        case cutHello
        /// The handshake is complete, and a request that no key decrypts follows in one piece.
        case spoiltHandshake
        /// The handshake is complete, and nothing follows.
        case noRequest
    }

    let deed: Deed
    private(set) var isDone = false
    /// What was wrong; nil while all is well.
    private(set) var wrong: String?
    private let plan: SimulationPlan
    private let line: SimulatedLine
    private var received: [UInt8] = []

    init(
        _ deed: Deed,
        _ socket: SimulatedSocket,
        _ plan: SimulationPlan,
        _ random: inout SeededRandom
    ) {
        self.deed = deed
        self.plan = plan
        var header: [UInt8] = []
        if plan.speaksProxy { header = Array("PROXY TCP4 192.0.2.9 10.0.0.1 4000 80\r\n".utf8) }
        if deed != .silence { socket.write(header) }
        let name = deed == .wrongName ? "b.test" : "a.test"
        let isOld = random.oneIn(2)
        switch deed {
        case .wrongName, .spoiltHandshake, .noRequest:
            var manners = SimulatedLine.Manners()
            manners.spoilsHandshake = deed == .spoiltHandshake
            let tls = SimulatedTLS(.client(name: name, isOld: isOld))
            line = SimulatedLine(socket, tls, manners)
            if deed == .spoiltHandshake { line.write("GET / HTTP/1.1\r\n".utf8) }
        case .plainRequest, .noise, .wrongRecord, .silence, .halfHello, .cutHello:
            line = SimulatedLine(socket)
            line.write(Self.bytes(deed, isOld, &random))
            if deed == .cutHello { line.cut() }
        }
    }

    private static func bytes(
        _ deed: Deed,
        _ isOld: Bool,
        _ random: inout SeededRandom
    ) -> [UInt8] {
        switch deed {
        case .plainRequest: return Array("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".utf8)
        case .noise: return [0x80, 0x2e, 1, 0, 2] + [UInt8](repeating: 7, count: 43)
        case .wrongRecord: return [0x16, 3, 1, 0, 4, 2, 0, 0, 0]
        default:
            let tls = SimulatedTLS(.client(name: "a.test", isOld: isOld))
            _ = tls.feed([])
            let hello = tls.take()
            return deed == .silence ? [] : Array(hello.prefix(1 + random.below(hello.count - 1)))
        }
    }

    /// Whether there is more to do that waits for nobody else.
    func step() -> Bool {
        guard !isDone else { return false }
        received += line.read()
        guard line.sawEnd || line.sawReset, line.isDrained else { return !line.isDrained }
        isDone = true
        judge()
        line.close()
        return false
    }

    private func judge() {
        if let wrong = line.wrong { self.wrong = "\(deed): \(wrong)" }
        // A socket that holds nothing more loses the last word of the host.
        let isLossy = plan.hostility.contains(.tightSockets)
        guard !plan.isHostile, !line.sawReset, !isLossy else { return }
        let isRight =
            switch deed {
            case .plainRequest, .noise:
                received.starts(with: "HTTP/1.1 400 ".utf8)
            case .wrongRecord: received == [0x15, 3, 3, 0, 2, 2, 0x32]
            case .wrongName: line.alert?.contains("unrecognized name") ?? false
            case .silence, .halfHello, .cutHello: received.isEmpty
            case .spoiltHandshake: line.alert?.contains("bad record mac") ?? false
            case .noRequest: line.sawWholeEnd && received.isEmpty
            }
        guard !isRight else { return }
        wrong = "\(deed) got \(received.count) bytes, \(line.alert ?? "no alert")"
    }
}
