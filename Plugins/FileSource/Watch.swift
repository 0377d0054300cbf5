internal import SluiceKit

/// Calls back when the files have changed and come to rest.
///
/// Bursts of events are one change: it is told after a quiet time, or at the latest a bounded time
/// after the first event. Lane only.
final class Watch {
    private let executor: Executor
    private let lane: Lane
    private let onChange: () -> Void
    private var inside: FolderWatch?
    /// Parents of the configured paths: they tell when a path itself is swapped or appears.
    private var above: FolderWatch?
    private var roots: [String: Files.Identity?] = [:]
    private var pending: Scheduled?
    private var firstEvent: UInt64 = 0

    init(
        _ executor: Executor,
        lane: Lane,
        onChange: @escaping () -> Void
    ) throws(PluginError) {
        self.executor = executor
        self.lane = lane
        self.onChange = onChange
        inside = try FolderWatch(executor) { [weak self] in self?.touched() }
        above = try FolderWatch(executor) { [weak self] in self?.rootsTouched() }
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
        pending?.cancel()
        pending = nil
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
        if roots.contains(where: { path, known in identity(path) != known }) { touched() }
    }

    private func identity(_ path: String) -> Files.Identity? {
        (try? Files.entry(at: path))?.identity
    }

    private func touched() {
        let now = lane.now
        if let pending {
            // The bound is reached: let the timer that runs fire.
            guard now < firstEvent + Limits.settleMax.wholeNanoseconds else { return }
            pending.cancel()
        } else {
            firstEvent = now
        }
        pending = try? executor.after(Limits.settle) { [weak self] in
            self?.pending = nil
            self?.onChange()
        }
    }
}

extension Duration {
    /// Whole nanoseconds of a short, positive duration.
    fileprivate var wholeNanoseconds: UInt64 {
        UInt64(components.seconds) * 1_000_000_000
            + UInt64(components.attoseconds / 1_000_000_000)
    }
}
