import Glibc
import SluiceBase
import SluiceRing
import Testing

/// A ring over loopback sockets, and what a peer does to them.
///
/// Every wait has a deadline and gives up with nil or fewer completions; the test then fails.
struct Loopback: ~Copyable {
    static let bufferBytes = 64
    static let deadlineNanoseconds: UInt64 = 10_000_000_000

    var ring: Ring
    let arena: Arena
    /// Completions that came before they were asked for.
    private var early: [Completion]

    /// Why the kernel lets this process have no ring; nil when it does, or when the fault is ours.
    static let refusal: Errno? = {
        do {
            _ = try Loopback()
            return nil
        } catch RingRefusal.refused(let errno) {
            return [EPERM, EACCES, ENOSYS].contains(errno.code) ? errno : nil
        } catch {
            return nil
        }
    }()

    /// What to tell the person whose tests were skipped.
    static let refusalText = Comment(
        rawValue: refusal.map { RingRefusal.refused($0).description } ?? "io_uring is there"
    )

    /// Throws `RingRefusal` where there is no io_uring.
    init(buffers: Int = 4) throws {
        let arena = try Arena(count: buffers, size: Self.bufferBytes)
        let ring = try Ring(entries: 16, arena: arena)
        self.arena = arena
        self.ring = ring
        early = []
    }

    /// The next completion with `token`; nil when none comes in time.
    mutating func next(_ token: UInt64) throws -> Completion? {
        let end = Clock.now() + Self.deadlineNanoseconds
        while true {
            if let place = early.firstIndex(where: { $0.token == token }) {
                return early.remove(at: place)
            }
            let now = Clock.now()
            guard now < end else { return nil }
            try collect(1, atMost: end - now)
        }
    }

    /// The tokens of what has completed by the time `marker`, a timeout, completes.
    mutating func tokens(until marker: UInt64) throws -> [UInt64] {
        ring.timeout(1_000_000, token: marker)
        guard try next(marker) != nil else { return [] }
        defer { early = [] }
        return early.map(\.token)
    }

    private mutating func collect(_ least: UInt32, atMost nanoseconds: UInt64) throws {
        let count = try ring.wait(least, atMost: nanoseconds)
        for place in 0..<count { early.append(ring.completion(place)) }
        ring.advance(count)
    }

    /// What a receive delivered; the buffer goes back.
    mutating func text(_ completion: Completion) -> String {
        guard completion.result >= 0, completion.buffer >= 0 else { return "\(completion.result)" }
        let bytes = arena.bytes(Int(completion.buffer), 0, Int(completion.result)).text
        ring.recycle(completion.buffer)
        return bytes
    }
}

/// A listening socket on a free port of 127.0.0.1, closed in the end.
struct Listener: ~Copyable {
    let descriptor: Int32
    /// A `sockaddr_in`.
    let address: [UInt8]

    init() throws {
        let descriptor = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 16)
        self.descriptor = descriptor
        address = Self.address(StreamSocket.port(of: descriptor))
    }

    deinit { StreamSocket.close(descriptor) }

    static func address(_ port: UInt16) -> [UInt8] {
        [UInt8(AF_INET), 0, UInt8(port >> 8), UInt8(port & 0xff), 127, 0, 0, 1]
            + [UInt8](repeating: 0, count: 8)
    }
}

/// The other end of a connection: blocking, with a deadline on every read, closed in the end.
struct Peer: ~Copyable {
    let descriptor: Int32

    /// A connection to `listener`.
    init(to listener: borrowing Listener) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let status = unsafe listener.address.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return Int32(-1) }
            return unsafe connect(descriptor, base.assumingMemoryBound(to: sockaddr.self), 16)
        }
        guard status == 0 else { throw Errno.last }
        self.descriptor = Self.patient(descriptor)
    }

    /// One of a pair of connected sockets; the ring uses the other, which the caller closes.
    init(other: inout Int32) throws {
        var pair: [Int32] = [-1, -1]
        let status = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        guard status == 0 else { throw Errno.last }
        other = pair[1]
        descriptor = Self.patient(pair[0])
    }

    /// Reads give up after ten seconds.
    private static func patient(_ descriptor: Int32) -> Int32 {
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, 16)
        return descriptor
    }

    deinit { StreamSocket.close(descriptor) }

    func send(_ text: String) {
        _ = StreamSocket.send(descriptor, Array(text.utf8)[...])
    }

    /// Reads `count` bytes, or fewer when the stream ends or nothing comes in time.
    func receive(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let transfer = StreamSocket.receive(
                descriptor,
                into: &bytes,
                bytesMax: count - bytes.count
            )
            guard case .bytes = transfer else { break }
        }
        return bytes
    }

    /// Whether the stream has ended.
    func hasEnded() -> Bool {
        var bytes: [UInt8] = []
        return StreamSocket.receive(descriptor, into: &bytes, bytesMax: 1) == .ended
    }
}
