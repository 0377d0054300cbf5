internal import CLinux

/// What a worker does to a socket at once, by a system call of its own: nothing here waits, runs
/// later or completes.
package enum SocketControl {
    /// Ends the sending half.
    ///
    /// A failure means that the connection is gone, which its receive tells.
    package static func finish(_ descriptor: Int32) { _ = clinux_socket_finish(descriptor) }

    /// Closes a descriptor; with `resets` the peer gets a reset and unsent bytes are dropped.
    package static func close(_ descriptor: Int32, resets: Bool) {
        clinux_socket_close(descriptor, resets ? 1 : 0)
    }

    /// The next connection in the kernel's queue, non-blocking and close-on-exec; -1 when none
    /// waits or none can be taken.
    package static func acceptWaiting(_ descriptor: Int32) -> Int32 {
        max(-1, clinux_socket_accept(descriptor))
    }

    /// How many bytes the peer's kernel has acknowledged since the connection began; 0 when the
    /// socket is no TCP connection.
    package static func acknowledged(_ descriptor: Int32) -> UInt64 {
        clinux_socket_acknowledged(descriptor)
    }
}
