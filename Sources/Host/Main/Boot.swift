internal import SluiceAdmin
internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting
internal import SluiceServe
internal import SluiceTelemetry

/// Builds the host from its configuration: the one place where the rooms are wired together.
struct Boot {
    private let configuration: HostConfiguration
    private let warning: String?

    init(_ configuration: HostConfiguration) {
        ProcessFacts.raiseDescriptorLimit()
        var configuration = configuration
        (configuration.limits, warning) = DescriptorShare.process(configuration)
        self.configuration = configuration
    }

    /// Serves until the process is asked to stop.
    func run() -> ExitCode {
        Log.threshold.set(configuration.logLevel)
        if let warning { Log.warn(warning) }
        do throws(BootFailure) {
            // Before any other thread and the first dlopen: every thread inherits the mask.
            let signals = try BootFailure.of("signals") { () throws(Errno) in
                try ProcessSignals()
            }
            ProcessSignals.attributeCrashes()
            let folder = configuration.stateDirectory
            try BootFailure.of("stateDir \(folder)") { () throws(Errno) in
                try Files.makeFolder(folder)
            }
            let crashes = CrashRecord(folder: folder)
            try BootFailure.of("stateDir \(folder)") { () throws(Errno) in
                try crashes.open(folder: folder)
            }
            if configuration.refusesWritableCode, !ProcessSignals.refuseWritableCode() {
                Log.info("the kernel cannot refuse writable code (PR_SET_MDWE, Linux 6.6)")
            }
            let host = try BootFailure.of("memory and descriptors") { () throws(Errno) in
                try RunningHost(configuration, crashes)
            }
            let admin = try BootFailure.of("admin.address \(configuration.admin)") {
                () throws(Errno) in
                try AdminServer(
                    address: configuration.admin,
                    limits: configuration.limits,
                    state: host.adminState
                )
            }
            Log.info("the admin API listens", "address", admin.address.description)
            var control = ControlLoop(host: host, signals: signals, admin: admin)
            return control.run()
        } catch {
            Log.error(error.text)
            return .problems
        }
    }
}

/// Why the host could not be built, as a sentence.
struct BootFailure: Error {
    let text: String

    /// Runs a step of the start and names it when the kernel refuses it.
    static func of<Result: ~Copyable>(
        _ step: String,
        _ body: () throws(Errno) -> Result
    ) throws(BootFailure) -> Result {
        do throws(Errno) {
            return try body()
        } catch {
            throw BootFailure(text: "the host cannot start: \(step): \(error)")
        }
    }
}

extension DescriptorShare {
    /// The limits of a configuration that this process has descriptors for.
    static func process(
        _ configuration: HostConfiguration
    ) -> (limits: Limits, warning: String?) {
        fit(
            configuration.limits,
            workers: configuration.workers,
            descriptors: ProcessFacts.descriptorLimit().now
        )
    }
}
