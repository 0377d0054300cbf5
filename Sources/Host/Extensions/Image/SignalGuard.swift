internal import CLinux
internal import Glibc
internal import SluiceBase

/// The host's signal handlers before a library was loaded, so that a changed one is put back.
///
/// A dynamic Swift runtime and others install handlers where they find none (header, C7).
@safe
struct SignalGuard {
    private static let watched: [Int32] = [
        SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGQUIT, SIGPIPE, SIGTERM, SIGINT,
        SIGHUP,
    ]
    private let before: [sigaction]

    init() { before = Self.watched.map(Self.current) }

    private static func current(_ signal: Int32) -> sigaction {
        var action = sigaction()
        _ = unsafe sigaction(signal, nil, &action)
        return action
    }

    /// Puts back what has changed since; the numbers of the signals.
    func restore() -> [Int32] {
        var changed: [Int32] = []
        for (index, signal) in Self.watched.enumerated() {
            var now = Self.current(signal)
            var kept = before[index]
            guard unsafe clinux_same_action(&now, &kept) == 0 else { continue }
            changed.append(signal)
            _ = unsafe sigaction(signal, &kept, nil)
        }
        return changed
    }
}
