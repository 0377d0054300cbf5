import SluiceABI
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct GRPCTests {
    let host = SimulatedHost()
    let instance: SimulatedInstance<ScriptedClient>

    init() throws {
        instance = try host.make(ScriptedClient.self)
    }

    private func steps() throws -> [String] { try instance.with { $0.steps } }

    private func call(_ begin: (isolated ScriptedClient) -> Void) throws -> SimulatedCall {
        try instance.with(begin)
        host.run()
        return try #require(host.calls.last)
    }

    private let head: Headers = ["content-type": "application/grpc"]

    @Test func `a unary call frames its message and reads the one that answers`() throws {
        let call = try call { $0.unary(deadline: .milliseconds(1500)) }
        #expect(call.method == "POST")
        #expect(call.url == "http://a.test/a.B/C")
        #expect(call.flags == SLUICE_CALL_H2C)
        #expect(
            call.headers == [
                "te": "trailers", "content-type": "application/grpc", "grpc-timeout": "1500000u",
                "x-id": "1",
            ]
        )
        #expect(call.body == [0, 0, 0, 0, 2, 7, 8])
        #expect(call.timeouts == [0, 1_500_000_000, .max, 1_500_000_000])
        call.answer(200, headers: head)
        call.send([0, 0, 0])
        call.send([0, 3, 1, 2])
        call.send([3])
        call.end(trailers: ["grpc-status": "0", "x-t": "4"])
        #expect(try steps() == ["[1, 2, 3] 4"])
    }

    @Test func `a status in the trailers is thrown with its decoded message`() throws {
        let call = try call { $0.unary() }
        call.answer(200, headers: head)
        call.end(trailers: ["grpc-status": "5", "grpc-message": "no such%20thing %e2%82%ac"])
        #expect(try steps() == ["notFound (5): no such thing €"])
    }

    @Test func `a status in a head without a body is thrown`() throws {
        let call = try call { $0.unary() }
        call.answer(
            200,
            headers: [
                "content-type": "application/grpc", "grpc-status": "12", "grpc-message": "no",
            ]
        )
        #expect(try steps() == ["unimplemented (12): no"])
    }

    @Test(arguments: [(401, "unauthenticated (16)"), (503, "unavailable (14)")])
    func `another HTTP status is mapped`(status: Int, code: String) throws {
        let call = try call { $0.unary() }
        call.answer(status)
        #expect(try steps() == ["\(code): the server answered HTTP status \(status)"])
    }

    @Test(arguments: [
        ([UInt8](), "internal (13): the server has sent no message and says it is well"),
        ([0, 0, 0, 0, 9, 1], "internal (13): the last message is cut off"),
        ([1, 0, 0, 0, 0], "internal (13): a message is compressed, which was not asked for"),
        (
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            "internal (13): the server has sent several messages in a unary call"
        ),
        (
            [0, 255, 0, 0, 0],
            "resourceExhausted (8): a message has 4278190080 bytes, at most 4194304 are taken"
        ),
    ])
    func `what is no answer to a unary call is refused`(body: [UInt8], text: String) throws {
        let call = try call { $0.unary() }
        call.answer(200, headers: head)
        call.send(body)
        call.end(trailers: ["grpc-status": "0"])
        #expect(try steps() == [text])
    }

    @Test func `a stream brings messages as they come, then its status`() throws {
        let call = try call { $0.stream() }
        call.answer(200, headers: head)
        call.send([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 2, 0])
        #expect(try steps() == ["[1]", "[2]"])
        call.send([0, 0, 0, 0])
        #expect(try steps() == ["[1]", "[2]", "[]"])
        call.end(trailers: ["grpc-status": "0"])
        #expect(try steps() == ["[1]", "[2]", "[]", "end"])
    }

    @Test func `a call without an answer fails as any call`() throws {
        let call = try call { $0.unary() }
        call.fail(.connectTimeout, "connect: no answer in 2 s", wasMaybeSent: false)
        #expect(try steps() == ["connect: no answer in 2 s"])
    }
}
