import SluiceABI
import Testing

/// Serialized: the table that echo answers through takes no context.
@Suite(.serialized) struct EchoTests {
    @Test func `echo says who it is and what it owns`() throws {
        let echo = try EchoLibrary("{}")
        #expect(echo.id == "dev.sluice.echo")
        #expect(echo.flags == 0)
        let mount = try #require(echo.mount())
        #expect(mount.prefix == "/")
        #expect(mount.bytesMax == 65536)
        #expect(mount.flags == SLUICE_MOUNT_INLINE)
    }

    @Test func `a request is answered with what it was`() throws {
        let echo = try EchoLibrary("{}")
        let answer = echo.request(
            "POST",
            "/a/b",
            query: "x=1",
            headers: [
                ("accept", Array("a".utf8)), ("host", Array("h".utf8)),
                ("accept", Array("b".utf8)),
            ],
            body: [Array("he".utf8), Array("llo".utf8)]
        )
        #expect(
            answer
                == .init(
                    status: 200,
                    type: "application/json",
                    body: #"{"method":"POST","path":"/a/b","query":"x=1","host":null,"#
                        + #""proto":"HTTP/1.1","peer":null,"route":null,"#
                        + #""headers":{"accept":["a","b"],"host":["h"]},"body":"hello"}"#
                        + "\n"
                )
        )
    }

    @Test func `quotes, controls and bytes that are not UTF-8 stay inside the JSON string`() throws
    {
        let echo = try EchoLibrary(#"{"headers": false}"#)
        let bytes: [UInt8] = [0x22, 0x5C, 0x0A, 0x00, 0x7F, 0xC3, 0xA9, 0xFF, 0xED, 0xA0, 0x80]
        let answer = echo.request("GET", "/", body: [bytes])
        let expected = #""body":"\"\\\u000a\u0000"# + "\u{7F}é\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"
        #expect(answer?.body.hasSuffix(expected + "\"}\n") == true, "\(answer?.body ?? "none")")
        #expect(answer?.body.contains("headers") == false)
    }

    @Test func `a sequence across two pieces is joined`() throws {
        let answer = try EchoLibrary("{}").request("GET", "/", body: [[0xC3], [0xA9]])
        #expect(answer?.body.hasSuffix("\"body\":\"é\"}\n") == true)
    }

    @Test func `an answer larger than the stack's room is whole`() throws {
        let body = [UInt8](repeating: 0x61, count: 60_000)
        let answer = try EchoLibrary("{}").request("GET", "/", body: [body])
        #expect(answer?.body.utf8.filter { $0 == 0x61 }.count ?? 0 > 60_000 - 1)
        #expect(answer?.body.hasSuffix("a\"}\n") == true)
    }

    @Test(arguments: [
        (#"{"maxBody": 1048577}"#, "-1 /maxBody: expected a number of bytes from 0 to 1048576"),
        (
            #"{"maxBody": 1e3}"#,
            "-1 /maxBody: expected a number of bytes in plain digits, such as 65536"
        ),
        (#"{"headers": 1}"#, "-1 /headers: expected true or false"),
        (#"{"header": true}"#, "-1 : unknown setting; echo knows maxBody and headers"),
        (#"{"maxBody": 1"#, "-1 : expected ',' or '}' after a setting"),
        ("[]", #"-1 : expected an object such as {"maxBody": 65536}"#),
    ])
    func `a wrong setting is refused by name`(configuration: String, sentence: String) {
        #expect(throws: EchoLibrary.Refusal(sentence)) { _ = try EchoLibrary(configuration) }
    }

    @Test func `settings change while it runs, or not at all`() throws {
        let echo = try EchoLibrary(#"{"maxBody": 5}"#)
        #expect(echo.mount()?.bytesMax == 5)
        #expect(echo.reconfigure(#"{"maxBody": 7, "headers": false}"#) == nil)
        #expect(echo.mount()?.bytesMax == 7)
        #expect(echo.reconfigure(#"{"maxBody": 8, "headers": 0}"#) != nil)
        #expect(echo.mount()?.bytesMax == 7)
    }

    @Test func `a host that cannot take answers is refused`() {
        #expect(throws: EchoLibrary.Refusal("-2 : the host does not offer sluice.http/0")) {
            _ = try EchoLibrary("{}", offersHTTP: false)
        }
    }
}
