import Glibc
import SluiceBase
import SluiceServe
import Testing

/// What a port does at once: nothing of it waits for the next look at the kernel.
struct AtOnceTests {
    @Test(arguments: KernelChoice.here)
    func `finish ends the stream behind what was sent before it returns`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.receive(on: near, token: 7)
        bench.kernel.send(Gather(try Bench.content(6)), on: near, token: 8)
        let sent = try bench.one()
        bench.kernel.finish(near)
        #expect(sent.result == 6 && Far.readToEnd(far) == .ended(6))
        say("still heard", on: far)
        let got = try bench.one()
        let text = bench.text(got)
        #expect(text == "still heard")
    }

    @Test(arguments: KernelChoice.here)
    func `closing ends the stream before it returns, or resets it`(choice: KernelChoice) throws {
        for resets in [false, true] {
            let bench = try Bench(choice)
            let (near, far) = try bench.pair()
            bench.kernel.send(Gather(try Bench.content(6)), on: near, token: 8)
            let sent = try bench.one()
            bench.kernel.close(near, resets: resets)
            #expect(sent.result == 6)
            #expect(Far.readToEnd(far) == (resets ? .failed(ECONNRESET) : .ended(6)))
            let rest = try bench.rest()
            #expect(rest == 0)
            StreamSocket.close(far)
        }
    }

    @Test(arguments: KernelChoice.here)
    func `a number that comes back at once is another connection`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        for turn in 0..<50 {
            let (near, far) = try bench.pair()
            bench.kernel.receive(on: near, token: UInt64(10 + turn))
            bench.kernel.send(Gather(try Bench.content(6)), on: near, token: 8)
            let sent = try bench.one()
            bench.kernel.finish(near)
            bench.kernel.cancel(operation: UInt64(10 + turn), token: Bench.settle)
            let end = try bench.one()
            bench.kernel.close(near, resets: false)
            #expect(sent.result == 6 && end.token == UInt64(10 + turn) && end.result == -125)
            StreamSocket.close(far)
        }
    }

    @Test(arguments: KernelChoice.here)
    func `connections that wait are taken one by one`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let listener = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 8)
        let address = try Bench.address(StreamSocket.port(of: listener)).bytes(0, 0, 16)
        let none = bench.kernel.acceptWaiting(listener)
        #expect(none == -1)
        for _ in 0..<3 {
            let socket = bench.kernel.openSocket(for: address)
            bench.kernel.connect(socket, to: address, token: 4)
            let connected = try bench.one()
            #expect(connected.result == 0)
        }
        for _ in 0..<3 {
            let taken = bench.kernel.acceptWaiting(listener)
            try #require(taken >= 0)
            bench.kernel.receive(on: taken, token: 5)
            let early = try bench.rest()
            #expect(early == 0)
            bench.kernel.cancel(operation: 5, token: Bench.settle)
            let end = try bench.one()
            #expect(end.result == -125)
            bench.kernel.close(taken, resets: false)
        }
        let rest = bench.kernel.acceptWaiting(listener)
        #expect(rest == -1)
        StreamSocket.close(listener)
    }

    @Test(arguments: KernelChoice.here)
    func `a closed listening socket is forgotten though somebody shares it`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        let listener = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 8)
        let address = try Bench.address(StreamSocket.port(of: listener)).bytes(0, 0, 16)
        let shared = dup(listener)
        bench.kernel.accept(on: listener, token: 5)
        let early = try bench.rest()
        bench.kernel.cancel(operation: 5, token: Bench.settle)
        let end = try bench.one()
        #expect(early == 0 && end.result == -125)
        bench.kernel.close(listener, resets: false)
        let socket = bench.kernel.openSocket(for: address)
        // Often the number of the listening socket: its news would be taken for the new one's.
        bench.kernel.connect(socket, to: address, token: 4)
        let connected = try bench.one()
        bench.kernel.receive(on: socket, token: 6)
        let rest = try bench.rest()
        #expect(connected.token == 4 && connected.result == 0 && rest == 0)
        let taken = bench.kernel.acceptWaiting(shared)
        #expect(taken >= 0, "the connection waits for whoever shares the socket")
        StreamSocket.close(shared)
    }

    @Test(arguments: KernelChoice.here)
    func `what the peer has acknowledged grows while it reads`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        bench.kernel.send(Gather(try Bench.content(32 << 20)), on: near, token: 8)
        let early = try bench.rest()
        let before = bench.kernel.acknowledged(near)
        _ = try bench.read(far, 16 << 20)
        let after = bench.kernel.acknowledged(near)
        #expect(early == 0 && after > before && after >= 8 << 20)
        let inbox = try Inbox()
        let other = bench.kernel.acknowledged(inbox.wakeDescriptor)
        #expect(other == 0)
    }

    @Test(arguments: KernelChoice.here)
    func `a connection is quiet until bytes, an end or an error have come`(
        choice: KernelChoice
    ) throws {
        let bench = try Bench(choice)
        for end in ["bytes", "end", "reset"] {
            for isArmed in [false, true] where !isArmed || end != "bytes" {
                let (near, far) = try bench.pair()
                if isArmed { bench.kernel.receive(on: near, token: 5) }
                let early = try bench.rest()
                let before = bench.kernel.isQuiet(near)
                switch end {
                case "bytes": say("x", on: far)
                case "end": StreamSocket.finish(far)
                default: SocketControl.close(far, resets: true)
                }
                // Its completion is not looked at.
                let after = bench.kernel.isQuiet(near)
                #expect(early == 0 && before && !after, "\(end), armed: \(isArmed)")
                if isArmed {
                    let told = try bench.one()
                    #expect(told.token == 5 && told.result <= 0)
                }
                bench.kernel.close(near, resets: false)
                if end != "reset" { StreamSocket.close(far) }
            }
        }
    }

    @Test(arguments: KernelChoice.here)
    func `both ends of a connection have an address`(choice: KernelChoice) throws {
        let bench = try Bench(choice)
        let (near, far) = try bench.pair()
        let listening = PeerAddress(v4: 0x7f00_0001, port: StreamSocket.port(of: bench.listener))
        let peer = bench.kernel.peerAddress(near)
        let local = bench.kernel.localAddress(near)
        #expect(peer == listening && local == PeerAddress.peer(of: far))
        let socket = bench.kernel.openSocket(for: bench.address.bytes(0, 0, 16))
        let none = bench.kernel.peerAddress(socket)
        #expect(none == .none)
    }
}

/// The test's end of a connection, which does not block.
enum Far {
    enum End: Equatable {
        /// The stream's end after so many bytes.
        case ended(Int)
        case failed(Int32)
        case open
    }

    /// Reads what is there now.
    static func readToEnd(_ far: Int32) -> End {
        var bytes: [UInt8] = []
        while true {
            switch StreamSocket.receive(far, into: &bytes, bytesMax: 65_536) {
            case .bytes: break
            case .blocked: return .open
            case .ended: return .ended(bytes.count)
            case .failed(let errno): return .failed(errno.code)
            }
        }
    }
}
