import SluiceBase
import SluiceEpoll
import SluiceServe
import Testing

/// Waiting: time, wake-ups, and what is not yet looked at.
struct WaitTests {
    @Test(arguments: KernelChoice.here)
    func `a wait ends when its time is over`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let began = Clock.now()
        let ready = try bench.kernel.wait(1, atMost: 5 * Clock.nanosecondsPerMillisecond)
        #expect(ready == 0)
        #expect(Clock.now() - began >= 5 * Clock.nanosecondsPerMillisecond)
    }

    @Test(arguments: KernelChoice.here)
    func `a timeout completes with ETIME, not early, and can be set again`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        for turn in 0..<3 {
            let began = Clock.now()
            bench.kernel.timeout(3 * Clock.nanosecondsPerMillisecond, token: UInt64(turn))
            let rung = try bench.one()
            #expect(rung.token == UInt64(turn) && rung.result == -62 && !rung.more)
            #expect(Clock.now() - began >= 3 * Clock.nanosecondsPerMillisecond)
        }
    }

    @Test(arguments: KernelChoice.here)
    func `a watched inbox completes at each wake-up`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let inbox = try Inbox()
        bench.kernel.watch(inbox.wakeDescriptor, token: 4)
        for _ in 0..<3 {
            inbox.wake()
            let woken = try bench.one()
            #expect(woken.token == 4 && woken.result == 1 && woken.more)
            inbox.clearWake()
        }
        let rest = try bench.rest()
        #expect(rest == 0)
    }

    @Test(arguments: KernelChoice.here)
    func `completions stay in order until they are given back`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        say("one", on: far)
        let first = try bench.kernel.wait(1, atMost: Bench.patience)
        say("two", on: far)
        let second = try bench.kernel.wait(2, atMost: Bench.patience)
        #expect(first == 1 && second == 2)
        let texts = [bench.kernel.look(at: 0), bench.kernel.look(at: 1)].map(\.buffer)
        #expect(texts.map { bench.arena.bytes(Int($0), 0, 3).text } == ["one", "two"])
        bench.kernel.advance(1)
        let left = try bench.kernel.wait(1, atMost: Bench.patience)
        let oldest = bench.kernel.look(at: 0)
        #expect(left == 1 && oldest.buffer == texts[1])
    }

    @Test func `a full queue takes no more, and what waits comes afterwards`() throws {
        let arena = try Arena(count: 512, size: 1)
        var epoll = try Epoll(entries: 1, arena: arena)
        let listener = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 4)
        let address = try Bench.address(StreamSocket.port(of: listener)).bytes(0, 0, 16)
        let near = epoll.openSocket(for: address)
        epoll.connect(near, to: address, token: 1)
        _ = try epoll.wait(1, atMost: Bench.patience)
        epoll.advance(1)
        let far = try Bench.accept(listener)
        let text = String(repeating: "x", count: 300)
        say(text, on: far)
        epoll.receive(on: near, token: 7)
        var filled = 0
        for _ in 0..<500 { filled = try epoll.wait(1, atMost: 1_000_000) }
        let most = filled
        #expect(most > 0 && most < 300, "the queue is smaller than what has come")
        var seen = 0
        while seen < 300 {
            let ready = try epoll.wait(1, atMost: Bench.patience)
            try #require(ready > 0)
            for place in 0..<ready { seen += Int(epoll.completion(place).result) }
            epoll.advance(ready)
        }
        #expect(seen == 300)
    }

    @Test func `a busy connection does not keep the kernel from being looked at`() throws {
        let bench = try Bench(.epoll, buffers: 512, size: 1)
        let (near, far) = try bench.pair()
        let inbox = try Inbox()
        bench.kernel.watch(inbox.wakeDescriptor, token: 4)
        say(String(repeating: "x", count: 400), on: far)
        bench.kernel.receive(on: near, token: 7)
        _ = try bench.one()
        inbox.wake()
        let soon = try bench.next(40)
        #expect(soon.contains { $0.token == 4 })
    }
}
