import SluiceABI
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct ClientTests {
    let host = SimulatedHost()
    let instance: SimulatedInstance<ScriptedClient>

    init() throws {
        instance = try host.make(ScriptedClient.self)
    }

    private func steps() throws -> [String] { try instance.with { $0.steps } }

    private func get() throws -> (call: SimulatedCall, task: Task<Void, Never>) {
        let task = try instance.with { $0.get() }
        host.run()
        return (try #require(host.calls.last), task)
    }

    @Test func `an answer is its head, its lines and what follows them`() throws {
        let (call, _) = try get()
        #expect(call.method == "GET")
        #expect(call.url == "http://a.test/")
        call.answer(200, headers: ["x-a": "1"])
        call.send("one\r\ntw")
        call.send("o\n")
        #expect(try steps() == ["200 1", "one", "two"])
        call.send("\nlast")
        call.end(trailers: ["x-t": "2"])
        #expect(try steps() == ["200 1", "one", "two", "", "last", "end 2"])
    }

    @Test func `a failure says what failed and whether the request may have arrived`() throws {
        let (call, _) = try get()
        call.fail(.connect, "connect: refused by 192.0.2.1:80", wasMaybeSent: false)
        #expect(try steps() == ["3 false connect: refused by 192.0.2.1:80"])
    }

    @Test func `a failure in the body comes after what had arrived`() throws {
        let (call, _) = try get()
        call.answer(200)
        call.send("one\n")
        call.fail(.reset, "the connection ended early")
        #expect(try steps() == ["200 -", "one", "5 true the connection ended early"])
    }

    @Test func `a call that is refused at once throws`() throws {
        host.clientRefusal = PluginError(.invalid, "the URL has no host", at: "/url")
        try instance.with { _ = $0.get() }
        host.run()
        #expect(try steps() == ["/url: the URL has no host"])
    }

    @Test func `cancelling the task cancels the call, before the head and in the body`() throws {
        let (first, task) = try get()
        task.cancel()
        host.run()
        #expect(first.isCanceled)
        let (second, other) = try get()
        second.answer(200)
        other.cancel()
        host.run()
        #expect(second.isCanceled)
        #expect(first.hasEnded && second.hasEnded)
        #expect(try steps() == ["CancellationError()", "200 -", "CancellationError()"])
    }

    @Test func `letting go of an answer cancels its call`() throws {
        try instance.with { $0.hold() }
        host.run()
        let call = try #require(host.calls.first)
        call.answer(200)
        #expect(!call.isCanceled)
        try instance.with { $0.signal.wake() }
        host.run()
        #expect(call.isCanceled)
        #expect(call.hasEnded)
    }

    @Test func `a line beyond the limit ends the call`() throws {
        let (call, _) = try get()
        call.answer(200)
        call.send("123456789")
        #expect(call.isCanceled)
        #expect(try steps() == ["200 -", "a line is longer than 8 bytes"])
    }

    @Test func `a body that is not read is paused, and goes on when it is`() throws {
        try instance.with { $0.readSlowly() }
        host.run()
        let call = try #require(host.calls.first)
        call.answer(200)
        call.send([UInt8](repeating: 1, count: 200_000))
        #expect(!call.isPaused)
        call.send([UInt8](repeating: 1, count: 100_000))
        #expect(call.isPaused)
        try instance.with { $0.signal.wake() }
        host.run()
        #expect(!call.isPaused)
        #expect(try steps() == ["200000"])
    }

    @Test func `a streamed body waits while there is no room`() throws {
        host.clientRoom = 7
        try instance.with { $0.upload() }
        host.run()
        let call = try #require(host.calls.first)
        #expect(call.tlsProfile == "mine")
        #expect(call.timeouts == [0, 3_000_000_000, .max, 0])
        #expect(try steps() == ["wrote 1"])
        #expect(String(decoding: call.body, as: UTF8.self) == "part 1\npart 2\n")
        call.makeRoom(7)
        #expect(try steps() == ["wrote 1", "wrote 2"])
        call.makeRoom()
        #expect(call.hasBody)
        #expect(String(decoding: call.body, as: UTF8.self) == "part 1\npart 2\npart 3\nend")
        call.answer(204)
        #expect(try steps() == ["wrote 1", "wrote 2", "wrote 3", "204"])
        call.end()
    }

    @Test func `profiles are made`() throws {
        try instance.with { plugin in
            try plugin.host.client.profile(TLSProfile(name: "mine", isInsecure: true))
        }
        #expect(host.tlsProfiles == ["mine"])
    }
}
