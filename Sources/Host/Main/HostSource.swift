internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting
internal import SluiceServe
internal import Synchronization

/// The host as a source of documents: it publishes what its configuration says, and again when a
/// file that the configuration names is replaced.
final class HostSource: Sendable {
    private struct State {
        var material: HostMaterial
        var tickets: TicketKeeper
        /// When the self-signed certificate is looked at again.
        var renewalDue = Clock.never
        /// What the log says already.
        var problems: Set<String> = []
    }

    private let configuration: HostConfiguration
    private let listeners: HostListeners
    private let selfSigned: SelfSignedFiles?
    private let submit: @Sendable (Transaction) -> Void
    private let state: Mutex<State>

    private static let daySeconds: UInt64 = 86_400
    /// After a renewal that failed.
    private static let hourSeconds: UInt64 = 3_600

    init(
        _ configuration: HostConfiguration,
        tickets: TicketBoard,
        submit: @escaping @Sendable (Transaction) -> Void
    ) {
        self.configuration = configuration
        self.submit = submit
        listeners = HostListeners(configuration.listeners)
        selfSigned =
            configuration.needsSelfSigned
            ? SelfSignedFiles(stateDirectory: configuration.stateDirectory) : nil
        state = Mutex(
            State(
                material: HostMaterial(configuration),
                tickets: TicketKeeper(configuration.tls.ticketKeys, board: tickets)
            )
        )
    }

    /// Whether it publishes anything.
    var isEmpty: Bool { configuration.listeners.isEmpty && selfSigned == nil }

    /// [any] What is wrong with files, and with documents of the host, one sentence each.
    func warnings(_ problems: [Problem]) -> [String] {
        state.withLock { state in
            let own = problems.filter { $0.instance == HostListeners.instance }
            return state.material.faults + [state.tickets.fault].compactMap(\.self)
                + own.map { problem in
                    let file = state.material.file(of: problem)
                    let subject = file.isEmpty ? "" : "\(file): "
                    return "\(subject)\(problem.kind) \(problem.name): \(problem.text)"
                }
        }
    }

    /// [life] Reads all files, has keys of tickets in place, and publishes.
    func start(mounts reports: [InstanceReport]) {
        listeners.warnOfAbsentServices(reports)
        state.withLock { state in
            let isNew = renew(&state)
            for news in state.material.look(again: false) { news.log() }
            state.tickets.look(again: false)?.log()
            if let selfSigned, let texts = state.material.selfSigned {
                selfSigned.announce(texts, isNew: isNew)
            }
            publish(state, reports)
        }
    }

    /// [control] Looks whether files were replaced and keys are due; `again` reads every file.
    func look(mounts reports: @autoclosure () -> [InstanceReport], again: Bool = false) {
        state.withLock { state in
            if Clock.now() >= state.renewalDue { _ = renew(&state) }
            let news = state.material.look(again: again)
            for one in news { one.log() }
            state.tickets.look(again: again)?.log()
            if news.contains(where: \.isChange) { publish(state, reports()) }
        }
    }

    /// Whether the self-signed certificate was made; its files are read like any other.
    private func renew(_ state: inout State) -> Bool {
        guard let selfSigned else { return false }
        let now = Clock.now()
        do throws(FileFault) {
            state.renewalDue = now + Self.daySeconds * Clock.nanosecondsPerSecond
            return try selfSigned.renew()
        } catch {
            state.renewalDue = now + Self.hourSeconds * Clock.nanosecondsPerSecond
            Log.error(
                "the host cannot make its certificate",
                "file",
                error.file,
                "problem",
                error.text
            )
            return false
        }
    }

    /// [life] Publishes everything for the instances that there are now; `then` hears the
    /// generation in which the workers route by them.
    func publish(
        _ roster: Roster,
        mounts reports: [InstanceReport],
        then: @escaping @Sendable (UInt64) -> Void
    ) {
        state.withLock { state in
            var transaction = Transaction(
                instance: HostListeners.instance,
                revision: "host configuration",
                isResync: false,
                puts: listeners.documents(mounts: reports, state.material)
            ) { [self] _, generation, problems in
                log(problems)
                then(generation)
            }
            transaction.roster = roster
            submit(transaction)
        }
    }

    /// Publishes everything; nothing is removed, for what was good once stays.
    private func publish(_ state: State, _ reports: [InstanceReport]) {
        guard !isEmpty else { return }
        submit(
            Transaction(
                instance: HostListeners.instance,
                revision: "host configuration",
                isResync: false,
                puts: listeners.documents(mounts: reports, state.material)
            ) { [self] _, _, problems in log(problems) }
        )
    }

    /// [compiler] Each problem once, as long as it lasts.
    private func log(_ problems: [Problem]) {
        let lines = problems.map { ($0, "\($0.kind) \($0.name) \($0.text)") }
        let (known, material) = state.withLock { state in
            let known = state.problems
            state.problems = Set(lines.map(\.1))
            return (known, state.material)
        }
        for (problem, line) in lines where !known.contains(line) {
            Log.write(
                problem.severity == .warning ? .warn : .error,
                "a document of the host has a problem",
                [
                    "kind", problem.kind.rawValue, "name", problem.name, "where",
                    material.file(of: problem),
                    "problem", problem.text,
                ]
            )
        }
    }
}
