internal import Glibc
internal import SluiceBase

/// What is under way on one descriptor, and what the kernel last said of it.
///
/// Zeroed memory is a descriptor of which nothing is known: every field reads well as zeros.
struct Descriptor: BitwiseCopyable {
    var state: State = []
    /// The next descriptor in line, if this one stands in line and is not the last.
    var next: Int32 = 0
    /// How many of the outgoing bytes are sent.
    var sent: Int32 = 0
    /// What to send, or the address to connect to, unless it is a send of several pieces.
    var outgoing: Bytes?
    /// The place of several pieces in the store, counted from 1; 0: there are none.
    var pieces: Int32 = 0
    /// Which buffers a receive draws on.
    var group = ReceiveGroup.heads
    var readToken: UInt64 = 0
    var writeToken: UInt64 = 0
    /// The next in the chain of each token.
    var afterRead = Side.none
    var afterWrite = Side.none

    /// Independent facts; an operation is under way while its bit is set.
    struct State: OptionSet, BitwiseCopyable {
        let rawValue: UInt16

        /// The epoll instance reports on it.
        static let registered = State(rawValue: 1 << 0)
        /// Reading may bring something.
        static let readable = State(rawValue: 1 << 1)
        /// Writing would block.
        static let blocked = State(rawValue: 1 << 2)
        /// The stream has an end or an error: reading goes on until it is met.
        static let ended = State(rawValue: 1 << 3)
        /// It stands in line for its step.
        static let inLine = State(rawValue: 1 << 4)

        static let accepts = State(rawValue: 1 << 5)
        static let receives = State(rawValue: 1 << 6)
        static let watches = State(rawValue: 1 << 7)
        static let cancelsRead = State(rawValue: 1 << 8)

        static let sends = State(rawValue: 1 << 9)
        static let connects = State(rawValue: 1 << 10)
        /// The handshake is under way.
        static let connecting = State(rawValue: 1 << 11)
        static let cancelsWrite = State(rawValue: 1 << 12)

        /// A listening socket, whose open file other descriptors may share.
        static let listens = State(rawValue: 1 << 13)

        /// The stream ends right behind what is sent.
        static let sendsLast = State(rawValue: 1 << 14)
        /// Nothing waits for the completion of what is sent.
        static let sendsPatiently = State(rawValue: 1 << 15)

        static let reads: State = [.accepts, .receives, .watches]
        static let writes: State = [.sends, .connects]
    }

    var isReading: Bool { !state.isDisjoint(with: .reads) }
    var isWriting: Bool { !state.isDisjoint(with: .writes) }
    /// Another step would bring something without news from the kernel.
    var hasMore: Bool { state.contains(.readable) && isReading }
}

/// The reading or the writing side of a descriptor, which has one operation under way at most.
struct Side: BitwiseCopyable, Equatable {
    /// Zero bytes are none.
    private let number: Int32

    static let none = Side(number: 0)

    private init(number: Int32) { self.number = number }

    init(readingOf descriptor: Int32) { number = descriptor << 1 | 1 }

    init(writingOf descriptor: Int32) { number = (descriptor &+ 1) << 1 }

    var isNone: Bool { number == 0 }
    var isReading: Bool { number & 1 == 1 }
    var descriptor: Int32 { isReading ? number >> 1 : (number >> 1) &- 1 }
}

/// The state of every descriptor the process may have, by number, and the line of those that wait
/// for their step: linked through the entries, so that standing in line costs no memory.
///
/// The memory is address space until a descriptor of its page is used. One owner, one thread.
@safe
struct DescriptorTable: ~Copyable {
    /// Entries at most, whatever the limit of open files says.
    static let countMax = 1 << 24

    private let entries: UnsafeMutablePointer<Descriptor>
    private let pieces: UnsafeMutablePointer<Pieces>
    let count: Int
    /// The place, counted from 1, that was given back last; 0 when all below `used` are taken.
    private var freePieces: Int32 = 0
    private var used: Int32 = 0
    private var first: Int32 = 0
    private var last: Int32 = 0
    /// How many stand in line.
    private(set) var waiting = 0

    /// One entry for each descriptor that RLIMIT_NOFILE allows; throws the error of mmap(2).
    init() throws(Errno) {
        count = min(ProcessFacts.descriptorLimit().now, Self.countMax)
        let entries = try unsafe Self.map(count * MemoryLayout<Descriptor>.stride)
        let pieces: UnsafeMutableRawPointer
        do throws(Errno) {
            unsafe pieces = try unsafe Self.map(count * MemoryLayout<Pieces>.stride)
        } catch {
            unsafe munmap(entries, count * MemoryLayout<Descriptor>.stride)
            throw error
        }
        unsafe self.entries = entries.bindMemory(to: Descriptor.self, capacity: count)
        unsafe self.pieces = pieces.bindMemory(to: Pieces.self, capacity: count)
    }

    private static func map(_ size: Int) throws(Errno) -> UnsafeMutableRawPointer {
        let mapping = unsafe mmap(
            nil,
            size,
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
            -1,
            0
        )
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { throw Errno.last }
        return unsafe mapping
    }

    deinit {
        unsafe munmap(entries, count * MemoryLayout<Descriptor>.stride)
        unsafe munmap(pieces, count * MemoryLayout<Pieces>.stride)
    }

    subscript(descriptor: Int32) -> Descriptor {
        unsafeAddress {
            precondition(holds(descriptor), "a descriptor within RLIMIT_NOFILE")
            return unsafe UnsafePointer(entries + Int(descriptor))
        }
        nonmutating unsafeMutableAddress {
            precondition(holds(descriptor), "a descriptor within RLIMIT_NOFILE")
            return unsafe entries + Int(descriptor)
        }
    }

    func holds(_ descriptor: Int32) -> Bool { descriptor >= 0 && descriptor < count }

    /// Forgets what was known of a number whose file is another one from now on; nothing is under
    /// way on it.
    mutating func forget(_ descriptor: Int32) {
        precondition(
            !self[descriptor].isReading && !self[descriptor].isWriting,
            "operations end before their descriptor"
        )
        let pieces = self[descriptor].pieces
        if pieces > 0 { forgetPieces(pieces) }
        var fresh = Descriptor()
        fresh.state = self[descriptor].state.intersection(.inLine)
        fresh.next = self[descriptor].next
        self[descriptor] = fresh
    }

    /// Puts a descriptor at the end of the line unless it stands there.
    mutating func lineUp(_ descriptor: Int32) {
        guard !self[descriptor].state.contains(.inLine) else { return }
        self[descriptor].state.insert(.inLine)
        if waiting > 0 { self[last].next = descriptor } else { first = descriptor }
        last = descriptor
        waiting &+= 1
    }

    /// Takes the first in line; somebody stands there.
    mutating func takeFirst() -> Int32 {
        precondition(waiting > 0, "a line with somebody in it")
        let descriptor = first
        first = self[descriptor].next
        self[descriptor].state.remove(.inLine)
        waiting &-= 1
        return descriptor
    }
}

// The chains of tokens.
extension DescriptorTable {
    /// The token of what is under way on a side.
    func token(_ side: Side) -> UInt64 {
        let descriptor = side.descriptor
        return side.isReading ? self[descriptor].readToken : self[descriptor].writeToken
    }

    func next(_ side: Side) -> Side {
        let descriptor = side.descriptor
        return side.isReading ? self[descriptor].afterRead : self[descriptor].afterWrite
    }

    func link(_ side: Side, before next: Side) {
        let descriptor = side.descriptor
        if side.isReading {
            self[descriptor].afterRead = next
        } else {
            self[descriptor].afterWrite = next
        }
    }
}

// The pieces of sends under way: as many places as there were such sends at a time, so that
// connections that send nothing cost nothing.
extension DescriptorTable {
    /// The pieces of a send that is under way, or a place that waits for the next one.
    private struct Pieces: BitwiseCopyable {
        var gather: Gather
        /// The next free place, counted from 1.
        var next: Int32
    }

    /// Keeps pieces until `forgetPieces`; their place, counted from 1.
    mutating func keep(_ gather: Gather) -> Int32 {
        var place = freePieces
        if place > 0 {
            unsafe freePieces = pieces[Int(place) - 1].next
        } else {
            precondition(used < count, "a send for each descriptor at most")
            used &+= 1
            place = used
        }
        unsafe pieces[Int(place) - 1] = Pieces(gather: gather, next: 0)
        return place
    }

    func gather(_ place: Int32) -> Gather {
        precondition(place > 0 && place <= used, "pieces that were kept")
        return unsafe pieces[Int(place) - 1].gather
    }

    /// Drops the first bytes of what is kept, which are sent.
    func removeFirst(_ number: Int, _ place: Int32) {
        precondition(place > 0 && place <= used, "pieces that were kept")
        unsafe pieces[Int(place) - 1].gather.removeFirst(number)
    }

    /// Gives the place of a send that is over back.
    mutating func forgetPieces(_ place: Int32) {
        precondition(place > 0 && place <= used, "pieces that were kept")
        unsafe pieces[Int(place) - 1].next = freePieces
        freePieces = place
    }
}
