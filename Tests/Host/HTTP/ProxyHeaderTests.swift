import HTTPInvariants
import SluiceBase
import SluiceHTTP
import Testing

/// The PROXY protocol, both versions, both ways.
struct ProxyHeaderTests {
    /// An outcome as text: the addresses, or what it is instead.
    private func outcome(
        _ bytes: [UInt8],
        _ versions: ProxyHeader.Versions = [.one, .two]
    ) -> String {
        bytes.withBytes { bytes in
            switch ProxyHeader.parse(bytes, versions: versions) {
            case .none: return "none"
            case .incomplete: return "incomplete"
            case .faulty: return "faulty"
            case .complete(let length, let source, let destination, let isLocal):
                let memory = Table<UInt8>(repeating: 0, count: 128)
                var writer = memory.writer()
                source.write(to: &writer)
                writer.append(">")
                destination.write(to: &writer)
                return "\(length) " + (isLocal ? "local" : writer.bytes.text)
            }
        }
    }

    private static let signature = octets("\r\n\r\n\0\r\nQUIT\n")

    private func block(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        Self.signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 255)] + rest
    }

    private static let v4: [UInt8] = [192, 0, 2, 7, 198, 51, 100, 1, 0x1f, 0x90, 0x01, 0xbb]
    private static let v6: [UInt8] =
        [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
        + [UInt8](repeating: 0, count: 10) + [0xff, 0xff, 10, 0, 0, 1]
        + [0, 80, 1, 187]

    @Test func `lines of version 1 are read`() {
        let lines: [(String, String)] = [
            ("PROXY TCP4 192.0.2.7 10.0.0.1 8080 443\r\n", "40 192.0.2.7:8080>10.0.0.1:443"),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\nGET", "36 1.2.3.4:0>5.6.7.8:65535"),
            ("PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "32 [2001:db8::1]:1>[::1]:2"),
            ("PROXY TCP6 ::ffff:10.0.0.1 ::1 1 2\r\n", "36 10.0.0.1:1>[::1]:2"),
            ("PROXY UNKNOWN\r\n", "15 local"), ("PROXY UNKNOWN what ever\r\n", "25 local"),
            ("GET / HTTP/1.1\r\n", "none"), ("PROXYX", "none"), ("proxy TCP4", "none"),
            ("PROPFIND / HTTP/1.1\r\n", "none"), ("\r\n\r\nGET", "none"),
            ("", "incomplete"), ("P", "incomplete"), ("PROXY", "incomplete"),
            ("PROXY TCP4 1.2.3.4", "incomplete"), ("PROXY UNKNOWN\r", "incomplete"),
            ("PROXY \r\n", "faulty"), ("PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n", "faulty"),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", "faulty"),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", "faulty"),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n", "faulty"),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n", "faulty"),
            ("PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n", "faulty"),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n", "faulty"),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n", "faulty"),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n", "faulty"),
            ("PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n", "faulty"),
            ("PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n", "faulty"),
            ("PROXY TCP4 ::1 ::1 1 2\r\n", "faulty"),
            ("PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n", "faulty"),
            ("PROXY UNKNOWNX\r\n", "faulty"),
            ("PROXY UNKNOWN " + String(repeating: "a", count: 91) + "\r\n", "107 local"),
            ("PROXY UNKNOWN " + String(repeating: "a", count: 92) + "\r\n", "faulty"),
            ("PROXY UNKNOWN " + String(repeating: "a", count: 93), "faulty"),
        ]
        for (line, expected) in lines {
            #expect(outcome(octets(line)) == expected, "\(line.debugDescription)")
        }
    }

    @Test func `blocks of version 2 are read`() {
        let unix = [UInt8](repeating: 0, count: 216)
        let blocks: [([UInt8], String)] = [
            (block(0x21, 0x11, Self.v4), "28 192.0.2.7:8080>198.51.100.1:443"),
            (block(0x21, 0x11, Self.v4 + [4, 0, 0]) + [1], "31 192.0.2.7:8080>198.51.100.1:443"),
            (block(0x21, 0x12, Self.v4), "28 192.0.2.7:8080>198.51.100.1:443"),
            (block(0x21, 0x21, Self.v6), "52 [2001:db8::1]:80>10.0.0.1:443"),
            (block(0x20, 0x11, Self.v4), "28 local"), (block(0x20, 0x00, []), "16 local"),
            (block(0x20, 0x11, []), "16 local"), (block(0x21, 0x00, []), "16 local"),
            (block(0x21, 0x31, unix), "232 local"), (block(0x21, 0x10, Self.v4), "28 local"),
            (block(0x21, 0x11, Array(Self.v4.dropLast())), "faulty"),
            (block(0x21, 0x21, Self.v4), "faulty"), (block(0x21, 0x31, Self.v4), "faulty"),
            (block(0x11, 0x11, Self.v4), "faulty"), (block(0x22, 0x11, Self.v4), "faulty"),
            (block(0x21, 0x41, Self.v4), "faulty"), (block(0x21, 0x13, Self.v4), "faulty"),
            (block(0x20, 0, [UInt8](repeating: 0, count: 4_096)), "4112 local"),
            (block(0x20, 0, [UInt8](repeating: 0, count: 4_097)), "faulty"),
            (Self.signature, "incomplete"), (Array(Self.signature.prefix(4)), "incomplete"),
            (Array(block(0x21, 0x11, Self.v4).dropLast()), "incomplete"),
        ]
        for (bytes, expected) in blocks { #expect(outcome(bytes) == expected, "\(bytes)") }
    }

    @Test func `a version that is not accepted is no header`() {
        let line = octets("PROXY UNKNOWN\r\n")
        #expect(outcome(line, .two) == "none")
        #expect(outcome(line, []) == "none")
        #expect(outcome(block(0x20, 0, []), .one) == "none")
        #expect(outcome(block(0x20, 0, []), .two) == "16 local")
    }

    @Test func `headers are written`() {
        let v4 = PeerAddress(v4: 0xC000_0207, port: 8_080)
        let v6 = PeerAddress(v6High: 0x2001_0db8_0000_0000, low: 1, port: 443)
        func written(_ version: Int, _ source: PeerAddress, _ destination: PeerAddress) -> [UInt8] {
            let memory = Table<UInt8>(repeating: 0, count: 128)
            var writer = memory.writer()
            ProxyHeader.write(
                version: version,
                source: source,
                destination: destination,
                to: &writer
            )
            return writer.bytes.array
        }
        #expect(written(1, v4, v4) == octets("PROXY TCP4 192.0.2.7 192.0.2.7 8080 8080\r\n"))
        #expect(written(1, v6, v6) == octets("PROXY TCP6 2001:db8::1 2001:db8::1 443 443\r\n"))
        let mixed = octets("PROXY TCP6 ::ffff:192.0.2.7 2001:db8::1 8080 443\r\n")
        #expect(written(1, v4, v6) == mixed)
        #expect(written(1, .none, v6) == octets("PROXY UNKNOWN\r\n"))
        #expect(written(2, v4, .none) == block(0x20, 0, []))
        let other = PeerAddress(v4: 0xC633_6401, port: 443)
        #expect(written(2, v4, other) == block(0x21, 0x11, Self.v4))
        let mapped = PeerAddress(v4: 0x0a00_0001, port: 443)
        let first = PeerAddress(v6High: 0x2001_0db8_0000_0000, low: 1, port: 80)
        #expect(written(2, first, mapped) == block(0x21, 0x21, Self.v6))
    }

    @Test func `damaged headers are read alike however they arrive`() {
        let good = [
            octets("PROXY TCP4 192.0.2.7 10.0.0.1 8080 443\r\n"),
            octets("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"), block(0x21, 0x11, Self.v4),
            block(0x21, 0x21, Self.v6),
        ]
        for seed in 0..<10_000 {
            var choices = Seeded(seed: UInt64(seed))
            var bytes = good[choices.below(good.count)]
            for _ in 0..<choices.below(3) {
                let place = choices.below(bytes.count)
                switch choices.below(3) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: choices.next())
                case 1: bytes.remove(at: place)
                default: bytes.insert(octets(" .:0f\r\n")[choices.below(7)], at: place)
                }
            }
            let breach = bytes.withBytes(HTTPInvariants.proxy)
            #expect(breach == nil, "seed \(seed)")
        }
    }
}
