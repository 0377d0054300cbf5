package import SluiceBase
package import SluiceEpoll
package import SluiceRing

/// What a worker needs from the kernel: io_uring, epoll, or a simulated one in tests.
///
/// All three hold the contract below.
///
/// **Operations.** Accept, receive, send, connect, timeout and watch each submit one operation. It
/// completes for good exactly once: with `more == false`. An accept, a receive and a watch complete
/// any number of times with `more == true` before. Tokens of operations under way differ. A
/// descriptor has at most one of accept, receive and watch, and at most one of send and connect,
/// under way at a time. The order of completions says nothing, except among those of one
/// operation: an end of stream, or a reply, may come before the completion of the send that caused
/// it.
///
/// **At once.** `finish`, `close` and the questions are system calls that are over when the method
/// returns. They have no completion and never run later.
///
/// **Memory.** Bytes that were handed to `send` and `connect` stay in place until the completion. A
/// receive buffer belongs to the worker from its completion until `recycle`.
///
/// One thread uses a port.
package protocol Port: ~Copyable {
    /// Accepts connections from a listening socket until it is cancelled or fails; each
    /// completion brings a descriptor.
    ///
    /// It may end at any time with a descriptor and `more == false`; then it is submitted again.
    /// For want of descriptors or memory it ends with -EMFILE, -ENFILE, -ENOBUFS or -ENOMEM; the
    /// connection stays in the kernel's queue.
    mutating func accept(on descriptor: Int32, token: UInt64)

    /// Receives into provided buffers; each completion that brings bytes brings a buffer with them.
    ///
    /// Bytes come in order. The end of the stream is result 0, an error -errno; both have no
    /// buffer and `more == false`, and nothing follows them. The receive may also end at any time
    /// with bytes and `more == false`, and it ends with -ENOBUFS when no buffer of its group is
    /// free: the stream is intact, and the next receive goes on where this one ended.
    mutating func receive(on descriptor: Int32, token: UInt64, from group: ReceiveGroup)

    /// Sends the bytes of `gather`, of which there is at least one.
    ///
    /// The result is the number of bytes that were sent, at least 1 and possibly less than all, or
    /// -errno when none was. It is far apart from the peer reading them. The gather itself need not
    /// stay. A patient send does not end a wait by its completion; it may end with -EAGAIN where
    /// it would have to wait for the peer, and is then submitted again without patience.
    mutating func send(_ gather: Gather, on descriptor: Int32, token: UInt64)

    /// Connects a socket of `openSocket` to a socket address; the result is 0 or -errno.
    mutating func connect(_ descriptor: Int32, to address: Bytes, token: UInt64)

    /// Completes with -ETIME after `nanoseconds`, not earlier; one timeout at a time.
    mutating func timeout(_ nanoseconds: UInt64, token: UInt64)

    /// Completes with a positive result whenever `descriptor` turns readable, until it is
    /// cancelled: the wake-up of an inbox. It reads nothing.
    mutating func watch(_ descriptor: Int32, token: UInt64)

    /// Asks that the operation submitted with `target` end soon.
    ///
    /// The target still completes for good, once: with -ECANCELED, or with what it had come to. A
    /// cancelled send that has sent something reports how much. What else it completes with before
    /// counts: connections and bytes included. The request itself does not complete, except that
    /// one that found nothing to cancel may bring `token` with a negative result, which means
    /// nothing.
    mutating func cancel(operation target: UInt64, token: UInt64)

    /// Submits what was asked and waits for `least` completions, or for at most `nanoseconds` when
    /// that is not 0; the number that are ready.
    ///
    /// Throws when the kernel takes the port away.
    mutating func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int

    /// The completion `place` after the oldest one; `place` is below what `wait` answered.
    func completion(_ place: Int) -> Completion

    /// Forgets the oldest `count` completions.
    mutating func advance(_ count: Int)

    /// Gives a receive buffer back, once.
    mutating func recycle(_ buffer: Int32)

    /// Ends the sending half at once, behind the bytes whose send has completed.
    ///
    /// No send is under way. The other half goes on. A connection that is gone stays gone: its
    /// receive reports that.
    mutating func finish(_ descriptor: Int32)

    /// Sends what of a few bytes fits at once; no send is under way.
    ///
    /// For what a connection says before it closes. Nothing tells whether it was sent.
    mutating func sendAtOnce(_ bytes: Bytes, on descriptor: Int32)

    /// Closes a descriptor at once; its number may come back with the next descriptor.
    ///
    /// No operation that names the descriptor is under way: accept, receive, send, connect and
    /// watch have completed for good. With `resets` the peer gets a reset, and what was not
    /// delivered is dropped. Without, the kernel delivers the rest; but bytes of the peer that
    /// nobody received make it reset as well.
    mutating func close(_ descriptor: Int32, resets: Bool)

    /// The next connection that waits in the kernel's queue of a listening socket, or -1; no accept
    /// is under way on it. It serves what is left there before the socket closes.
    mutating func acceptWaiting(_ descriptor: Int32) -> Int32

    /// A socket for an address as the routing snapshot has it; -1 when descriptors ran out.
    mutating func openSocket(for address: Bytes) -> Int32

    /// The other end of a connection; none when it is gone.
    mutating func peerAddress(_ descriptor: Int32) -> PeerAddress

    /// The own end of a connection; none when it is gone.
    mutating func localAddress(_ descriptor: Int32) -> PeerAddress

    /// Whether a connection goes on and nothing of the peer waits in the kernel: no bytes, no end
    /// and no error.
    ///
    /// An end counts though its completion is on the way; bytes that a receive has taken do not. An
    /// error may be taken: after the answer false the connection is of no use. A system call: for
    /// what must not be sent in vain.
    mutating func isQuiet(_ descriptor: Int32) -> Bool

    /// How many bytes the peer has acknowledged, to be compared with an earlier answer; 0 when
    /// that is unknown. A system call: for timers that fire, not for every send.
    mutating func acknowledged(_ descriptor: Int32) -> UInt64

    /// Monotonic nanoseconds.
    mutating func now() -> UInt64

    /// Seconds since 1970.
    mutating func unixSecond() -> Int64
}

/// A port whose descriptors are those of this process.
package protocol SystemPort: Port, ~Copyable {}

extension SystemPort where Self: ~Copyable {
    package mutating func finish(_ descriptor: Int32) { SocketControl.finish(descriptor) }

    package mutating func sendAtOnce(_ bytes: Bytes, on descriptor: Int32) {
        SocketControl.sendAtOnce(bytes, on: descriptor)
    }

    package mutating func peerAddress(_ descriptor: Int32) -> PeerAddress {
        .peer(of: descriptor)
    }

    package mutating func localAddress(_ descriptor: Int32) -> PeerAddress {
        .local(of: descriptor)
    }

    package mutating func isQuiet(_ descriptor: Int32) -> Bool {
        SocketControl.isQuiet(descriptor)
    }

    package mutating func acknowledged(_ descriptor: Int32) -> UInt64 {
        SocketControl.acknowledged(descriptor)
    }

    package mutating func now() -> UInt64 { Clock.now() }

    package mutating func unixSecond() -> Int64 { Clock.unixSecond() }
}

extension Epoll: SystemPort {}

extension Ring: SystemPort {
    package mutating func close(_ descriptor: Int32, resets: Bool) {
        SocketControl.close(descriptor, resets: resets)
    }

    package mutating func acceptWaiting(_ descriptor: Int32) -> Int32 {
        SocketControl.acceptWaiting(descriptor)
    }

    package mutating func openSocket(for address: Bytes) -> Int32 {
        UpstreamSocket.open(for: address)
    }
}
