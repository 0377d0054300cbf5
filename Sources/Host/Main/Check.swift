internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting
internal import Synchronization

/// One check of a configuration: plugins are created, sources publish once, and what they publish
/// is compiled and forgotten.
struct Check {
    private let configuration: HostConfiguration

    init(_ configuration: HostConfiguration) {
        self.configuration = configuration
    }

    /// Prints every problem on standard output; what plugins say goes to standard error.
    func run() -> ExitCode {
        Log.threshold.set(configuration.logLevel == .error ? .error : .warn)
        ProcessSignals.attributeCrashes()
        let compiler = CheckCompiler(configuration)
        let plugins = PluginHost(
            configurations: configuration.plugins,
            environment: environment,
            hooks: Hooks(submit: { compiler.take($0) })
        )
        var failures = plugins.load()
        compiler.know(plugins)
        var material = HostMaterial(configuration, isCheck: true)
        let files = publishOwn(&material, mounts: plugins.reports, to: compiler)
        failures += plugins.resync()
        // A source hears of its commit on its own lane, and so before it is stopped there.
        failures += plugins.stop()
        let problems =
            files + Set(failures.map(\.description)).sorted()
            + compiler.problems.map { $0.line(in: material.file(of: $0)) }
            + plugins.reports.flatMap(\.complaints)
        return report(exposures + problems, hasProblems: !problems.isEmpty)
    }

    /// Publishes what the configuration itself says; what is wrong with its files.
    private func publishOwn(
        _ material: inout HostMaterial,
        mounts reports: [InstanceReport],
        to compiler: CheckCompiler
    ) -> [String] {
        let listeners = HostListeners(configuration.listeners)
        listeners.warnOfAbsentServices(reports)
        let news =
            material.look(again: false)
            + [configuration.tls.ticketKeys.flatMap(TicketKeeper.check)].compactMap(\.self)
        compiler.take(
            Transaction(
                instance: HostListeners.instance,
                revision: "host configuration",
                isResync: true,
                puts: listeners.documents(mounts: reports, material)
            ) { _, _, _ in }
        )
        return news.compactMap { news in
            news.fault.map { "\($0.file): \(news.user): \($0.text)" }
        }
    }

    /// Warnings about secrets that everybody may read.
    private var exposures: [String] {
        let pairs = configuration.listeners.flatMap { $0.tls?.certificates ?? [] }
        let secrets = pairs.map(\.key) + [configuration.tls.ticketKeys].compactMap(\.self)
        return Set(secrets).sorted().compactMap(MaterialFile.exposure)
    }

    private var environment: HostEnvironment {
        var environment = HostEnvironment(
            stateDirectory: configuration.stateDirectory,
            configurationDirectory: configuration.directory,
            workers: configuration.workers
        )
        environment.limits = configuration.limits
        environment.isCheck = true
        return environment
    }

    private func report(_ lines: [String], hasProblems: Bool) -> ExitCode {
        if !lines.isEmpty { Console.say(lines.joined(separator: "\n")) }
        guard hasProblems else {
            Console.say("\(configuration.path): no problems")
            return .success
        }
        return .problems
    }
}

/// Compiles what the sources of a check publish, in place of the compiler thread.
private final class CheckCompiler: Sendable {
    private struct State {
        var publications: Publications
        var generation: UInt64 = 0
        var problems: [Problem] = []
    }

    private let state: Mutex<State>
    private let configuration: HostConfiguration

    init(_ configuration: HostConfiguration) {
        self.configuration = configuration
        state = Mutex(
            State(
                publications: Publications(
                    World(
                        instanceOrder: [HostListeners.instance] + configuration.plugins.map(\.name),
                        requestTimeoutNanoseconds: Limits.span(
                            configuration.limits.requestTimeoutNanoseconds
                        ),
                        halfClosedNanoseconds: Limits.span(
                            configuration.limits.halfClosedNanoseconds
                        )
                    )
                )
            )
        )
    }

    /// The services and filters that routes may name.
    func know(_ plugins: PluginHost) {
        let roster = plugins.roster
        state.withLock { state in
            state.publications.world.services = roster.services
            state.publications.world.filters = roster.filters
        }
    }

    /// What is wrong with everything published so far.
    var problems: [Problem] {
        state.withLock { state in state.problems + state.publications.notes }
    }

    /// [lane] Compiles the world with the transaction and notifies its source.
    func take(_ transaction: Transaction) {
        let (generation, problems) = state.withLock { state in
            state.generation += 1
            state.publications.apply(transaction)
            let world = state.publications.world
            let compiler = Compiler(
                endpointsMax: configuration.limits.endpointsMax,
                configurations: FilterConfigurations.process
            )
            state.problems =
                compiler.compile(world, generation: state.generation).problems
                + state.publications.refusals
            return (state.generation, state.problems)
        }
        transaction.complete(
            status: .installed,
            generation: generation,
            problems: problems.filter { $0.instance == transaction.instance }
        )
    }
}

extension Problem {
    /// `routes/a.yaml:12: route default/a /spec/rules/0: text (code)`: the pointer into the
    /// person's own object, where the source has given one.
    fileprivate func line(in file: String) -> String {
        let place = file.isEmpty ? instance : file
        let part = source.isEmpty ? pointer : source
        let object = part.isEmpty ? name : "\(name) \(part)"
        return "\(place): \(kind.rawValue) \(object): \(text) (\(code))"
    }
}

extension InstanceReport {
    /// What the instance itself says is wrong.
    fileprivate var complaints: [String] {
        health.filter { $0.state == .degraded || $0.state == .failed }.map { report in
            "plugin \(name): \(report.component) is \(report.state.word): \(report.message)"
        }
    }
}
