import SimulatedKernel
import SluiceBase
import SluiceServe
import Testing

/// What the simulated kernel may do, one hostility after the other, and what it never does.
struct SimulatedNetTests {
    /// Whether `happens` is true for some seed; it may ask for more than that itself.
    private func someSeed(_ happens: (UInt64) throws -> Bool) rethrows -> Bool {
        for seed in 0..<200 as Range<UInt64> where try happens(seed) { return true }
        return false
    }

    @Test func `a number comes back at once, the lowest first`() throws {
        let bench = try NetBench()
        let numbers = try (0..<3).map { _ in try bench.pair().host }
        #expect(numbers == [1, 2, 3].map { bench.listener + $0 })
        bench.port.close(numbers[1], resets: false)
        bench.port.close(numbers[0], resets: false)
        #expect(try bench.pair().host == numbers[0])
        #expect(try bench.pair().host == numbers[1])
    }

    @Test func `completions of different operations come in any order`() throws {
        for first in [1, 2] as [UInt64] {
            let comes = try someSeed { seed in
                let bench = try NetBench(seed: seed)
                let (host, peer) = try bench.pair()
                peer.write("x".utf8)
                bench.port.receive(on: host, token: 1)
                bench.port.send(bench.gather("y"), on: host, token: 2)
                return try bench.next(2)[0].token == first
            }
            #expect(comes, "operation \(first) may be the first")
        }
    }

    @Test func `a reply and an end may come before the completion of their send`() throws {
        for ends in [false, true] {
            let comes = try someSeed { seed in
                let bench = try NetBench(.lateCompletions, seed: seed)
                let (host, peer) = try bench.pair()
                bench.port.receive(on: host, token: 1)
                bench.port.send(bench.gather("question"), on: host, token: 2)
                while peer.outbound.isEmpty { _ = try bench.turn() }
                #expect(peer.read() == Array("question".utf8))
                ends ? peer.endWriting() : peer.write("answer".utf8)
                return try bench.one().token == 1
            }
            #expect(comes)
        }
    }

    @Test(arguments: [Hostility.oneByteReceives, .shortReceives, .shotsEnd, .all])
    func `bytes come whole and in order, however they come`(hostility: Hostility) throws {
        let text = String(repeating: "abcdefghijklmnopqrstuvwxyz", count: 8)
        var kinds: Set<Hostility> = []
        for seed in 0..<50 as Range<UInt64> {
            let bench = try NetBench(hostility, seed: seed, buffers: 512)
            let (host, peer) = try bench.pair()
            peer.write(text.utf8)
            let seen = try bench.receive(text.utf8.count, on: host, token: 1)
            #expect(seen.map(bench.text).joined() == text)
            if seen.contains(where: { $0.result == 1 }) { kinds.insert(.oneByteReceives) }
            if seen.contains(where: { (2..<64).contains($0.result) }) {
                kinds.insert(.shortReceives)
            }
            if seen.contains(where: { $0.result > 0 && !$0.more }) { kinds.insert(.shotsEnd) }
        }
        #expect(kinds.contains { hostility.contains($0) })
    }

    @Test func `a receive without a free buffer ends, and the stream goes on`() throws {
        let bench = try NetBench(buffers: 2, size: 4)
        let (host, peer) = try bench.pair()
        peer.write("abcdefghij".utf8)
        bench.port.receive(on: host, token: 1)
        let seen = try bench.next(3)
        #expect(seen.map(\.result) == [4, 4, SimulatedErrno.buffers])
        #expect(seen.map(\.more) == [true, true, false])
        #expect(seen.map(bench.text).joined() == "abcdefgh")
        bench.port.receive(on: host, token: 2)
        #expect(bench.text(try bench.one()) == "ij")
    }

    @Test func `sends may end early, and tell how far they came`() throws {
        let isPartial = try someSeed { seed in
            let bench = try NetBench(.partialSends, seed: seed)
            let (host, peer) = try bench.pair()
            var gather = bench.gather("0123456789")
            gather.append("abc")
            bench.port.send(gather, on: host, token: 1)
            let sent = try bench.one()
            #expect(peer.read() == Array("0123456789abc".utf8.prefix(Int(sent.result))))
            return sent.result < 13
        }
        #expect(isPartial)
    }

    @Test func `a cancelled operation ends once, with or without what had come`() throws {
        var results: Set<Int32> = []
        for seed in 0..<200 as Range<UInt64> {
            let bench = try NetBench(.lostRaces, seed: seed)
            let (host, peer) = try bench.pair()
            peer.write("x".utf8)
            bench.port.receive(on: host, token: 1)
            bench.port.cancel(operation: 1, token: 9)
            var seen: [Completion] = []
            while seen.last?.more ?? true { seen += try bench.turn() }
            for completion in seen { _ = bench.text(completion) }
            results.formUnion(seen.map(\.result))
            #expect(seen.last?.result == SimulatedErrno.cancelled)
            bench.port.close(host, resets: false)
        }
        #expect(results == [1, SimulatedErrno.cancelled])
    }

    @Test func `cancelling what is over brings the request's own token at most`() throws {
        let bench = try NetBench()
        bench.port.cancel(operation: 1, token: 9)
        let answer = try bench.one()
        #expect(answer.token == 9 && answer.result < 0 && !answer.more)
    }

    @Test func `each side may end its half and still be spoken to`() throws {
        let bench = try NetBench()
        let (host, peer) = try bench.pair()
        peer.endWriting()
        bench.port.receive(on: host, token: 1)
        #expect(try bench.one().result == 0)
        bench.port.send(bench.gather("late"), on: host, token: 2)
        #expect(try bench.one().result == 4)
        let (other, otherPeer) = try bench.pair()
        bench.port.finish(other)
        otherPeer.write("later".utf8)
        bench.port.receive(on: other, token: 3)
        #expect(bench.text(try bench.one()) == "later")
        #expect(otherPeer.sawEnd && !otherPeer.sawClose && peer.read() == Array("late".utf8))
        bench.port.send(bench.gather("more"), on: other, token: 4)
        #expect(try bench.one().result == SimulatedErrno.pipe)
    }

    @Test func `a reset is told by the receive, and by a send`() throws {
        let bench = try NetBench()
        let (host, peer) = try bench.pair()
        peer.write("lost".utf8)
        peer.reset()
        bench.port.receive(on: host, token: 1)
        #expect(try bench.one().result == SimulatedErrno.reset)
        bench.port.send(bench.gather("x"), on: host, token: 2)
        #expect(try bench.one().result == SimulatedErrno.reset)
    }

    @Test func `a peer that closed answers what is sent with a reset`() throws {
        let bench = try NetBench()
        let (host, peer) = try bench.pair()
        peer.close()
        bench.port.send(bench.gather("x"), on: host, token: 2)
        #expect(try bench.one().result == 1)
        bench.port.receive(on: host, token: 1)
        #expect(try bench.one().result == SimulatedErrno.reset)
    }

    @Test func `a close with a reset, or with unread bytes, resets the peer`() throws {
        for hostility in [Hostility.unreadResets, []] {
            let bench = try NetBench(hostility)
            let (host, peer) = try bench.pair()
            peer.write("unread".utf8)
            bench.port.close(host, resets: hostility.isEmpty)
            _ = try bench.turn()
            #expect(peer.sawReset && peer.sawClose)
        }
        let bench = try NetBench(.unreadResets)
        let (host, peer) = try bench.pair()
        bench.port.close(host, resets: false)
        _ = try bench.turn()
        #expect(!peer.sawReset && peer.sawEnd)
    }

    @Test func `the peer may see a finish later than it was done`() throws {
        let isLate = try someSeed { seed in
            let bench = try NetBench(.lateEnds, seed: seed)
            let (host, peer) = try bench.pair()
            bench.port.finish(host)
            bench.port.close(host, resets: false)
            let reused = try bench.pair()
            _ = try bench.turn()
            let isOpen = !peer.sawEnd
            for _ in 0...SimulatedNet.turnsLateMax { _ = try bench.turn() }
            #expect(peer.sawEnd && peer.sawClose && !reused.peer.sawEnd)
            return isOpen
        }
        #expect(isLate)
    }

    @Test func `a peer that does not read stops a send, and what it reads is counted`() throws {
        let bench = try NetBench(.tightSockets)
        let (host, peer) = try bench.pair()
        let text = String(repeating: "x", count: 5_000)
        bench.port.send(bench.gather(text), on: host, token: 1)
        for _ in 0..<100 { #expect(try bench.turn().isEmpty) }
        #expect(bench.port.acknowledged(host) == 0)
        #expect(peer.read(atMost: 10).count == 10)
        #expect(bench.port.acknowledged(host) == 10)
        var seen: [Completion] = []
        while seen.isEmpty {
            _ = peer.read()
            seen = try bench.turn()
        }
        #expect(seen[0].result == 5_000)
    }

    @Test func `a connection is quiet until bytes, an end or an error have come`() throws {
        let bench = try NetBench()
        for happens in [
            { $0.write("x".utf8) }, { $0.endWriting() }, { $0.reset() },
        ] as [(SimulatedSocket) -> Void] {
            let (host, peer) = try bench.pair()
            let before = bench.port.isQuiet(host)
            happens(peer)
            let after = bench.port.isQuiet(host)
            #expect(before && !after)
        }
    }

    @Test func `accepts fail now and then, and the connection waits`() throws {
        let fails = try someSeed { seed in
            let bench = try NetBench([.acceptsFail, .shotsEnd], seed: seed)
            for _ in 0..<8 { _ = bench.net.arrive(on: bench.listener) }
            bench.port.accept(on: bench.listener, token: 1)
            var seen: [Completion] = []
            while seen.count(where: { $0.result > 0 }) < 8 {
                let news = try bench.turn()
                seen += news
                if news.contains(where: { !$0.more }) {
                    bench.port.accept(on: bench.listener, token: 1)
                }
            }
            return seen.contains { $0.result == SimulatedErrno.descriptors }
        }
        #expect(fails)
    }

    @Test func `descriptors run out`() throws {
        let bench = try NetBench()
        bench.net.descriptorsMax = 2
        let address = Table<UInt8>(
            [2, 0, 0x1f, 0x90, 10, 0, 0, 1] + [UInt8](repeating: 0, count: 8)
        )
        #expect(bench.port.openSocket(for: address.bytes(0, 16)) == bench.listener + 1)
        #expect(bench.port.openSocket(for: address.bytes(0, 16)) == -1)
        _ = bench.net.arrive(on: bench.listener)
        #expect(bench.port.acceptWaiting(bench.listener) == -1)
        let isRefused = try someSeed { seed in
            let other = try NetBench(.descriptorsRunOut, seed: seed)
            return other.port.openSocket(for: address.bytes(0, 16)) == -1
        }
        #expect(isRefused)
    }

    @Test func `a connect is answered, refused, or never answered`() throws {
        let address = Table<UInt8>(
            [2, 0, 0x1f, 0x90, 10, 0, 0, 1] + [UInt8](repeating: 0, count: 8)
        )
        for result in [0, SimulatedErrno.refused] {
            let bench = try NetBench()
            let host = bench.port.openSocket(for: address.bytes(0, 16))
            bench.port.connect(host, to: address.bytes(0, 16), token: 1)
            bench.port.timeout(1_000, token: 2)
            #expect(try bench.one().token == 2, "time passes while nobody answers")
            let socket = try #require(bench.net.connecting.first)
            #expect(socket.peerAddress == PeerAddress(v4: 0x0a00_0001, port: 8_080))
            socket.connectResult = result
            #expect(try bench.one().result == result)
            bench.port.close(host, resets: true)
        }
    }

    @Test func `time passes only when nothing else can happen`() throws {
        let bench = try NetBench(.all, seed: 3, buffers: 128)
        let (host, peer) = try bench.pair()
        let began = bench.port.now()
        bench.port.timeout(1_000, token: 2)
        peer.write(String(repeating: "x", count: 100).utf8)
        let seen = try bench.receive(100, on: host, token: 1)
        #expect(!seen.isEmpty && bench.port.now() == began)
        bench.net.holdsTime = true
        for _ in 0..<50 { _ = try bench.turn() }
        #expect(bench.port.now() == began)
        bench.net.holdsTime = false
        #expect(try bench.one().result == SimulatedErrno.timer)
        #expect(bench.port.now() == began + 1_000)
    }

    @Test func `a watched descriptor that is woken completes`() throws {
        let bench = try NetBench()
        bench.port.watch(7, token: 1)
        #expect(try bench.turn().isEmpty)
        bench.net.woken.insert(7)
        let woken = try bench.one()
        #expect(woken.token == 1 && woken.result > 0 && woken.more)
    }

    @Test func `equal seeds make equal runs, others do not`() throws {
        func trace(_ seed: UInt64) throws -> UInt64 {
            let bench = try NetBench(.all, seed: seed, buffers: 512)
            let (host, peer) = try bench.pair()
            peer.write(String(repeating: "x", count: 300).utf8)
            for completion in try bench.receive(300, on: host, token: 1) {
                _ = bench.text(completion)
            }
            return bench.net.trace
        }
        #expect(try trace(5) == trace(5))
        #expect(try trace(5) != trace(6))
    }
}
