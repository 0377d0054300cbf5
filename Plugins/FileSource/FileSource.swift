internal import SluiceGatewayAPI
public import SluiceKit

/// The source that reads Gateway API manifests from files and follows their changes.
///
/// Everything happens on the instance's lane.
public final class FileSource: SourcePlugin {
    /// Who this is.
    public static var description: PluginDescription {
        PluginDescription(
            id: "dev.sluice.file-source", version: "0.1.0",
            summary: "Publishes routes from Gateway API manifests in files and folders.",
            configurationSchema: Settings.schema, requires: [.executor, .routing])
    }

    private let host: Host
    private let folder: String
    private var settings: Settings
    private var watch: Watch?
    private var reader = Reader()
    private var report: Report

    /// What is wanted, what the host has, and whether it is being told.
    private var wanted = Translation()
    private var published: [DocumentName: RoutingDocument] = [:]
    private var troubled: Set<DocumentName> = []
    private var isCommitting = false
    private var needsCommit = true
    private var needsClear = true
    private var retry = Limits.retry

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
        reader.forget()
        needsClear = true
        needsCommit = true
        refresh()
    }

    /// Takes other paths.
    public func reconfigure(_ configuration: String) throws(PluginError) {
        settings = try Settings(configuration, folder: folder)
        refresh()
    }

    /// Ends the watching.
    public func stop() {
        watch?.close()
        watch = nil
    }

    /// Looks at the folders, translates what is there and publishes what is new.
    private func refresh() {
        let look = Look(at: settings.paths) { [watch] folder in watch?.follow(folder) }
        watch?.follow(settings.paths, files: look.files)
        let reading = reader.read(look)
        wanted = Translator.translate(reading.objects)
        report.read(
            files: look.files.count, objects: reading.objects.count,
            problems: reading.problems + wanted.problems)
        publish()
    }

    /// Opens one transaction for all that changed; while one is under way the next waits for it.
    private func publish() {
        guard !isCommitting else { return }
        let base = needsClear ? [:] : published
        let change = Change(from: base, to: wanted.documents, troubled: troubled)
        guard needsCommit || !change.isEmpty else { return report.settle() }
        let target = wanted.documents
        let isClearing = needsClear
        do throws(PluginError) {
            let transaction = try host.routing.begin(revision: report.revision)
            if isClearing { try transaction.clear() }
            var refused: [Issue] = []
            try change.write(into: transaction) { name, error in
                refused.append(Issue(name, error, target[name]?.place ?? ""))
            }
            isCommitting = true
            needsClear = false
            needsCommit = false
            try transaction.commit { [weak self, refused] commit in
                self?.committed(commit, refused, target, wasClearing: isClearing)
            }
        } catch {
            isCommitting = false
            failed("\(error)", wasClearing: isClearing)
        }
    }

    private func committed(
        _ commit: Commit, _ refused: [Issue], _ target: [DocumentName: RoutingDocument],
        wasClearing: Bool
    ) {
        isCommitting = false
        let issues = refused + commit.issues
        report.committed(commit, issues, documents: target)
        guard commit.status.isSuccess else {
            let cause = commit.issues.first { $0.severity == .snapshot }?.text
            return failed(cause ?? "the host answered \(commit.status)", wasClearing: wasClearing)
        }
        published = target
        troubled = Set(issues.compactMap(\.documentName))
        retry = Limits.retry
        // What changed while the host was busy.
        publish()
    }

    /// Keeps what the host has and tries again later, unless the files change before.
    private func failed(_ text: String, wasClearing: Bool) {
        needsCommit = true
        needsClear = needsClear || wasClearing
        report.failed(text)
        let wait = retry
        retry = min(retry * 2, Limits.retryMax)
        _ = try? host.executor.after(wait) { [weak self] in self?.publish() }
    }
}
