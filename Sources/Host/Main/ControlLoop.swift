internal import SluiceAdmin
internal import SluiceBase

/// The control thread: signals, the phases of the process, files that are replaced, and the admin
/// API.
///
/// Never plugin code.
struct ControlLoop: ~Copyable {
    private let host: RunningHost
    private let signals: ProcessSignals
    private var admin: AdminServer

    private var lookDue: UInt64 = 0

    /// How long a failure of a worker, or a file that was replaced, may go unnoticed.
    private static let lookNanoseconds = Clock.nanosecondsPerSecond

    init(host: RunningHost, signals: ProcessSignals, admin: consuming AdminServer) {
        self.host = host
        self.signals = signals
        self.admin = admin
    }

    /// Turns until the host has stopped.
    mutating func run() -> ExitCode {
        host.start()
        while host.phase != .stopped {
            let ready = admin.turn(
                descriptors: [signals.descriptor, host.wake.wakeDescriptor],
                until: lookDue
            )
            if ready[0] { takeSignals() }
            if ready[1] { host.wake.clearWake() }
            if host.failure != nil { host.stop(withNotice: false) }
            if Clock.now() >= lookDue { look() }
        }
        if let failure = host.failure {
            Log.error("the host has stopped", "reason", failure)
            return .problems
        }
        Log.info("the host has stopped")
        return .success
    }

    private mutating func look() {
        lookDue = Clock.now() + Self.lookNanoseconds
        host.look()
    }

    private func takeSignals() {
        while let request = signals.next() {
            switch request {
            case .reload: host.reload { report in Log.info("SIGHUP: \(report.summary)") }
            case .stop: stop(withNotice: true)
            case .interrupt: stop(withNotice: false)
            }
        }
    }

    /// A second signal ends the notice, and one after the notice ends the process.
    private func stop(withNotice: Bool) {
        if host.stop(withNotice: withNotice) { return }
        if host.endNotice() { return Log.info("a further signal: the notice ends") }
        Log.warn("a further signal: the host ends at once")
        ProcessFacts.exitNow(ExitCode.problems.rawValue)
    }
}
