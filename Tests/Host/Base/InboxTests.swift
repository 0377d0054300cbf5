import Glibc
import SluiceBase
import Testing

struct InboxTests {
    private static let sendersCount = 4
    private static let messagesPerSender: UInt32 = 5_000
    private static let patienceMilliseconds: Int32 = 10_000

    /// A message of one kind; `receive` frees it.
    private static func message(_ kind: UInt32, flags: UInt32 = 0) -> InboxMessage {
        let node = UnsafeMutablePointer<InboxNode>.allocate(capacity: 1)
        unsafe node.initialize(to: InboxNode(kind: kind, flags: flags))
        return unsafe InboxMessage(node)
    }

    private static func receive(_ inbox: Inbox) -> [(kind: UInt32, flags: UInt32)] {
        var batch = inbox.drain()
        var found: [(kind: UInt32, flags: UInt32)] = []
        while let message = batch.next() {
            unsafe found.append((message.kind, message.node.pointee.flags))
            unsafe message.node.deallocate()
        }
        return found
    }

    private static func isReadable(_ inbox: Inbox, within milliseconds: Int32 = 0) -> Bool {
        var entry = pollfd(fd: inbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) == 1
    }

    @Test func `messages come out oldest first`() throws {
        let inbox = try Inbox()
        #expect(inbox.isEmpty && Self.receive(inbox).isEmpty)
        for kind: UInt32 in 1...5 { inbox.post(Self.message(kind)) }
        #expect(!inbox.isEmpty)
        #expect(Self.receive(inbox).map(\.kind) == [1, 2, 3, 4, 5])
        #expect(inbox.isEmpty && Self.receive(inbox).isEmpty)
    }

    @Test func `the first message wakes, and no later one does again`() throws {
        let inbox = try Inbox()
        #expect(!Self.isReadable(inbox))
        inbox.post(Self.message(1))
        #expect(Self.isReadable(inbox))
        inbox.clearWake()
        inbox.post(Self.message(2))
        #expect(!Self.isReadable(inbox), "the list was not empty")
        _ = Self.receive(inbox)
        inbox.post(Self.message(3))
        #expect(Self.isReadable(inbox))
        inbox.clearWake()
        inbox.clearWake()
        _ = Self.receive(inbox)
        #expect(inbox.push(Self.message(4)) && !inbox.push(Self.message(5)))
        #expect(!Self.isReadable(inbox), "a push wakes nobody")
        inbox.wake()
        #expect(Self.isReadable(inbox))
        #expect(Self.receive(inbox).map(\.kind) == [4, 5])
    }

    @Test func `a sleeper is woken and the signal is gone`() throws {
        let inbox = try Inbox()
        let waker = try Thread(name: "waker") { inbox.wake() }
        try #require(Self.isReadable(inbox, within: Self.patienceMilliseconds))
        inbox.await()
        #expect(!Self.isReadable(inbox))
        waker.join()
    }

    @Test func `the messages of each of many threads arrive once and in order`() throws {
        let inbox = try Inbox()
        let senders = try (0..<Self.sendersCount).map { sender in
            try Thread(name: "sender-\(sender)") {
                for number in 0..<Self.messagesPerSender {
                    inbox.post(Self.message(UInt32(sender), flags: number))
                }
            }
        }
        var next = [UInt32](repeating: 0, count: Self.sendersCount)
        var count = 0
        while count < Self.sendersCount * Int(Self.messagesPerSender) {
            try #require(Self.isReadable(inbox, within: Self.patienceMilliseconds))
            inbox.clearWake()
            for (kind, flags) in Self.receive(inbox) {
                #expect(flags == next[Int(kind)], "sender \(kind)")
                next[Int(kind)] = flags + 1
                count += 1
            }
        }
        for sender in senders { sender.join() }
        #expect(next == [UInt32](repeating: Self.messagesPerSender, count: Self.sendersCount))
        #expect(inbox.isEmpty)
    }
}
