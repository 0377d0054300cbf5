package import SluiceBase
package import SluiceEpoll
package import SluiceRing

/// What a worker needs from the kernel: io_uring, epoll, or a simulated one in tests.
///
/// Methods queue operations; `wait` submits them and shows completions. A token names operation,
/// slot and generation. Receives deliver provided buffers, which `recycle` gives back.
package protocol Port: ~Copyable {
    mutating func accept(on descriptor: Int32, token: UInt64)
    mutating func receive(on descriptor: Int32, token: UInt64)
    mutating func send(_ bytes: Bytes, on descriptor: Int32, token: UInt64)
    mutating func connect(_ descriptor: Int32, to address: Bytes, token: UInt64)
    mutating func finish(_ descriptor: Int32, token: UInt64)
    mutating func close(_ descriptor: Int32, token: UInt64)
    /// Cancels everything on a descriptor.
    mutating func cancel(_ descriptor: Int32, token: UInt64)
    /// Cancels the operation that was submitted with `target`.
    mutating func cancel(operation target: UInt64, token: UInt64)
    mutating func timeout(_ nanoseconds: UInt64, token: UInt64)
    mutating func watch(_ descriptor: Int32, token: UInt64)

    mutating func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int
    func completion(_ place: Int) -> Completion
    mutating func advance(_ count: Int)
    mutating func recycle(_ buffer: Int32)

    /// A non-blocking TCP socket for an address as the routing snapshot has it; -1 or a
    /// descriptor.
    mutating func openSocket(for address: Bytes) -> Int32
    /// Monotonic nanoseconds.
    mutating func now() -> UInt64
    /// Seconds since 1970.
    mutating func unixSecond() -> Int64
}

extension Epoll: Port {
    package mutating func now() -> UInt64 { Clock.now() }

    package mutating func unixSecond() -> Int64 { Clock.unixSecond() }
}

extension Ring: Port {
    package mutating func openSocket(for address: Bytes) -> Int32 {
        UpstreamSocket.open(for: address)
    }

    package mutating func now() -> UInt64 { Clock.now() }

    package mutating func unixSecond() -> Int64 { Clock.unixSecond() }
}
