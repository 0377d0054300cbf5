import Glibc
import SluiceBase
import SluiceOutbound
import Testing

/// What `send` does not accept, with its sentence.
struct RefusalTests {
    private func refusal(_ request: OutboundRequest) throws -> String {
        let world = try World()
        let recorder = try Recorder()
        do throws(OutboundRefusal) {
            _ = try world.client.send(request, to: recorder)
        } catch {
            #expect(recorder.record.words.isEmpty && world.client.counts.calls == 0)
            return error.description
        }
        return ""
    }

    private func refusal(_ change: (inout OutboundRequest) -> Void) throws -> String {
        var request = OutboundRequest("http://127.0.0.1:1/")
        change(&request)
        return try refusal(request)
    }

    @Test(arguments: [
        ("127.0.0.1/a", "url: has no scheme; expected http, https or http+unix"),
        ("ftp://a.test/", "url: scheme ftp; expected http, https or http+unix"),
        ("file:///etc/passwd", "url: scheme file; expected http, https or http+unix"),
        ("http://a.test/a b", "url: has a space, a control byte or a byte outside ASCII"),
        ("http://a.test/\r\nX: y", "url: has a space, a control byte or a byte outside ASCII"),
        ("http://a.test/\u{0}", "url: has a space, a control byte or a byte outside ASCII"),
        ("http://a.test/ä", "url: has a space, a control byte or a byte outside ASCII"),
        (
            "http://user:pass@a.test/",
            "url: has credentials; expected them in the field authorization"
        ),
        (
            "http://a.test:80@b.test/",
            "url: has credentials; expected them in the field authorization"
        ),
        ("http:///a", "url: host \"\"; expected a name or an address"),
        ("http://a.test\\b/", "url: host \"a.test\\b\"; expected a name or an address"),
        ("http://a%2etest/", "url: host \"a%2etest\"; expected a name or an address"),
        ("http://[::g]/", "url: host \"::g\"; expected a name or an address"),
        ("http://a.test:0/", "url: port \"0\"; expected 1 to 65535"),
        ("http://a.test:65536/", "url: port \"65536\"; expected 1 to 65535"),
        ("http://a.test:+1/", "url: port \"+1\"; expected 1 to 65535"),
        (
            "http+unix://run/a.sock/",
            "url: \"run\" is no path of a socket; expected it percent-encoded, from the root, "
                + "at most 107 bytes"
        ),
        (
            "http+unix://%2Frun%00/",
            "url: \"%2Frun%00\" is no path of a socket; expected it percent-encoded, from the "
                + "root, at most 107 bytes"
        ),
    ])
    func `a wrong URL is refused`(url: String, sentence: String) throws {
        #expect(try refusal { $0.url = url } == sentence)
    }

    @Test(arguments: [
        ("a b", "1", "header \"a b\": the name is not a token"),
        ("", "1", "header \"\": the name is not a token"),
        ("a:", "1", "header \"a:\": the name is not a token"),
        ("a\r\nb", "1", "header \"a\r\nb\": the name is not a token"),
        ("a", "1\r\nb: 2", "header a: the value has a control byte"),
        ("a", "1\u{0}", "header a: the value has a control byte"),
        ("a", "1\n", "header a: the value has a control byte"),
        (
            "Transfer-Encoding", "chunked",
            "header transfer-encoding: belongs to the connection, which the host makes"
        ),
        (
            "Connection", "close",
            "header connection: belongs to the connection, which the host makes"
        ),
        ("Upgrade", "x", "header upgrade: belongs to the connection, which the host makes"),
        ("Content-Length", "1x", "header content-length: \"1x\"; expected a decimal number"),
        ("Content-Length", "5", "content-length: 5, but the body has 0 bytes"),
    ])
    func `a wrong field is refused`(name: String, value: String, sentence: String) throws {
        #expect(try refusal { $0.fields = [OutboundField(name, value)] } == sentence)
    }

    @Test func `other faults of a request`() throws {
        #expect(
            try refusal { $0.method = "GET /" }
                == "method \"GET /\"; expected a token other than CONNECT"
        )
        #expect(
            try refusal { $0.fields = [OutboundField("Host", "a"), OutboundField("host", "b")] }
                == "header host: more than one"
        )
        #expect(
            try refusal { $0.fields = Array(repeating: OutboundField("a", "b"), count: 257) }
                == "headers: 257, at most 256"
        )
        #expect(
            try refusal { $0.fields = [OutboundField("a", [UInt8](repeating: 97, count: 65_536))] }
                == "headers: 65537 bytes, at most 65536"
        )
        #expect(
            try refusal { $0.speaks = .upgrade }
                == "header upgrade: missing; an upgrade names its protocol there"
        )
        #expect(
            try refusal { $0.profile = "none" }
                == "tls profile \"none\": there is none of this name"
        )
    }

    @Test func `a bearer file is read again when it changes`() throws {
        let path = "/tmp/outbound-\(UInt64.random(in: 0 ... .max)).token"
        defer { unsafe unlink(path) }
        let (world, server) = (try World(), try TestServer(ExchangeTests.echo))
        var request = OutboundRequest(server.url())
        request.bearerFile = path
        #expect(throws: OutboundRefusal.self) { try world.run(request) }
        for token in ["first", "second-token"] {
            try Files.replace(path, with: Array(" \(token)\n".utf8), mode: 0o600)
            #expect(try world.run(request).text.contains("\r\nAuthorization: Bearer \(token)\r\n"))
        }
        try Files.replace(path, with: Array(" \n".utf8), mode: 0o600)
        #expect(try refusal(request) == "bearer file \(path): is empty; expected a token in it")
        try Files.replace(path, with: Array("a\nb\n".utf8), mode: 0o600)
        #expect(
            try refusal(request)
                == "bearer file \(path): has a byte that no token has (RFC 6750 2.1)"
        )
        unsafe unlink(path)
        #expect(
            try refusal(request)
                == "bearer file \(path): cannot be read; expected a token in it"
        )
    }

    @Test func `a profile that cannot be one is refused`() {
        #expect(throws: OutboundRefusal.invalid("tls profile: ca is not PEM text")) {
            try TLSProfile(authorities: Array("x".utf8))
        }
        #expect(
            throws: OutboundRefusal.invalid(
                "tls profile: a certificate and its key are given together"
            )
        ) { try TLSProfile(certificate: Array("-----BEGIN CERTIFICATE-----".utf8)) }
        #expect(
            throws: OutboundRefusal.invalid(
                "tls profile: server name \"a b\" is not a host name"
            )
        ) { try TLSProfile(serverName: "a b") }
    }
}
