internal import SluiceKit

/// Tells when the files have changed and come to rest.
///
/// Lane only.
///
/// Bursts of events are one change: it is told after a quiet time, or at the latest a bounded time
/// after the first event.
final class Watch {
    private let host: Host
    private let events = Signal()
    private var inside: FolderWatch?
    /// Parents of the configured paths: they tell when a path itself is swapped or appears.
    private var above: FolderWatch?
    private var roots: [String: Files.Identity?] = [:]

    init(_ host: Host) throws(PluginError) {
        self.host = host
        inside = try FolderWatch(host) { [events] in events.wake() }
        above = try FolderWatch(host) { [weak self] in self?.rootsTouched() }
    }

    /// Returns when something has changed, and after that was quiet for a while.
    func change() async throws {
        try await events.wait()
        let last = host.clock.now.advanced(by: Limits.settleMax)
        repeat {
            events.reset()
            try await host.sleep(for: Limits.settle)
        } while events.isWoken && host.clock.now < last
        events.reset()
    }

    /// Follows a folder; one that vanished meanwhile is told by its parent.
    func follow(_ folder: String) {
        try? inside?.add(folder)
    }

    /// Follows the configured paths themselves and the files, which may lie behind symlinks.
    func follow(_ paths: [String], files: [String]) {
        for file in files { try? inside?.add(file) }
        roots = [:]
        for path in paths {
            roots[path] = .some(identity(path))
            followAbove(path)
        }
    }

    func close() {
        inside?.close()
        above?.close()
    }

    /// Watches the nearest folder above the path that exists.
    private func followAbove(_ path: String) {
        var rest = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
        while true {
            let folder = (path.hasPrefix("/") ? "/" : "./") + rest.joined(separator: "/")
            if (try? above?.add(folder)) != nil || rest.isEmpty { return }
            rest = rest.dropLast()
        }
    }

    private func rootsTouched() {
        // A path that is still missing may have come one folder nearer.
        for path in roots.keys { followAbove(path) }
        if roots.contains(where: { path, known in identity(path) != known }) { events.wake() }
    }

    private func identity(_ path: String) -> Files.Identity? {
        (try? Files.entry(at: path))?.identity
    }
}
