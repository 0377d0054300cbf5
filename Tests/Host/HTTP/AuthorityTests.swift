import SluiceBase
import SluiceHTTP
import Testing

/// What may stand in a Host field (RFC 3986 3.2.2).
struct AuthorityTests {
    private static let valid = [
        "a", "a.test", "a.test.", "A.Test", "a-b_c.test", "a.test:80", "a.test:", "a.test:0",
        "a.test:65535", "127.0.0.1", "127.0.0.1:8080", "999.1.1.1", "caf%C3%A9.test",
        "!$&'()*+,;=~", "[::]", "[::1]", "[::1]:80", "[::1]:", "[1::]", "[1:2:3:4:5:6:7:8]",
        "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[fe80::ABCD]", "[::ffff:1.2.3.4]",
        "[1:2:3:4:5:6:1.2.3.4]", "[1::1.2.3.4]",
        String(repeating: "a", count: 255) + ":65535",
    ]

    private static let invalid = [
        "", ":80", "user@a.test", "user:secret@a.test", "a.test/x", "a.test?x", "a.test#x",
        "a test", "a.test b.test", "a\"b", "a<b", "\u{e9}.test", "a%", "a%2", "a%zz", "%",
        "a.test:80:80", "a.test:65536", "a.test:99999", "a.test:123456", "a.test:-1", "a.test:x",
        "a.test:+80", "a:b:c", "::1", "[", "]", "[]", "[::1", "::1]", "[::1]x", "[::1]80",
        "[::1]:x", "[:]", "[:::]", "[1]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]",
        "[1:2:3:4:5:6:7:8::]", "[::1:2:3:4:5:6:7:8]", "[12345::]", "[::g]", "[:1::]", "[1:]",
        "[1.2.3.4]", "[::1.2.3]", "[::1.2.3.256]", "[::1.2.3.4.5]", "[::1.2.3.4:5]",
        "[::1.2.3.]", "[1:2:3:4:5:1.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::1%25eth0]",
        "[v1.a]", "a[b", "a]b",
        String(repeating: "a", count: 262),
    ]

    @Test func `a host with or without a port is taken`() {
        for value in Self.valid {
            let bytes = lines("GET / HTTP/1.1", "Host: \(value)")
            #expect(Verdict.request(bytes) == .complete(bytes.count), "\(value)")
        }
    }

    @Test func `anything else is refused`() {
        for value in Self.invalid {
            let bytes = lines("GET / HTTP/1.1", "Host: \(value)")
            #expect(Verdict.request(bytes) == .faulty(.hostInvalid), "\(value)")
        }
    }

    @Test func `an absolute target holds its host to the same rules`() {
        for value in Self.valid where value.utf8.count < 100 {
            let bytes = lines("GET http://\(value)/ HTTP/1.1", "Host: b")
            #expect(Verdict.request(bytes) == .complete(bytes.count), "\(value)")
        }
        for value in ["user@a.test", "[::1", "a.test:x", ":80", "a[b"] {
            for version in ["1.0", "1.1"] {
                let bytes = lines("GET http://\(value)/ HTTP/\(version)", "Host: b")
                #expect(Verdict.request(bytes) == .faulty(.hostInvalid), "\(value)")
            }
        }
    }

    @Test func `a host is what stands before the port`() {
        let hosts = [
            "a.test:80": "a.test", "a.test": "a.test", "a:": "a", "[::1]:80": "[::1]",
            "[::1]": "[::1]", "[::1": "", "": "",
        ]
        for (value, host) in hosts {
            #expect(value.withBytes { Authority.host(of: $0).text } == host)
        }
    }
}
