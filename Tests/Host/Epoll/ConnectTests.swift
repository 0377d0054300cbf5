import SluiceBase
import SluiceServe
import Testing

/// Connections from and to the kernel: handshakes, accepts, closings.
struct ConnectTests {
    @Test(arguments: KernelChoice.here)
    func `a refused connection is told as ECONNREFUSED`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        // The port of a connection is taken, and nobody listens there.
        let taken = try Bench.address(StreamSocket.port(of: near)).bytes(0, 0, 16)
        let socket = bench.kernel.openSocket(for: taken)
        bench.kernel.connect(socket, to: taken, token: 3)
        let refused = try bench.one()
        #expect(refused.token == 3 && refused.result == -111 && !refused.more)
        StreamSocket.close(far)
    }

    @Test(arguments: KernelChoice.here)
    func `one accept brings every connection until it is cancelled`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let listener = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 64)
        let address = try Bench.address(StreamSocket.port(of: listener)).bytes(0, 0, 16)
        bench.kernel.accept(on: listener, token: 5)
        for turn in 0..<40 {
            let socket = bench.kernel.openSocket(for: address)
            bench.kernel.connect(socket, to: address, token: UInt64(100 + turn))
        }
        let seen = try bench.next(80)
        let accepted = seen.filter { $0.token == 5 }
        #expect(accepted.count == 40 && accepted.allSatisfy { $0.result > 0 && $0.more })
        #expect(seen.filter { $0.token != 5 }.allSatisfy { $0.result == 0 })
        bench.kernel.cancel(operation: 5, token: Bench.settle)
        let end = try bench.one()
        #expect(end.token == 5 && end.result == -125 && !end.more)
    }

    @Test(arguments: KernelChoice.here)
    func `an accepted connection receives and sends`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let listener = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 4)
        let address = try Bench.address(StreamSocket.port(of: listener)).bytes(0, 0, 16)
        let socket = bench.kernel.openSocket(for: address)
        bench.kernel.connect(socket, to: address, token: 4)
        bench.kernel.accept(on: listener, token: 5)
        let seen = try bench.next(2)
        let server = try #require(seen.first { $0.token == 5 }).result
        bench.kernel.receive(on: server, token: 6)
        bench.kernel.send(Gather(try Bench.content(3)), on: socket, token: 7)
        let both = try bench.next(2)
        let got = try #require(both.first { $0.token == 6 })
        #expect(bench.arena.bytes(Int(got.buffer), 0, 3).array == [0, 1, 2])
    }

    @Test(arguments: KernelChoice.here)
    func `a closed descriptor is closed for the peer and its number serves again`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        for _ in 0..<3 {
            let (near, far) = try bench.pair()
            bench.kernel.receive(on: near, token: 7)
            say("hi", on: far)
            let got = try bench.one()
            let text = bench.text(got)
            #expect(text == "hi")
            bench.kernel.cancel(operation: 7, token: Bench.settle)
            let end = try bench.one()
            #expect(end.result == -125)
            bench.kernel.close(near, resets: false)
            let rest = try bench.read(far, 1)
            #expect(rest.isEmpty)
            StreamSocket.close(far)
        }
    }

    @Test func `the number of a closed descriptor is new for a file opened elsewhere`() throws {
        let bench = try Bench(.epoll)
        // Tests that run beside this one may take the number first.
        for _ in 0..<1_000 {
            let (near, far) = try bench.pair()
            bench.kernel.receive(on: near, token: 7)
            bench.kernel.cancel(operation: 7, token: Bench.settle)
            let end = try bench.one()
            bench.kernel.close(near, resets: false)
            #expect(end.result == -125)
            let inbox = try Inbox()
            StreamSocket.close(far)
            guard inbox.wakeDescriptor == near else {
                StreamSocket.close(inbox.wakeDescriptor)
                continue
            }
            bench.kernel.watch(inbox.wakeDescriptor, token: 8)
            inbox.wake()
            let woken = try bench.one()
            #expect(woken.token == 8 && woken.result == 1)
            return
        }
        Issue.record("the number never came back")
    }
}
