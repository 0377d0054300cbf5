internal import CLinux
internal import Glibc
internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// Looks from a thread of its own at how long plugin code has been running.
///
/// A lane that is held too long is named once a call: it holds up only its own instance. A worker
/// that is held too long in an inline call holds up everybody: the process ends as a crash of that
/// plugin, so that whoever supervises it starts another. It also tells how many log lines of a
/// plugin were dropped.
final class Watchdog: Sendable {
    private let limits: Limits
    private let instances: @Sendable () -> [Instance]
    /// When the call was entered that a lane was last named for, by instance.
    private let named = Mutex<[Int32: UInt64]>([:])

    /// `instances` gives those that are there now.
    init(_ limits: Limits, instances: @escaping @Sendable () -> [Instance]) {
        self.limits = limits
        self.instances = instances
    }

    /// Starts the thread `watchdog`, which lives as long as the process.
    func start() {
        _ = try? Thread(name: "watchdog") { [self] in
            while true {
                _ = poll(nil, 0, interval)
                look(at: Clock.now())
            }
        }
    }

    /// Milliseconds between two looks: a tenth of the shorter limit.
    private var interval: Int32 {
        let shorter = min(Self.limit(limits.stuckWorkerNanoseconds), laneBudget)
        return Int32(clamping: min(max(shorter / 10 / Clock.nanosecondsPerMillisecond, 10), 500))
    }

    private var laneBudget: UInt64 { Self.limit(limits.laneBudgetNanoseconds) }

    private static func limit(_ nanoseconds: Int) -> UInt64 {
        nanoseconds == Limits.never ? Clock.never : UInt64(nanoseconds)
    }

    private func look(at now: UInt64) {
        for worker in 0..<Services.workersMax { look(atWorker: worker, now) }
        for instance in instances() {
            look(at: instance, now)
            instance.logShare.tell(of: instance.name)
        }
    }

    private func look(atWorker worker: Int, _ now: UInt64) {
        let limit = Self.limit(limits.stuckWorkerNanoseconds)
        guard let entry = Services.process.entry(worker: worker), now > entry.since,
            now - entry.since > limit
        else { return }
        let name = Entered.name(entry.instance)
        Log.error(
            "plugin \(name) has held worker \(worker) for \(Self.seconds(now - entry.since)) in an"
                + " inline call; limits.stuckWorker is \(Self.seconds(limit)): the process ends"
        )
        unsafe ProcessSignals.abort(inPlugin: entry.instance, entry.step)
    }

    private func look(at instance: Instance, _ now: UInt64) {
        let since = instance.lane.enteredAt.acquire()
        guard since != 0, now > since, now - since > laneBudget else { return }
        let isNew = named.withLock { $0.updateValue(since, forKey: instance.index) != since }
        guard isNew else { return }
        Log.warn(
            "plugin \(instance.name) has held its lane for \(Self.seconds(now - since)) in"
                + " \(instance.lane.step): its other calls wait;"
                + " use blocking work for what takes long"
        )
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        "\(Double(nanoseconds / Clock.nanosecondsPerMillisecond) / 1_000) s"
    }
}
