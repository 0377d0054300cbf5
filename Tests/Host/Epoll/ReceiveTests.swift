import SluiceBase
import SluiceServe
import Testing

/// Receives: armed once, they deliver until the stream ends, breaks or finds no buffer.
struct ReceiveTests {
    @Test(arguments: KernelChoice.here)
    func `one receive delivers what comes, each time with a buffer`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        for word in ["first", "second", "third"] {
            say(word, on: far)
            let got = try bench.one()
            #expect(got.token == 7 && got.more)
            let text = bench.text(got)
            #expect(text == word)
        }
        StreamSocket.close(far)
        let end = try bench.one()
        #expect(end.token == 7 && end.result == 0 && !end.more)
    }

    @Test(arguments: KernelChoice.here)
    func `bytes and end that came before the receive are both told`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        say("last words", on: far)
        StreamSocket.close(far)
        bench.kernel.receive(on: near, token: 7)
        let seen = try bench.next(2)
        let text = bench.text(seen[0])
        #expect(text == "last words")
        #expect(seen[1].result == 0 && !seen[1].more)
    }

    @Test(arguments: KernelChoice.here)
    func `more than a turn may bring comes whole and in order`(choice: KernelChoice) throws {
        let bench = try Bench(choice, buffers: 16, size: 16)
        let (near, far) = try bench.pair()
        let text = String((0..<200).map { Character(UnicodeScalar(UInt8(33 + $0 % 90))) })
        say(text, on: far)
        bench.kernel.receive(on: near, token: 7)
        var seen = ""
        while seen.utf8.count < text.utf8.count {
            let got = try bench.one()
            try #require(got.result > 0)
            seen += bench.text(got)
        }
        #expect(seen == text)
    }

    @Test(arguments: KernelChoice.here)
    func `without a free buffer the receive ends with ENOBUFS and nothing is lost`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice, buffers: 2, size: 4)
        let (near, far) = try bench.pair()
        say("abcdefghij", on: far)
        bench.kernel.receive(on: near, token: 7)
        let seen = try bench.next(3)
        #expect(seen.map(\.result) == [4, 4, -105])
        #expect(seen[0].more && seen[1].more && !seen[2].more && seen[2].buffer < 0)
        let text = bench.text(seen[0]) + bench.text(seen[1])
        bench.kernel.receive(on: near, token: 8)
        let rest = try bench.one()
        let tail = bench.text(rest)
        #expect(text + tail == "abcdefghij" && rest.token == 8)
    }

    @Test(arguments: KernelChoice.here)
    func `a peer that stops sending can still be answered`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        say("question", on: far)
        StreamSocket.finish(far)
        let seen = try bench.next(2)
        #expect(seen.map(\.result) == [8, 0] && !seen[1].more)
        bench.kernel.send(Gather(try Bench.content(6)), on: near, token: 8)
        let sent = try bench.one()
        let answer = try bench.read(far, 6)
        #expect(sent.result == 6 && answer == [0, 1, 2, 3, 4, 5])
    }

    @Test(arguments: KernelChoice.here)
    func `a reset is told as ECONNRESET`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        bench.kernel.send(Gather(try Bench.content(6)), on: near, token: 8)
        let sent = try bench.one()
        #expect(sent.result == 6)
        // Closing with unread bytes resets (RFC 2525 section 2.17).
        StreamSocket.close(far)
        let broken = try bench.one()
        #expect(broken.token == 7 && broken.result == -104 && !broken.more)
    }
}
