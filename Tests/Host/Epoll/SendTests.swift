import SluiceBase
import Testing

/// Sends: whole or failed, however slow the reader.
struct SendTests {
    private static let large = 32 << 20

    @Test(arguments: KernelChoice.here)
    func `a large send completes once, when a slow reader has let all of it go`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        let content = try Bench.content(Self.large)
        bench.kernel.send(content, on: near, token: 8)
        let early = try bench.rest()
        #expect(early == 0, "the socket cannot hold all of it")
        let received = try bench.read(far, Self.large)
        let sent = try bench.one()
        #expect(sent.token == 8 && sent.result == Int32(Self.large) && !sent.more)
        #expect(received == content.array)
    }

    @Test(arguments: KernelChoice.here)
    func `a send that waits does not keep the same connection from receiving`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        bench.kernel.send(try Bench.content(Self.large), on: near, token: 8)
        let early = try bench.rest()
        #expect(early == 0)
        say("hello", on: far)
        let got = try bench.one()
        let text = bench.text(got)
        #expect(got.token == 7 && text == "hello")
    }

    @Test(arguments: KernelChoice.here)
    func `what is sent to a closed peer fails in the end`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        StreamSocket.close(far)
        bench.kernel.send(try Bench.content(6), on: near, token: 8)
        // The first bytes are what the peer answers with a reset.
        let first = try bench.one()
        #expect(first.result == 6)
        bench.kernel.receive(on: near, token: 9)
        let end = try bench.one()
        #expect(end.result == 0 || end.result == -104)
        bench.kernel.send(try Bench.content(6), on: near, token: 10)
        let second = try bench.one()
        #expect(second.token == 10 && (second.result == -32 || second.result == -104))
    }

    @Test(arguments: KernelChoice.here)
    func `a cancelled send tells how far it came`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, _) = try bench.pair()
        bench.kernel.send(try Bench.content(Self.large), on: near, token: 8)
        let early = try bench.rest()
        #expect(early == 0)
        bench.kernel.cancel(near, token: Bench.settle)
        let cut = try bench.one()
        #expect(cut.token == 8 && cut.result > 0 && cut.result < Int32(Self.large))
    }

    @Test(arguments: KernelChoice.here)
    func `finish ends the stream behind what was sent, without a completion`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.send(try Bench.content(6), on: near, token: 8)
        let sent = try bench.one()
        bench.kernel.finish(near, token: Bench.settle)
        let rest = try bench.rest()
        #expect(sent.result == 6 && rest == 0)
        let all = try bench.read(far, 100)
        #expect(all.count == 6, "six bytes and the end")
    }
}
