import SluiceBase
import SluiceConfig
import SluiceExtensions
import SluiceRouting
import SluiceServe
import SluiceShared
import Synchronization
import Testing

/// The control side of the workers, with desks that the test itself reads.
@Suite struct PublisherTests {
    private static let patienceNanoseconds = 30 * Clock.nanosecondsPerSecond

    /// A compiler thread and its desks, without workers.
    private struct House {
        let desks: [Desk]
        let publisher: Publisher
        let thread: Thread
        private let control: Inbox
        private let wake: Inbox

        init(desks count: Int) throws {
            let installed = Published<Installation>()
            let control = try Inbox()
            wake = try Inbox()
            self.control = control
            desks = try (0..<count).map {
                try Desk(
                    worker: $0,
                    inbox: Inbox(),
                    installed: installed,
                    tickets: TicketBoard(),
                    control: control
                )
            }
            publisher = Publisher(desks: desks, installed: installed, inbox: control) { _, _ in }
            var terms = Publisher.Terms(
                instanceOrder: ["test"],
                services: [:],
                requestTimeoutNanoseconds: 0,
                limits: Limits()
            )
            terms.limits.acceptBacklog = 8
            thread = try publisher.start(terms)
        }

        /// Publishes documents in place of all before but `keeps`, and waits until they are
        /// installed.
        func publish(
            _ documents: [(DocumentKind, String, String)],
            keeps: [(DocumentKind, String)] = []
        ) throws -> UInt64 {
            let puts = try documents.map { kind, name, text in
                Document(key: key(kind, name), value: try JSONDocument(parsing: Array(text.utf8)))
            }
            let keeps = Set(keeps.map(key))
            let done = Cell.permanent()
            let wake = wake
            publisher.submit(
                Transaction(
                    instance: "test",
                    revision: "",
                    isResync: true,
                    puts: puts,
                    keeps: keeps
                ) { _, generation, _ in
                    done.release(generation)
                    wake.wake()
                }
            )
            let end = Clock.now() + PublisherTests.patienceNanoseconds
            while done.acquire() == 0, Clock.now() < end { wake.await(until: end) }
            return done.acquire()
        }

        private func key(_ kind: DocumentKind, _ name: String) -> DocumentKey {
            DocumentKey(instance: "test", kind: kind, name: name)
        }

        func stop() {
            publisher.stop()
            thread.join()
        }
    }

    /// Adopts what is installed, as a worker does; the number.
    private func adopt(_ desk: Desk) -> UInt64 {
        let known = desk.adopted.value
        guard let (number, _) = desk.installed.read(unless: known, hazard: desk.reading) else {
            return known
        }
        desk.adopted.release(number)
        desk.control.wake()
        return number
    }

    private func pool(_ port: Int) -> (DocumentKind, String, String) {
        (.pool, "p", #"{"endpoints":[{"address":"10.0.0.1","port":\#(port)}]}"#)
    }

    @Test func `a stuck worker stops no publishing and keeps one snapshot`() throws {
        let house = try House(desks: 2)
        defer { house.stop() }
        _ = try house.publish([pool(1)])
        let stuck = adopt(house.desks[0])
        #expect(stuck == 1)
        var keptMax = 0
        for round in 2...1_000 {
            let generation = try house.publish([pool(round)])
            #expect(adopt(house.desks[1]) == generation)
            keptMax = max(keptMax, house.publisher.state.snapshotsKept)
        }
        #expect(house.publisher.state.generation == 1_000)
        #expect(house.publisher.adoptedGeneration == stuck)
        // The newest, the one before it while it is being left, and the stuck worker's.
        #expect(keptMax <= 4)
        #expect(adopt(house.desks[0]) == 1_000)
    }

    @Test func `a resync leaves what it keeps and the last good version of what it puts`() throws {
        let house = try House(desks: 1)
        defer { house.stop() }
        let good = pool(1).2
        #expect(try house.publish([pool(1), (.pool, "q", good)]) == 1)
        let bad = #"{"endpoints":[{"address":"10.0.0.1","port":"x"}]}"#
        #expect(try house.publish([(.pool, "p", bad)], keeps: [(.pool, "q")]) == 1)
        let state = house.publisher.state
        #expect(state.documents.map(\.key.name) == ["p", "q"])
        #expect(state.problems.map(\.pointer) == ["/endpoints/0/port"])
        #expect(try house.publish([], keeps: [(.pool, "p")]) == 2)
        #expect(house.publisher.state.documents.map(\.key.name) == ["p"])
        #expect(house.publisher.state.problems.map(\.pointer) == ["/endpoints/0/port"])
        #expect(try house.publish([pool(1)]) == 2)
        #expect(house.publisher.state.problems == [])
    }

    @Test func `a transaction that comes after the end is cancelled`() throws {
        let house = try House(desks: 1)
        #expect(try house.publish([pool(1)]) == 1)
        house.stop()
        let answers = Mutex<[CommitStatus]>([])
        house.publisher.submit(
            Transaction(instance: "test", revision: "", isResync: true, puts: []) { status, _, _ in
                answers.withLock { $0.append(status) }
            }
        )
        #expect(answers.withLock { $0 } == [.cancelled])
        #expect(house.publisher.state.documents.count == 1)
    }

    @Test func `sockets follow the snapshot that serves them and are retired after it`() throws {
        let house = try House(desks: 2)
        defer { house.stop() }
        let port = try freePort()
        let listener = #"{"address":"127.0.0.1","port":\#(port),"protocol":"HTTP"}"#
        _ = try house.publish([(.listener, "l", listener)])
        #expect(house.publisher.state.bindings == 1)
        for desk in house.desks {
            var version: UInt64 = 0
            #expect(desk.sockets.changed(since: &version))
            #expect(!desk.sockets.changed(since: &version))
            guard case .listen(let descriptor) = desk.sockets.take(0) else {
                Issue.record("no socket was offered")
                continue
            }
            #expect(StreamSocket.port(of: descriptor) == port)
            #expect(desk.sockets.take(0) == .none)
            ListeningSocket.close(descriptor)
        }
        _ = try house.publish([])
        for desk in house.desks { #expect(desk.sockets.take(0) == .retire) }
    }

    @Test func `a port that is taken is told and tried again`() throws {
        let house = try House(desks: 1)
        defer { house.stop() }
        let taken = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 1)
        let port = StreamSocket.port(of: taken)
        let listener = #"{"address":"127.0.0.1","port":\#(port),"protocol":"HTTP"}"#
        _ = try house.publish([(.listener, "l", listener)])
        #expect(house.publisher.state.unbound.map(\.name) == ["l"])
        #expect(house.desks[0].sockets.take(0) == .none)
        StreamSocket.close(taken)
        let end = Clock.now() + Self.patienceNanoseconds
        var order = SocketOrder.none
        while order == .none, Clock.now() < end {
            house.desks[0].inbox.await(until: end)
            order = house.desks[0].sockets.take(0)
        }
        guard case .listen(let descriptor) = order else {
            Issue.record("the port was never had")
            return
        }
        ListeningSocket.close(descriptor)
        // The socket is offered first; what the admin API shows follows.
        while !house.publisher.state.unbound.isEmpty, Clock.now() < end {
            house.desks[0].inbox.await(until: Clock.now() + Clock.nanosecondsPerMillisecond)
        }
        let state = house.publisher.state
        #expect(state.unbound.isEmpty && state.problems.isEmpty && state.generation == 1)
    }

    /// A port that nothing listens on now.
    private func freePort() throws -> UInt16 {
        let listener = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 1)
        defer { StreamSocket.close(listener) }
        return StreamSocket.port(of: listener)
    }
}

@Suite struct SocketOfferTests {
    private func open() throws -> Int32 {
        try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 1)
    }

    @Test func `what was not taken is closed when it is replaced`() throws {
        let offers = try SocketOffers()
        let first = try open()
        let port = StreamSocket.port(of: first)
        offers.offer(3, first)
        offers.retire(3)
        #expect(!isListening(port))
        #expect(offers.take(3) == .retire)
        let second = try open()
        let other = StreamSocket.port(of: second)
        offers.offer(3, second)
        offers.closeUntaken()
        #expect(!isListening(other) && offers.take(3) == .none)
    }

    @Test func `what was taken is the worker's`() throws {
        let offers = try SocketOffers()
        let descriptor = try open()
        offers.offer(SocketOffers.bindingsMax - 1, descriptor)
        #expect(offers.take(SocketOffers.bindingsMax - 1) == .listen(descriptor))
        offers.retire(SocketOffers.bindingsMax - 1)
        #expect(StreamSocket.port(of: descriptor) != 0)
        StreamSocket.close(descriptor)
    }

    /// Whether the port can no longer be listened on by another.
    private func isListening(_ port: UInt16) -> Bool {
        guard let own = try? StreamSocket.listen(ipv4: 0x7f00_0001, port: port, backlog: 1) else {
            return true
        }
        StreamSocket.close(own)
        return false
    }
}

@Suite struct DescriptorShareTests {
    @Test func `limits that fit stay`() {
        let (limits, warning) = DescriptorShare.fit(Limits(), workers: 2, descriptors: 1_048_576)
        #expect(limits == Limits() && warning == nil)
    }

    @Test(arguments: [(1, 256), (2, 1_024), (4, 4_096), (3, 20_000), (64, 1_048_576), (8, 10)])
    func `workers together stay below the limit of the process`(
        workers: Int,
        descriptors: Int
    ) throws {
        var wanted = Limits()
        wanted.upstreamConnectionsPerWorkerMax = 8_192
        let (limits, warning) = DescriptorShare.fit(
            wanted,
            workers: workers,
            descriptors: descriptors
        )
        let each = limits.connectionsPerWorkerMax + limits.upstreamConnectionsPerWorkerMax
        let least = 32 * workers
        #expect(each * workers <= max(least, descriptors - DescriptorShare.reserve))
        #expect(limits.connectionsPerWorkerMax >= 16)
        #expect(limits.upstreamConnectionsPerWorkerMax >= 16)
        let text = try #require(warning)
        #expect(text.contains("\(descriptors) descriptors"))
        #expect(text.contains("from 16384 to \(limits.connectionsPerWorkerMax) "))
    }
}
