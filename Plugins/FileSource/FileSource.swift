internal import SluiceGatewayAPI
public import SluiceKit

/// The source that reads Gateway API manifests from files and follows their changes.
///
/// Everything happens on the instance's lane.
public final class FileSource: SourcePlugin {
    /// Who this is.
    public static var description: PluginDescription {
        PluginDescription(
            id: "dev.sluice.file-source",
            version: "0.1.0",
            summary: "Publishes routes from Gateway API manifests in files and folders.",
            configurationSchema: Settings.schema,
            requires: [.executor, .routing]
        )
    }

    private let host: Host
    private let folder: String
    private var settings: Settings
    private var watch: Watch?
    private var reader = Reader()
    private var report: Report

    /// What the host is to have, what it has, and what it is being told.
    private var wanted = Publication()
    private var published = Publication()
    private var isCommitting = false
    /// What the host found wrong with documents, and still does.
    private var verdicts = Verdicts()
    /// Whether the next transaction lists everything, as the very first one does.
    private var needsResync = true
    private var retry: Scheduled?
    private var retryDelay = Limits.retry

    /// Builds the instance; nothing is read yet.
    public init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
        folder = instance.configurationFolder
        settings = try Settings(instance.configuration, folder: folder)
        report = Report(log: host.log, health: host.health)
    }

    /// Says what the schema cannot.
    public static func check(configuration: String) throws(PluginError) {
        _ = try Settings(configuration, folder: "")
    }

    /// Watches the folders, then reads them and publishes.
    public func start() throws(PluginError) {
        report.starting()
        watch = try Watch(host.executor, lane: host.lane) { [weak self] in self?.refresh() }
        refresh()
    }

    /// Reads everything again and publishes it from the ground up.
    public func resync() throws(PluginError) {
        report.starting()
        reader.forget()
        needsResync = true
        refresh()
    }

    /// Takes other paths.
    public func reconfigure(_ configuration: String) throws(PluginError) {
        settings = try Settings(configuration, folder: folder)
        refresh()
    }

    /// Ends the watching.
    public func stop() {
        retry?.cancel()
        watch?.close()
        watch = nil
    }

    /// Looks at the folders, translates what is there and publishes what is new.
    private func refresh() {
        let look = Look(at: settings.paths) { [watch] folder in watch?.follow(folder) }
        watch?.follow(settings.paths, files: look.files)
        let reading = reader.read(look)
        let world = Translator.translate(reading.objects, faulty: reading.faulty)
        let problems = (reading.problems + world.problems).sorted()
        wanted = Publication(documents: world.documents, notes: Notes.of(problems))
        report.read(look, objects: reading.objects.count, problems)
        publish()
    }

    /// Opens one transaction for all that changed; while one is under way the next waits for it.
    private func publish() {
        guard !isCommitting else { return }
        retry?.cancel()
        let isResync = needsResync
        let base = isResync ? Publication() : published
        let change = Change(
            from: base.documents,
            to: wanted.documents,
            troubled: verdicts.documents
        )
        let notes = Notes.change(from: base.notes, to: wanted.notes)
        guard isResync || !change.isEmpty || !notes.isEmpty else { return report.settle() }
        let target = wanted
        do throws(PluginError) {
            let transaction = try host.routing.begin(
                revision: report.revision,
                isResync: isResync
            )
            let refused = try change.write(into: transaction)
            try notes.write(into: transaction)
            try transaction.commit { [weak self] commit in
                self?.committed(commit, change, refused, target)
            }
            isCommitting = true
            needsResync = false
        } catch {
            failed("\(error)")
        }
    }

    private func committed(
        _ commit: Commit,
        _ change: Change,
        _ refused: [Issue],
        _ target: Publication
    ) {
        isCommitting = false
        verdicts.hear(
            commit.issues,
            put: change.puts.map(\.name),
            removed: published.documents.keys.filter { target.documents[$0] == nil },
            refused: refused
        )
        guard commit.status.isSuccess else {
            let cause = verdicts.issues.first { $0.severity == .snapshot }?.text
            return failed(cause ?? "the host answered \(commit.status)")
        }
        published = target
        retryDelay = Limits.retry
        report.committed(commit, verdicts.issues, target)
        // What changed while the host was busy.
        publish()
    }

    /// Lists everything later, unless the files change before: what the host still has of an
    /// interrupted publication is then of no account.
    private func failed(_ text: String) {
        needsResync = true
        report.failed(text)
        let delay = retryDelay
        retryDelay = min(retryDelay * 2, Limits.retryMax)
        retry = try? host.executor.after(delay) { [weak self] in self?.publish() }
    }
}
