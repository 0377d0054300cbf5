import SluiceBase
import SluiceEpoll
import SluiceServe
import Testing

/// Cancellation: what is under way completes once more, and nothing else does.
struct CancelTests {
    @Test(arguments: KernelChoice.here)
    func `a cancelled receive completes with ECANCELED and can be armed again`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        let early = try bench.rest()
        #expect(early == 0)
        bench.kernel.cancel(operation: 7, token: Bench.settle)
        let end = try bench.one()
        #expect(end.token == 7 && end.result == -125 && end.buffer < 0 && !end.more)
        say("kept", on: far)
        let silent = try bench.rest()
        #expect(silent == 0, "nobody receives")
        bench.kernel.receive(on: near, token: 8)
        let got = try bench.one()
        let text = bench.text(got)
        #expect(got.token == 8 && text == "kept")
    }

    @Test(arguments: KernelChoice.here)
    func `cancelling one operation leaves the other alone`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        bench.kernel.send(Gather(try Bench.content(32 << 20)), on: near, token: 8)
        let early = try bench.rest()
        #expect(early == 0)
        bench.kernel.cancel(operation: 7, token: Bench.settle)
        let end = try bench.one()
        #expect(end.token == 7 && end.result == -125)
        _ = try bench.read(far, 32 << 20)
        let sent = try bench.one()
        #expect(sent.token == 8 && sent.result == 32 << 20)
    }

    @Test(arguments: KernelChoice.here)
    func `both sides of a descriptor are cancelled by their tokens`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, _) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        bench.kernel.send(Gather(try Bench.content(32 << 20)), on: near, token: 8)
        let early = try bench.rest()
        #expect(early == 0)
        bench.kernel.cancel(operation: 7, token: Bench.settle)
        bench.kernel.cancel(operation: 8, token: Bench.settle)
        let seen = try bench.next(2)
        #expect(Set(seen.map(\.token)) == [7, 8] && seen.allSatisfy { !$0.more })
        #expect(seen.first { $0.token == 7 }?.result == -125)
    }

    @Test func `an operation that is cancelled before its first step completes once`() throws {
        let bench = try Bench(.epoll)
        let (near, far) = try bench.pair()
        say("early", on: far)
        bench.kernel.receive(on: near, token: 7)
        bench.kernel.cancel(operation: 7, token: Bench.settle)
        let end = try bench.one()
        let rest = try bench.rest()
        #expect(end.token == 7 && end.result == -125 && rest == 0)
    }

    @Test(arguments: KernelChoice.here)
    func `a cancelled connect completes once`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        // TEST-NET-1 answers nobody (RFC 5737); a machine without a route says so at once.
        let address = try Bench.address(9, ipv4: [192, 0, 2, 1])
        let socket = bench.kernel.openSocket(for: address.bytes(0, 0, 16))
        bench.kernel.connect(socket, to: address.bytes(0, 0, 16), token: 3)
        bench.kernel.cancel(operation: 3, token: Bench.settle)
        let end = try bench.next(1) { $0.token == 3 }
        #expect(end[0].result < 0 && !end[0].more)
        bench.kernel.close(socket, resets: true)
        let rest = try bench.rest { $0.token == 3 }
        #expect(rest == 0)
    }

    @Test func `each of many operations is found by its token`() throws {
        // More than there are places for hints, so that some share one.
        var epoll = try Epoll(entries: 1, arena: Arena(count: 1, size: 64))
        let tokens = (0..<200).map { UInt64($0) << 32 | 5 }
        for token in tokens { epoll.watch(try Inbox().wakeDescriptor, token: token) }
        for token in tokens {
            epoll.cancel(operation: token, token: Bench.settle)
            let ready = try epoll.wait(1, atMost: Bench.patience)
            try #require(ready == 1)
            let end = epoll.completion(0)
            #expect(end.token == token && end.result == -125)
            epoll.advance(ready)
        }
    }

    @Test func `cancelling what has completed already does nothing`() throws {
        let bench = try Bench(.epoll)
        let (near, _) = try bench.pair()
        bench.kernel.cancel(operation: 77, token: Bench.settle)
        bench.kernel.receive(on: near, token: 7)
        let rest = try bench.rest()
        #expect(rest == 0)
    }
}
