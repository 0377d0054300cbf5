internal import Glibc
internal import SluiceBase

/// The state of every descriptor the process may have, by number, and the line of those that wait
/// for their step: linked through the entries, so that standing in line costs no memory.
///
/// The memory is address space until a descriptor of its page is used. One owner, one thread.
@safe
struct DescriptorTable: ~Copyable {
    /// Entries at most, whatever the limit of open files says.
    static let countMax = 1 << 24

    private let entries: UnsafeMutablePointer<Descriptor>
    let count: Int
    private var first: Int32 = 0
    private var last: Int32 = 0
    /// The highest number that ever stood in line.
    private(set) var highest: Int32 = 0
    /// How many stand in line.
    private(set) var waiting = 0

    /// One entry for each descriptor that RLIMIT_NOFILE allows; throws the error of mmap(2).
    init() throws(Errno) {
        count = min(ProcessFacts.descriptorLimit().now, Self.countMax)
        let mapping = unsafe mmap(
            nil,
            count * MemoryLayout<Descriptor>.stride,
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
            -1,
            0
        )
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { throw Errno.last }
        unsafe entries = mapping.bindMemory(to: Descriptor.self, capacity: count)
    }

    deinit {
        unsafe munmap(entries, count * MemoryLayout<Descriptor>.stride)
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

    /// Forgets what was known of a number whose file is another one from now on.
    func forget(_ descriptor: Int32) {
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
        highest = max(highest, descriptor)
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
