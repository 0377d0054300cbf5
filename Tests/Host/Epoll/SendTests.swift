import SluiceBase
import SluiceServe
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
        bench.kernel.send(Gather(content), on: near, token: 8)
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
        bench.kernel.send(Gather(try Bench.content(Self.large)), on: near, token: 8)
        let early = try bench.rest()
        #expect(early == 0)
        say("hello", on: far)
        let got = try bench.one()
        let text = bench.text(got)
        #expect(got.token == 7 && text == "hello")
    }

    @Test(arguments: KernelChoice.here)
    func `a patient send does not end a wait`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        var gather = Gather(try Bench.content(6))
        gather.isPatient = true
        bench.kernel.send(gather, on: near, token: 8)
        let began = Clock.now()
        let ready = try bench.kernel.wait(1, atMost: Bench.quiet)
        #expect(Clock.now() - began >= Bench.quiet)
        let sent = bench.kernel.look(at: 0)
        #expect(ready == 1 && sent.token == 8 && sent.result == 6)
        bench.kernel.advance(1)
        bench.kernel.receive(on: near, token: 7)
        bench.kernel.send(gather, on: near, token: 8)
        say("hello", on: far)
        let both = try bench.next(2)
        #expect(Set(both.map(\.token)) == [7, 8])
    }

    @Test(arguments: KernelChoice.here)
    func `what a patient send leaves is sent without patience`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        let content = try Bench.content(Self.large)
        var gather = Gather(content)
        gather.isPatient = true
        var patient: Completion?
        // The first fills the socket, and the second finds it full.
        bench.kernel.send(gather, on: near, token: 8)
        if try bench.kernel.wait(1, atMost: Bench.quiet) == 1 {
            let first = bench.kernel.look(at: 0)
            bench.kernel.advance(1)
            #expect(first.result > 0 && first.result < Int32(Self.large))
            gather.removeFirst(Int(first.result))
            bench.kernel.send(gather, on: near, token: 9)
            if try bench.kernel.wait(1, atMost: Bench.quiet) == 1 {
                patient = bench.kernel.look(at: 0)
                bench.kernel.advance(1)
            }
        }
        if let patient {
            #expect(patient.token == 9 && (patient.result == -11 || patient.result > 0))
            gather.removeFirst(max(0, Int(patient.result)))
            gather.isPatient = false
            bench.kernel.send(gather, on: near, token: 10)
        }
        let received = try bench.read(far, Self.large)
        #expect(received == content.array)
    }

    @Test(arguments: KernelChoice.here)
    func `what is sent to a closed peer fails in the end`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        StreamSocket.close(far)
        bench.kernel.send(Gather(try Bench.content(6)), on: near, token: 8)
        // The first bytes are what the peer answers with a reset.
        let first = try bench.one()
        #expect(first.result == 6)
        bench.kernel.receive(on: near, token: 9)
        let end = try bench.one()
        #expect(end.result == 0 || end.result == -104)
        bench.kernel.send(Gather(try Bench.content(6)), on: near, token: 10)
        let second = try bench.one()
        #expect(second.token == 10 && (second.result == -32 || second.result == -104))
    }

    @Test(arguments: KernelChoice.here)
    func `a cancelled send tells how far it came`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, _) = try bench.pair()
        bench.kernel.send(Gather(try Bench.content(Self.large)), on: near, token: 8)
        let early = try bench.rest()
        #expect(early == 0)
        bench.kernel.cancel(operation: 8, token: Bench.settle)
        let cut = try bench.one()
        #expect(cut.token == 8 && cut.result > 0 && cut.result < Int32(Self.large))
    }

    @Test(arguments: KernelChoice.here)
    func `pieces are sent in order, however many and however large`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        for sizes in [[1, 1], [1, 4 << 20, 3, 70_000, 2, 1, 1 << 20, 5]] {
            var gather = Gather()
            var expected: [UInt8] = []
            for size in sizes {
                let piece = try Bench.content(size)
                gather.append(piece)
                expected += piece.array
            }
            bench.kernel.send(gather, on: near, token: 8)
            let received = try bench.read(far, expected.count)
            let sent = try bench.one()
            #expect(sent.token == 8 && sent.result == Int32(expected.count) && !sent.more)
            #expect(received == expected)
        }
    }

    @Test(arguments: KernelChoice.here)
    func `more sends of several pieces than one submission describes all go out`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        var pairs: [(near: Int32, far: Int32)] = []
        for _ in 0..<160 { pairs.append(try bench.pair()) }
        for (place, pair) in pairs.enumerated() {
            var gather = Gather(try Bench.content(1 + place))
            gather.append(try Bench.content(2))
            bench.kernel.send(gather, on: pair.near, token: UInt64(100 + place))
        }
        let seen = try bench.next(pairs.count)
        #expect(seen.allSatisfy { Int($0.result) == Int($0.token) - 100 + 3 })
        for (place, pair) in pairs.enumerated() {
            let received = try bench.read(pair.far, place + 3)
            #expect(received == (try Bench.content(1 + place)).array + [0, 1])
            bench.kernel.close(pair.near, resets: true)
            StreamSocket.close(pair.far)
        }
    }

    @Test(arguments: KernelChoice.here)
    func `a cancelled send of pieces tells how far it came`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        let content = try Bench.content(Self.large)
        var gather = Gather(content.prefix(3))
        gather.append(content.from(3))
        bench.kernel.send(gather, on: near, token: 8)
        let early = try bench.rest()
        #expect(early == 0)
        bench.kernel.cancel(operation: 8, token: Bench.settle)
        let cut = try bench.one()
        #expect(cut.token == 8 && cut.result > 3 && cut.result < Int32(Self.large))
        let received = try bench.read(far, Int(cut.result))
        #expect(received == content.prefix(Int(cut.result)).array)
    }
}
