internal import SluiceGatewayAPI
internal import SluiceKit

/// Tells the log and the health report what became of the files.
///
/// A problem is logged when it appears and when it is gone, never again in between.
struct Report {
    private static let component = "files"

    let log: Log
    let health: Health
    private var readProblems: [String] = []
    private var hostProblems: [String] = []
    private var logged: Set<String> = []
    private var files = 0
    private var objects = 0
    private var isServing = false
    private var refusal: String?
    private var looks = 0

    init(log: Log, health: Health) {
        self.log = log
        self.health = health
    }

    /// Free text that names the world in /config.
    var revision: String { "look \(looks): \(files) files, \(objects) objects" }

    func starting() {
        health.report(Self.component, .starting, "reading files")
    }

    mutating func read(files: Int, objects: Int, problems: [ObjectProblem]) {
        looks += 1
        self.files = files
        self.objects = objects
        readProblems = problems.sorted().map { "\($0.severity == .warning ? "W" : "E")\($0)" }
    }

    mutating func committed(
        _ commit: Commit, _ issues: [Issue], documents: [DocumentName: RoutingDocument]
    ) {
        hostProblems = issues.map { issue in
            let document = issue.documentName.flatMap { documents[$0] }
            let place = document?.place ?? issue.place
            let subject = document.map { "\($0.origin): " } ?? ""
            let mark = issue.severity == .warning ? "W" : "E"
            return "\(mark)\(place): \(subject)\(issue.kind) \(issue.name)"
                + "\(issue.pointer.isEmpty ? "" : " \(issue.pointer)"): \(issue.text)"
        }
        guard commit.status.isSuccess else { return settle() }
        isServing = true
        refusal = nil
        log.info(
            "published",
            [
                "generation": "\(commit.generation)", "files": "\(files)",
                "objects": "\(objects)", "documents": "\(documents.count)",
            ])
        settle()
    }

    mutating func failed(_ text: String) {
        refusal = text
        log.error("the publication was refused; it will be tried again", ["error": text])
        settle()
    }

    /// Logs what is new and what is gone, and reports health.
    mutating func settle() {
        let current = readProblems + hostProblems
        let fresh = current.filter { !logged.contains($0) }
        for problem in fresh.prefix(Limits.loggedProblemsMax) {
            log.write(problem.hasPrefix("W") ? .warn : .error, String(problem.dropFirst()))
        }
        if fresh.count > Limits.loggedProblemsMax {
            log.error("and \(fresh.count - Limits.loggedProblemsMax) problems more")
        }
        if !logged.isEmpty, current.isEmpty { log.info("all problems are gone") }
        logged = Set(current)
        reportHealth(current)
    }

    private func reportHealth(_ problems: [String]) {
        if let refusal {
            let state: Health.State = isServing ? .degraded : .failed
            return health.report(Self.component, state, refusal)
        }
        guard isServing else { return }
        let errors = problems.filter { $0.hasPrefix("E") }
        guard let first = errors.first else {
            return health.report(Self.component, .ready, "\(objects) objects of \(files) files")
        }
        let more = errors.count == 1 ? "" : " (and \(errors.count - 1) more)"
        health.report(Self.component, .degraded, first.dropFirst() + more)
    }
}

extension Issue {
    /// An issue about a document that the host would not take at all.
    init(_ name: DocumentName, _ error: PluginError, _ place: String) {
        self.init(
            severity: .object, kind: name.kind.rawValue, name: name.name, code: "refused",
            pointer: error.pointer, place: place, text: error.text)
    }

    /// The document that the issue speaks of.
    var documentName: DocumentName? {
        DocumentKind(rawValue: kind).map { DocumentName($0, name) }
    }
}
