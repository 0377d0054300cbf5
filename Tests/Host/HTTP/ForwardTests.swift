import SluiceBase
import SluiceHTTP
import Testing

/// Heads as they are passed on, byte for byte, from `Tests/Golden/http`.
struct ForwardTests {
    private static let plain = RequestForwarding(
        peer: PeerAddress(v4: 0xC000_0207, port: 5_000),
        isTrusted: false,
        scheme: "http",
        localPort: 8_080,
        addsForwarded: false,
        addsVia: true,
        restartsTrace: false,
        requestID: (0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210),
        isUpgrade: false
    )

    /// The plain terms after a change.
    private static func terms(_ change: (inout RequestForwarding) -> Void) -> RequestForwarding {
        var terms = plain
        change(&terms)
        return terms
    }

    private static func requestTerms(_ name: String) -> RequestForwarding {
        switch name {
        case "family-trusted", "family-trusted-kept": terms { $0.isTrusted = true }
        case "family-socket":
            terms {
                ($0.peer, $0.isTrusted, $0.localPort, $0.addsForwarded) = (.none, true, 0, true)
            }
        case "forwarded":
            terms { ($0.scheme, $0.localPort, $0.addsForwarded) = ("https", 443, true) }
        case "forwarded-trusted":
            terms {
                $0.peer = PeerAddress(v6High: 0x2001_0db8_0000_0000, low: 1, port: 9)
                ($0.isTrusted, $0.addsForwarded, $0.addsVia) = (true, true, false)
            }
        case "identity":
            terms {
                ($0.isTrusted, $0.scheme, $0.localPort) = (true, "https", 443)
                ($0.replacesIdentity, $0.identity) = (true, "Hash=02;Subject=\"CN=a\"")
            }
        case "identity-none": terms { ($0.isTrusted, $0.replacesIdentity) = (true, true) }
        case "trace-restarted": terms { $0.restartsTrace = true }
        case "upgrade": terms { $0.isUpgrade = true }
        default: plain
        }
    }

    @Test(
        arguments: [
            "plain", "hop-by-hop", "chunked-nominated", "absolute", "absolute-bare",
            "absolute-options", "star", "empty-line-first", "1.0", "1.0-absolute", "1.0-expect",
            "family-untrusted", "family-nominated", "family-trusted", "family-trusted-kept",
            "family-socket", "identity", "identity-none", "forwarded", "forwarded-trusted",
            "id-kept", "id-long", "id-twice",
            "max-forwards", "max-forwards-get", "max-forwards-zero", "trace-kept",
            "trace-restarted", "upgrade", "via",
        ]
    )
    func `a request is forwarded as its golden bytes`(name: String) throws {
        let golden = try Golden("request-\(name)")
        let found = try forwarded(golden.input, Self.requestTerms(name))
        #expect(text(found) == text(golden.expected))
    }

    @Test(
        arguments: [
            "plain", "hop-by-hop", "no-reason", "interim", "closing", "chunked", "chunked-bare",
            "until-close", "upgrade", "keep-alive", "no-via",
        ]
    )
    func `a response is passed on as its golden bytes`(name: String) throws {
        let golden = try Golden("response-\(name)")
        var head = ResponseHead(fieldsMax: 16)
        let outcome = golden.input.withBytes { Verdict(head.parse($0)) }
        try #require(outcome == .complete(golden.input.count))
        let memory = Table<UInt8>(repeating: 0, count: 4_096)
        let date = DateLine()
        var output = memory.writer()
        let terms = ResponseForwarding(
            closing: name == "closing" || name == "until-close",
            framing: name.hasPrefix("chunked")
                ? .chunked : name == "until-close" ? .untilClose : .same,
            date: date.bytes,
            addsVia: name != "no-via",
            isUpgrade: name == "upgrade",
            keepsAliveFor10: name == "keep-alive" || name == "closing"
        )
        golden.input.withBytes { Forward.response(head.view(of: $0), terms, to: &output) }
        #expect(text(output.bytes.array) == text(golden.expected))
    }

    @Test func `an answer to TRACE is the request without credentials`() throws {
        let golden = try Golden("trace")
        var head = RequestHead(fieldsMax: 20, lineMax: 128)
        let outcome = golden.input.withBytes { Verdict(head.parse($0)) }
        try #require(outcome == .complete(golden.input.count))
        let memory = Table<UInt8>(repeating: 0, count: golden.input.count)
        var output = memory.writer()
        golden.input.withBytes { Forward.trace(head.view(of: $0), to: &output) }
        #expect(text(output.bytes.array) == text(golden.expected))
    }

    @Test func `a head that does not fit says so`() throws {
        let golden = try Golden("request-hop-by-hop")
        let count = golden.expected.count
        #expect(throws: Overflow.self) {
            try forwarded(golden.input, Self.plain, roomBytes: count - 1)
        }
        #expect(try forwarded(golden.input, Self.plain, roomBytes: count) == golden.expected)
    }

    @Test func `forwarding adds no more than it says`() throws {
        let host = String(repeating: "a", count: 255) + ":65535"
        var terms = Self.plain
        terms.peer = PeerAddress(v6High: .max, low: .max, port: .max)
        (terms.scheme, terms.localPort) = ("https", .max)
        (terms.addsForwarded, terms.isUpgrade) = (true, true)
        let bytes = octets("OPTIONS http://\(host) HTTP/1.1\r\nHost:a\r\nMax-Forwards:9\r\n\r\n")
        let found = try forwarded(bytes, terms, lineMax: 512)
        #expect(found.count - bytes.count <= Forward.growthMax)
    }

    private struct Overflow: Error {}

    private func forwarded(
        _ bytes: [UInt8],
        _ terms: RequestForwarding,
        roomBytes: Int = 4_096,
        lineMax: Int = 128
    ) throws -> [UInt8] {
        var head = RequestHead(fieldsMax: 20, lineMax: lineMax)
        try #require(bytes.withBytes { Verdict(head.parse($0)) } == .complete(bytes.count))
        let memory = Table<UInt8>(repeating: 0, count: roomBytes)
        let copyMemory = Table<UInt8>(repeating: 0, count: 2 * bytes.count)
        var output = memory.writer()
        var copy = copyMemory.writer()
        bytes.withBytes { bytes in
            var view = head.view(of: bytes)
            copy.append(bytes)
            #expect(PathForm.write(view.path, PathForm.Options(), to: &copy))
            view.text = copy.bytes
            view.facts.pathStart = bytes.count
            view.facts.pathLength = copy.count - bytes.count
            Forward.request(view, terms, to: &output)
        }
        guard !output.overflowed else { throw Overflow() }
        return output.bytes.array
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
