internal import CLinux
internal import Glibc

/// The first words of every message that travels through an inbox: a link and a kind.
///
/// Whoever makes a message allocates it with this header in front; the kind is the receiver's.
package struct InboxNode: BitwiseCopyable {
    package var next: UInt64
    package var kind: UInt32
    package var flags: UInt32

    package init(kind: UInt32, flags: UInt32 = 0) {
        next = 0
        self.kind = kind
        self.flags = flags
    }
}

/// A pointer to a message; safe to hold and pass on, opened only in rooms that know its layout.
@safe
package struct InboxMessage: @unchecked Sendable, BitwiseCopyable {
    package let node: UnsafeMutablePointer<InboxNode>

    package init(_ node: UnsafeMutablePointer<InboxNode>) {
        unsafe self.node = node
    }

    package var kind: UInt32 { unsafe node.pointee.kind }
}

/// How any thread reaches a loop thread: an atomic list of messages and an eventfd that wakes.
///
/// Posting is lock-free and never fails; the bound is on who may post (one answer an exchange,
/// one control message at a time). Messages posted by one thread arrive in order.
@safe
package struct Inbox: @unchecked Sendable, BitwiseCopyable {
    private let head: Cell
    /// Becomes readable when the list turns non-empty; non-blocking, close-on-exec.
    package let wakeDescriptor: Int32

    /// Throws the error of eventfd(2), usually EMFILE.
    package init() throws(Errno) {
        let descriptor = clinux_eventfd()
        guard descriptor >= 0 else { throw Errno.last }
        wakeDescriptor = descriptor
        head = Cell.permanent()
    }

    /// An empty inbox that wakes by the descriptor of one that is over.
    ///
    /// Whoever still wakes that one wakes this one, which does no harm; closing the descriptor
    /// could do some.
    package init(wakingAs other: Inbox) {
        wakeDescriptor = other.wakeDescriptor
        head = Cell.permanent()
    }

    /// [any thread] Adds a message; wakes the owner if the list was empty.
    package func post(_ message: InboxMessage) {
        if push(message) { wake() }
    }

    /// [owner] Adds a message without waking; whether the list was empty.
    @discardableResult
    package func push(_ message: InboxMessage) -> Bool {
        let address = unsafe UInt64(UInt(bitPattern: message.node))
        while true {
            let seen = head.value
            unsafe message.node.pointee.next = seen
            if head.exchange(address, ifEqual: seen) { return seen == 0 }
        }
    }

    /// [any thread] Wakes the owner.
    package func wake() {
        var one: UInt64 = 1
        _ = unsafe write(wakeDescriptor, &one, 8)
    }

    /// [owner] Whether a message waits; one relaxed load.
    package var isEmpty: Bool { head.value == 0 }

    /// [owner] Clears the wake signal.
    package func clearWake() {
        var count: UInt64 = 0
        _ = unsafe read(wakeDescriptor, &count, 8)
    }

    /// [owner] Sleeps until somebody wakes the inbox or `deadline` has come (monotonic
    /// nanoseconds), and clears the signal.
    package func await(until deadline: UInt64 = Clock.never) {
        var entry = pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&entry, 1, Clock.milliseconds(until: deadline, from: Clock.now()))
        clearWake()
    }

    /// [owner] Takes all messages, oldest first.
    package func drain() -> InboxBatch {
        var reversed = unsafe UnsafeMutablePointer<InboxNode>(bitPattern: UInt(head.exchange(0)))
        var ordered: UInt64 = 0
        while let node = unsafe reversed {
            unsafe reversed = UnsafeMutablePointer(bitPattern: UInt(node.pointee.next))
            unsafe node.pointee.next = ordered
            ordered = UInt64(UInt(bitPattern: node))
        }
        return InboxBatch(first: ordered)
    }
}

/// Messages taken from an inbox, oldest first.
@safe
package struct InboxBatch {
    private var first: UInt64

    init(first: UInt64) { self.first = first }

    /// The next message; its memory is the caller's from here on.
    package mutating func next() -> InboxMessage? {
        guard let node = unsafe UnsafeMutablePointer<InboxNode>(bitPattern: UInt(first)) else {
            return nil
        }
        unsafe first = node.pointee.next
        return unsafe InboxMessage(node)
    }
}

/// A bounded queue from one thread to one other, in memory that lives as long as the process.
///
/// Neither side locks or allocates; an element that finds no room is the producer's to count.
@safe
public struct SharedRing<Element: BitwiseCopyable>: @unchecked Sendable, BitwiseCopyable {
    /// What became of an element.
    public enum Outcome: Sendable {
        /// It waits behind others: the consumer will look by itself.
        case added
        /// It waits alone: the consumer may sleep and has to be woken.
        case addedFirst
        case full
    }

    private let start: UnsafeMutablePointer<Element>
    private let capacity: UInt64
    /// Elements taken so far; the consumer alone writes it.
    private let taken = Cell.permanent()
    /// Elements added so far; the producer alone writes it.
    private let added = Cell.permanent()

    /// Room for `capacity` elements, each `empty` at first.
    public init(capacity: Int, empty: Element) {
        precondition(capacity > 0, "a ring holds at least one element")
        unsafe start = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        unsafe start.initialize(repeating: empty, count: capacity)
        self.capacity = UInt64(capacity)
    }

    /// [producer] Adds an element, where there is room.
    public func add(_ element: Element) -> Outcome {
        let place = added.value
        guard place &- taken.acquire() < capacity else { return .full }
        unsafe start[Int(place % capacity)] = element
        added.release(place &+ 1)
        // Pairs with the fence in `next`: the consumer sees the element, or this thread sees that
        // it has taken all others.
        Cell.fence()
        return taken.acquire() == place ? .addedFirst : .added
    }

    /// [consumer] Takes the oldest element.
    public func next() -> Element? {
        let place = taken.value
        if added.acquire() == place {
            Cell.fence()
            guard added.acquire() != place else { return nil }
        }
        let element = unsafe start[Int(place % capacity)]
        taken.release(place &+ 1)
        return element
    }

    /// [consumer] Whether nothing waits.
    public var isEmpty: Bool { added.acquire() == taken.value }
}
