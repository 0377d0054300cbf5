internal import SluiceGatewayAPI
public import SluiceKit

/// The source that reads Gateway API manifests from files and follows their changes.
public actor FileSource: SourcePlugin {
    /// Who this is.
    public static var description: PluginDescription {
        PluginDescription(
            id: "dev.sluice.file-source",
            version: "0.1.0",
            summary: "Publishes routes from Gateway API manifests in files and folders.",
            configurationSchema: Settings.schema,
            requires: [.routing]
        )
    }

    /// What the instance was given.
    public let host: Host
    private let folder: String
    private var settings: Settings
    private var watch: Watch?
    private var reader = Reader()
    private var report: Report

    /// What the host is to have, what it has, and whether it is being told.
    private var wanted = Publication()
    private var published = Publication()
    private var isPublishing = false
    /// What the host found wrong with documents, and still does.
    private var verdicts = Verdicts()
    /// Whether the next transaction lists everything, as the very first one does.
    private var needsResync = true
    private var retry: Task<Void, Never>?
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
        let watch = try Watch(host)
        self.watch = watch
        host.task("follow the files") {
            await self.refresh()
            while true {
                try await watch.change()
                await self.refresh()
            }
        }
    }

    /// Reads everything again and publishes it from the ground up.
    public func resync() async {
        report.starting()
        reader.forget()
        needsResync = true
        await refresh()
    }

    /// Takes other paths.
    public func reconfigure(_ configuration: String) throws(PluginError) {
        settings = try Settings(configuration, folder: folder)
        host.task("take other paths") { await self.refresh() }
    }

    /// Ends the watching.
    public func stop(deadline: UInt64) {
        watch?.close()
        watch = nil
    }

    /// Looks at the folders, translates what is there and publishes what is new.
    private func refresh() async {
        let look = Look(at: settings.paths) { [watch] folder in watch?.follow(folder) }
        watch?.follow(settings.paths, files: look.files)
        let reading = reader.read(look)
        let world = Translator.translate(reading.objects, faulty: reading.faulty)
        let problems = (reading.problems + world.problems).sorted()
        wanted = Publication(documents: world.documents, notes: Notes.of(problems))
        report.read(look, objects: reading.objects.count, problems)
        await publish()
    }

    /// Opens one transaction for all that changed, until the host has all that is wanted; who comes
    /// while one is under way leaves it to that.
    private func publish() async {
        guard !isPublishing else { return }
        isPublishing = true
        defer { isPublishing = false }
        retry?.cancel()
        do throws(PluginError) {
            while try await publishOnce() {}
        } catch {
            failed(error.text)
        }
    }

    /// Publishes what differs; false: nothing does.
    private func publishOnce() async throws(PluginError) -> Bool {
        let isResync = needsResync
        let base = isResync ? Publication() : published
        let target = wanted
        let change = Change(
            from: base.documents,
            to: target.documents,
            troubled: verdicts.documents
        )
        let notes = Notes.change(from: base.notes, to: target.notes)
        guard isResync || !change.isEmpty || !notes.isEmpty else {
            report.settle()
            return false
        }
        let transaction = try host.routing.begin(revision: report.revision, isResync: isResync)
        let refused = try change.write(into: transaction)
        try notes.write(into: transaction)
        needsResync = false
        let commit = try await transaction.commit()
        verdicts.hear(
            commit.issues,
            put: change.puts.map(\.name),
            removed: published.documents.keys.filter { target.documents[$0] == nil },
            refused: refused
        )
        guard commit.status.isSuccess else {
            let cause = verdicts.issues.first { $0.severity == .snapshot }?.text
            throw PluginError(commit.status, cause ?? "the host answered \(commit.status)")
        }
        published = target
        retryDelay = Limits.retry
        report.committed(commit, verdicts.issues, target)
        return true
    }

    /// Lists everything later, unless the files change before: what the host still has of an
    /// interrupted publication is then of no account.
    private func failed(_ text: String) {
        needsResync = true
        report.failed(text)
        let delay = retryDelay
        retryDelay = min(retryDelay * 2, Limits.retryMax)
        retry = host.task("publish again") {
            try await self.host.sleep(for: delay)
            self.retry = nil
            await self.publish()
        }
    }
}
