internal import CLinux
internal import Glibc

/// The signals that end or reload the host, as a descriptor to poll.
///
/// Made on the first thread before any other starts, so that every thread inherits the mask.
package struct ProcessSignals: Sendable {
    /// What the operator asked for.
    package enum Request: Equatable, Sendable {
        /// SIGTERM or SIGINT.
        case stop
        /// SIGHUP.
        case reload
    }

    /// Readable when a request waits; non-blocking, close-on-exec.
    package let descriptor: Int32

    /// Blocks SIGTERM, SIGINT and SIGHUP in favour of the descriptor and ignores SIGPIPE.
    ///
    /// Throws the error of signalfd(2).
    package init() throws(Errno) {
        descriptor = clinux_signals_open()
        guard descriptor >= 0 else { throw Errno.last }
    }

    /// The next request that waits, or nil.
    package func next() -> Request? {
        switch clinux_signals_next(descriptor) {
        case SIGTERM, SIGINT: .stop
        case SIGHUP: .reload
        default: nil
        }
    }

    /// From here on a crash names the plugin whose code was running.
    ///
    /// Before the first dlopen.
    package static func attributeCrashes() {
        clinux_crash_install()
    }

    /// Gives the crash handler the name of plugin instance `index`; at most 63 bytes are kept.
    package static func name(plugin index: Int, _ name: String) {
        unsafe name.withCString { unsafe clinux_crash_name(Int32(index), $0) }
    }
}
