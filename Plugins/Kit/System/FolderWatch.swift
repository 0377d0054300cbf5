internal import Glibc

/// Hears of changes in folders through inotify, on the lane.
///
/// It says only that something changed: events can be lost (queue overflow), so the listener
/// looks at the folders again. Follow what the folders hold with `add` after each look.
public final class FolderWatch {
    private let fd: Int32
    private let onChange: () -> Void
    private var watch: LaneWatch?

    /// Starts with no folder; `onChange` runs on the lane once for each burst of events.
    ///
    /// The closure must not hold the watch strongly.
    public init(_ host: Host, onChange: @escaping () -> Void) throws(PluginError) {
        let fd = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        self.fd = fd
        self.onChange = onChange
        guard fd >= 0 else { throw Self.failure("starting inotify", "") }
        do throws(PluginError) {
            watch = try host.watch(
                fd: fd,
                for: .readable,
                ended: { Glibc.close(fd) },
                { [weak self] _ in self?.drain() }
            )
        } catch {
            Glibc.close(fd)
            throw error
        }
    }

    /// Watches one folder (not what lies below its subfolders); again is harmless.
    public func add(_ folder: String) throws(PluginError) {
        guard watch != nil else { throw PluginError(.state, "the watch was closed") }
        let events =
            IN_CREATE | IN_DELETE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB
            | IN_DELETE_SELF | IN_MOVE_SELF
        guard unsafe inotify_add_watch(fd, folder, UInt32(events)) >= 0 else {
            throw Self.failure("watching", folder)
        }
    }

    /// Ends it, as letting go of it does; harmless when repeated.
    public func close() {
        watch?.cancel()
        watch = nil
    }

    /// The events themselves do not matter, only that there were some.
    private func drain() {
        var sawAny = false
        while true {
            let room = 16_384
            let burst = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                count = max(unsafe read(fd, buffer.baseAddress, room), 0)
            }
            if burst.isEmpty { break }
            sawAny = true
        }
        if sawAny { onChange() }
    }

    private static func failure(_ deed: String, _ path: String) -> PluginError {
        let reason = unsafe String(cString: strerror(errno))
        return PluginError(.io, "\(deed) \(path): \(reason)")
    }
}
