import SluiceBase
import SluiceTLS
import Testing

/// What the first bytes of a client are taken for.
@Suite struct ClientHelloTests {
    /// A ClientHello that a test writes down.
    private struct Hello {
        var session: [UInt8] = []
        var suites: [UInt8] = [0x13, 0x01]
        var compressions: [UInt8] = [0]
        /// Type and content; nil: no extensions at all.
        var extensions: [(type: Int, content: [UInt8])]? = []

        var message: [UInt8] {
            var body: [UInt8] = [3, 3] + [UInt8](repeating: 7, count: 32)
            body += number(session.count, 1) + session
            body += number(suites.count, 2) + suites
            body += number(compressions.count, 1) + compressions
            if let extensions {
                let all = extensions.flatMap { entry in
                    number(entry.type, 2) + number(entry.content.count, 2) + entry.content
                }
                body += number(all.count, 2) + all
            }
            return [1] + number(body.count, 3) + body
        }

        /// With the server's names, each of a type.
        static func named(_ names: (type: UInt8, name: [UInt8])...) -> Hello {
            let list = names.flatMap { [$0.type] + number($0.name.count, 2) + $0.name }
            return Hello(extensions: [(0xff01, [0]), (0, number(list.count, 2) + list), (5, [])])
        }
    }

    /// What a client sends, as the name in it; the memory is `room` bytes.
    private enum Outcome: Equatable {
        case incomplete, foreign, faulty
        case named(String)
    }

    private static func number(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func record(_ bytes: some Collection<UInt8>, type: UInt8 = 22) -> [UInt8] {
        [type, 3, 1] + number(bytes.count, 2) + bytes
    }

    /// The message in records of `size` bytes.
    private static func records(_ message: [UInt8], of size: Int) -> [UInt8] {
        stride(from: 0, to: message.count, by: size).flatMap {
            record(message[$0..<min($0 + size, message.count)])
        }
    }

    private func read(_ bytes: [UInt8], room: Int = 1 << 16) -> Outcome {
        let memory = Table<UInt8>(repeating: 0, count: room)
        var scratch = memory.writer()
        return bytes.withBytes { bytes in
            switch ClientHello.read(bytes, assembling: &scratch) {
            case .incomplete: .incomplete
            case .foreign: .foreign
            case .faulty: .faulty
            case .whole(let start, let length):
                .named(scratch.bytes.slice(start, length).text)
            }
        }
    }

    private func read(_ hello: Hello) -> Outcome { read(Self.record(hello.message)) }

    /// What OpenSSL sends for a name.
    private func real(_ name: String, _ version: TLSVersion) throws -> [UInt8] {
        let context = try TestContexts.client(.root(), name: name) {
            $0.handshake.maxVersion = version
        }
        let pair = try SecuredPair(context, TestContexts.server(TestAuthority.root().leaf()))
        #expect(pair.run(.client) { $0.shake() } == .wantsInput)
        return pair.toServer
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `each beginning of a real one is incomplete`(version: TLSVersion) throws {
        let bytes = try real("a.Test", version)
        for count in bytes.indices {
            #expect(read(Array(bytes.prefix(count))) == .incomplete, "\(count)")
        }
        #expect(read(bytes) == .named("a.Test"))
        #expect(read(bytes + [22, 3, 3]) == .named("a.Test"))
        let message = Array(bytes.dropFirst(5))
        for size in [1, 2, 4, 5, 100] {
            let split = Self.records(message, of: size)
            #expect(read(split) == .named("a.Test"), "records of \(size)")
            #expect(read(split.dropLast()) == .incomplete)
        }
        #expect(read(bytes, room: message.count) == .named("a.Test"))
        #expect(read(bytes, room: message.count - 1) == .incomplete)
    }

    @Test func `names`() {
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: 255)
        #expect(read(Hello(extensions: nil)) == .named(""))
        #expect(read(Hello()) == .named(""))
        #expect(read(Hello(extensions: [(5, [1, 2, 3])])) == .named(""))
        #expect(read(.named((0, Array("a.test".utf8)))) == .named("a.test"))
        #expect(read(.named((0, long))) == .named(String(repeating: "a", count: 255)))
        #expect(read(.named((0, long + [97]))) == .faulty)
        #expect(read(.named((0, []))) == .faulty)
        #expect(read(.named()) == .faulty)
        #expect(read(.named((1, [97]))) == .faulty)
        #expect(read(.named((0, [97]), (0, [98]))) == .faulty)
        #expect(read(.named((0, Array("a.test\0.b".utf8)))) == .faulty)
    }

    @Test func `lengths that contradict each other`() {
        let good = Hello.named((0, [97])).message
        // The name, its list, its extension, and all extensions.
        for place in [good.count - 6, good.count - 9, good.count - 11, 46] {
            for change in [UInt8(1), 255] {
                var message = good
                message[place] &+= change
                #expect(read(Self.record(message)) == .faulty, "place \(place)")
            }
        }
        #expect(read(Hello(extensions: [(0, [])])) == .faulty)
        #expect(read(Hello(extensions: [(0, [0, 3, 0, 0, 1, 97])])) == .faulty)
        for count in [0, 1, 33, 35, 37] {
            let body = Array(good.dropFirst(4).prefix(count))
            #expect(read(Self.record([1, 0, 0, UInt8(count)] + body)) == .faulty, "\(count)")
        }
        let endless: [UInt8] = [1, 255, 255, 255] + good.dropFirst(4)
        #expect(read(Self.record(endless)) == .incomplete)
    }

    @Test func `records that cannot be`() {
        let good = Hello.named((0, [97])).message
        #expect(read([22, 3, 1, 0, 0]) == .faulty)
        #expect(read([22, 3, 1, 0x40, 0]) == .incomplete)
        #expect(read([22, 3, 1, 0x40, 1]) == .faulty)
        #expect(read([22, 3, 1, 0, 1, 2]) == .faulty)
        let start = Self.record(good.prefix(10))
        #expect(read(start + Self.record(good.dropFirst(10), type: 23)) == .faulty)
        #expect(read(start + [22, 2]) == .incomplete)
        #expect(read(start + [22, 2, 1, 0, 1]) == .faulty)
        #expect(read(start + [22, 3, 1, 0, 0]) == .faulty)
    }

    @Test func `what is no TLS`() {
        #expect(read([]) == .incomplete)
        #expect(read(Array("GET / HTTP/1.1\r\n".utf8)) == .foreign)
        #expect(read(Array("P".utf8)) == .foreign)
        // The old form of a ClientHello (RFC 5246 E.2), and SSL 2.
        #expect(read([0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16]) == .foreign)
        #expect(read([22, 2, 0, 0, 5]) == .foreign)
        #expect(read([21, 3, 1, 0, 2, 1, 0]) == .foreign)
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `damaged ones are judged the same however they come`(version: TLSVersion) throws {
        let good = try real("a.test", version)
        var state: UInt64 = 1
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<3_000 {
            var bytes = good
            for _ in 0...below(3) {
                switch below(3) {
                case 0: bytes[below(bytes.count)] = UInt8(below(256))
                case 1: bytes.remove(at: below(bytes.count))
                default: bytes.insert(UInt8(below(256)), at: below(bytes.count))
                }
            }
            let whole = read(bytes)
            let part = read(Array(bytes.prefix(below(bytes.count))))
            #expect(part == .incomplete || part == whole, "\(bytes)")
        }
    }
}
