internal import SluiceGatewayAPI
internal import SluiceKit

/// Tells the log and the health report what became of the files.
///
/// A problem is logged when it appears, never again while it lasts.
struct Report {
    /// One line about a problem.
    private struct Line: Hashable {
        let isError: Bool
        let text: String
    }

    private static let component = "files"

    private let log: Log
    private let health: Health
    private var readProblems: [Line] = []
    private var hostProblems: [Line] = []
    private var logged: Set<Line> = []
    private var files = 0
    private var objects = 0
    private var looks = 0
    private var isServing = false
    /// Why the host did not take the last publication.
    private var refusal: String?

    init(log: Log, health: Health) {
        self.log = log
        self.health = health
    }

    /// Free text that names the world in /config.
    var revision: String { "look \(looks): \(files) files, \(objects) objects" }

    /// Says that the first publication is on its way.
    func starting() {
        guard !isServing else { return }
        health.report(Self.component, .starting, "reading files")
    }

    mutating func read(_ look: Look, objects: Int, _ problems: [ObjectProblem]) {
        looks += 1
        files = look.files.count
        self.objects = objects
        readProblems = problems.map { problem in
            Line(isError: problem.severity != .warning, text: "\(problem)")
        }
    }

    mutating func committed(_ commit: Commit, _ issues: [Issue], _ publication: Publication) {
        hostProblems = issues.map { issue in
            let document = issue.documentName.flatMap { publication.documents[$0] }
            let subject = document.map { "\($0.origin): " } ?? ""
            let pointer = issue.source.isEmpty ? issue.pointer : issue.source
            let part = pointer.isEmpty ? "" : " \(pointer)"
            return Line(
                isError: issue.severity != .warning,
                text: "\(issue.place): \(subject)\(issue.kind) \(issue.name)\(part): \(issue.text)"
            )
        }
        isServing = true
        refusal = nil
        log.info(
            "published",
            [
                "generation": "\(commit.generation)", "files": "\(files)",
                "objects": "\(objects)", "documents": "\(publication.documents.count)",
            ]
        )
        settle()
    }

    mutating func failed(_ text: String) {
        refusal = text
        log.error("the publication was refused; it will be tried again", ["error": text])
        settle()
    }

    /// Logs what is new, says when all is well again, and reports health.
    mutating func settle() {
        let current = readProblems + hostProblems
        let fresh = current.filter { !logged.contains($0) }
        for line in fresh.prefix(Limits.loggedProblemsMax) {
            log.write(line.isError ? .error : .warn, line.text)
        }
        if fresh.count > Limits.loggedProblemsMax {
            log.error("and \(fresh.count - Limits.loggedProblemsMax) problems more; see /config")
        }
        if !logged.isEmpty, current.isEmpty { log.info("all problems are gone") }
        logged = Set(current)
        reportHealth(current.filter(\.isError))
    }

    private func reportHealth(_ errors: [Line]) {
        if let refusal {
            let state: Health.State = isServing ? .degraded : .failed
            return health.report(Self.component, state, refusal)
        }
        guard isServing else { return }
        guard let first = errors.first else {
            return health.report(Self.component, .ready, "\(objects) objects of \(files) files")
        }
        let more = errors.count == 1 ? "" : " (and \(errors.count - 1) more; see /config)"
        health.report(Self.component, .degraded, first.text + more)
    }
}

extension Issue {
    /// An issue about a document that the host would not take at all.
    init(_ name: DocumentName, _ error: PluginError, _ place: String) {
        self.init(
            severity: .object,
            kind: name.kind.rawValue,
            name: name.name,
            code: "refused",
            pointer: error.pointer,
            place: place,
            text: error.text
        )
    }

    /// The document that the issue speaks of.
    var documentName: DocumentName? {
        DocumentKind(rawValue: kind).map { DocumentName($0, name) }
    }
}
