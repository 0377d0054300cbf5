import Glibc
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
        // More than there are places for tokens, so that some share one.
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

    @Test(arguments: 0..<16 as Range<UInt64>)
    func `operations are found in whatever order they begin and end`(seed: UInt64) throws {
        var epoll = try Epoll(entries: 1, arena: Arena(count: 1, size: 64))
        var next = seed &* 0x1234_5678_9abc_def1 &+ 1
        func draw(_ most: Int) -> Int {
            next = next &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(next >> 33) % most
        }
        let inboxes = try (0..<300).map { _ in try Inbox() }
        var tokens: [Int: UInt64] = [:]
        for turn in 0..<3_000 {
            let place = draw(inboxes.count)
            if let token = tokens.removeValue(forKey: place) {
                epoll.cancel(operation: token, token: Bench.settle)
                let ready = try epoll.wait(1, atMost: Bench.patience)
                try #require(ready == 1 && epoll.completion(0).token == token)
                epoll.advance(ready)
                // It is over.
                epoll.cancel(operation: token, token: Bench.settle)
            } else {
                tokens[place] = UInt64(draw(1 << 24)) << 32 | UInt64(turn)
                epoll.watch(inboxes[place].wakeDescriptor, token: tokens[place] ?? 0)
            }
        }
        let left = try epoll.wait(0, atMost: 1)
        #expect(left == 0)
    }

    @Test func `cancelling what is over costs the same however many descriptors there are`()
        throws
    {
        var epoll = try Epoll(entries: 64, arena: Arena(count: 1, size: 64))
        let inbox = try Inbox()
        // The highest number that the process may have.
        let most = Int32(clamping: min(ProcessFacts.descriptorLimit().now, 1 << 20)) - 1
        let highest = fcntl(inbox.wakeDescriptor, F_DUPFD, most)
        try #require(highest == most)
        epoll.watch(highest, token: 7)
        let ready = try epoll.wait(0, atMost: 1)
        let duration = ContinuousClock().measure {
            for _ in 0..<500_000 { epoll.cancel(operation: 77, token: Bench.settle) }
        }
        #expect(ready == 0)
        // Far above what a release build needs (about 0.01 s).
        #expect(duration < .seconds(2))
        StreamSocket.close(highest)
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
