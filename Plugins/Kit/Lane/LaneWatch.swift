internal import SluiceABI

/// What a descriptor is ready for, as poll(2) numbers it.
public struct Readiness: OptionSet, Sendable {
    /// POLL* bits.
    public let rawValue: UInt32

    /// Wraps POLL* bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// There is something to read (POLLIN).
    public static let readable = Readiness(rawValue: 0x001)
    /// There is room to write (POLLOUT).
    public static let writable = Readiness(rawValue: 0x004)
    /// The descriptor has an error (POLLERR); always reported.
    public static let failed = Readiness(rawValue: 0x008)
    /// The other end has gone (POLLHUP); always reported.
    public static let hungUp = Readiness(rawValue: 0x010)
}

/// A descriptor that is watched on the lane.
///
/// Lane only; dropping it ends it.
public final class LaneWatch {
    private let lane: Lane
    private let id: sluice_tid
    private let watched: Watched
    private var isCanceled = false

    fileprivate init(_ lane: Lane, _ id: sluice_tid, _ watched: Watched) {
        self.lane = lane
        self.id = id
        self.watched = watched
    }

    deinit {
        cancel()
    }

    /// Ends it: its closure does not run again, and `ended` follows.
    ///
    /// Harmless when repeated.
    public func cancel() {
        if isCanceled { return }
        isCanceled = true
        watched.onReady = nil
        // GONE is an answer too: the final call is on its way.
        if let cancel = unsafe lane.table.pointee.cancel { _ = unsafe cancel(lane.table, id) }
    }
}

extension Host {
    /// Runs `onReady` on the lane each time `fd` is ready for `events` (level triggered).
    ///
    /// Lane only. The descriptor stays the caller's; `ended` runs on the lane when the host has let
    /// go of it, which is the time to close it.
    public func watch(
        fd: Int32,
        for events: Readiness,
        ended: @escaping () -> Void,
        _ onReady: @escaping (Readiness) -> Void
    ) throws(PluginError) -> LaneWatch {
        guard let watch = unsafe lane.table.pointee.watch_fd else { throw missing("watch_fd") }
        let watched = Watched(lane, onReady, ended)
        let context = unsafe Unmanaged.passRetained(watched).toOpaque()
        var id: sluice_tid = 0
        let status = unsafe watch(lane.table, fd, events.rawValue, watchReady, context, &id)
        if status < 0 {
            unsafe Unmanaged<Watched>.fromOpaque(context).release()
            throw refused(status, "watching descriptor \(fd)")
        }
        return LaneWatch(lane, id, watched)
    }

    /// Suspends the task until `fd` is ready for `events`; the host has let go of it then.
    ///
    /// Lane only.
    public func ready(fd: Int32, for events: Readiness) async throws -> Readiness {
        let waiter = Signal()
        var found: Readiness = []
        var hasEnded = false
        var watch: LaneWatch?
        watch = try self.watch(
            fd: fd,
            for: events,
            ended: {
                hasEnded = true
                waiter.wake()
            },
            { ready in
                found = ready
                watch?.cancel()
            }
        )
        do {
            while !hasEnded { try await waiter.wait() }
        } catch {
            watch?.cancel()
            while !hasEnded { await waiter.outlast() }
            throw error
        }
        return found
    }
}

private final class Watched {
    let lane: Lane
    var onReady: ((Readiness) -> Void)?
    let ended: () -> Void

    init(_ lane: Lane, _ onReady: @escaping (Readiness) -> Void, _ ended: @escaping () -> Void) {
        self.lane = lane
        self.onReady = onReady
        self.ended = ended
    }
}

private func watchReady(_ context: UnsafeMutableRawPointer?, _ fd: Int32, _ ready: UInt32) {
    guard let context = unsafe context else { return }
    let watched = unsafe Unmanaged<Watched>.fromOpaque(context)
    let lane = unsafe watched.takeUnretainedValue().lane
    lane.enter {
        if ready != 0 {
            unsafe watched.takeUnretainedValue().onReady?(Readiness(rawValue: ready))
        } else {
            unsafe watched.takeRetainedValue().ended()
        }
    }
}
