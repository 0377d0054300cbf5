internal import SluiceRouting
internal import SluiceShared
internal import SluiceTelemetry

/// A page of the admin API: what it is for, and what it answers.
struct Page: Sendable {
    let method: String
    let path: String
    let sentence: String
    let answer: @Sendable (AdminState) -> AdminAnswer

    /// Every page, in the order of the start page.
    static let all = [healthz, readyz, config, metrics, plugins, reload, drain]
}

extension Page {
    /// The process is alive and its control thread runs.
    private static let healthz = Page(
        method: "GET",
        path: "/healthz",
        sentence: "200 while the process is alive"
    ) { _ in
        .text(200, "ok")
    }

    /// Whether traffic should come here, and why not.
    private static let readyz = Page(
        method: "GET",
        path: "/readyz",
        sentence: "200 when traffic may come, else 503 with the reasons"
    ) { state in
        let readiness = state.readiness()
        return .json(
            readiness.isReady ? 200 : 503,
            [
                "ready": .bool(readiness.isReady),
                "reasons": .array(readiness.reasons.map(JSON.string)),
                "warnings": .array(readiness.warnings.map(JSON.string)),
            ]
        )
    }

    private static let config = Page(
        method: "GET",
        path: "/config",
        sentence: "the routing documents and their problems, as JSON"
    ) { state in
        .json(200, ConfigPage.text(of: state.configuration()))
    }

    /// Everything that is counted, for Prometheus.
    private static let metrics = Page(
        method: "GET",
        path: "/metrics",
        sentence: "every metric, as Prometheus text"
    ) { state in
        var exposition = Exposition()
        state.metrics(&exposition)
        return AdminAnswer(
            status: 200,
            mediaType: Exposition.mediaType,
            body: Array(exposition.text.utf8)
        )
    }

    private static let plugins = Page(
        method: "GET",
        path: "/plugins",
        sentence: "every plugin instance with its state, as JSON"
    ) { state in
        .json(200, ["plugins": .array(state.plugins())])
    }

    private static let reload = Page(
        method: "POST",
        path: "/reload",
        sentence: "reloads the configuration and every source, as SIGHUP does"
    ) { state in
        .json(202, ["reload": .string(state.reload())])
    }

    private static let drain = Page(
        method: "POST",
        path: "/drain",
        sentence: "drains and ends the host, as SIGTERM does"
    ) { state in
        .json(202, ["drain": .string(state.drain())])
    }
}

/// How a request finds its page.
enum Router {
    /// The answer to a request that the guard let through; HEAD is a GET without the body.
    static func answer(_ request: AdminRequest, _ state: AdminState) -> AdminAnswer {
        let method = request.method == "HEAD" ? "GET" : request.method
        if request.path == "/" {
            return method == "GET" ? index() : refusal(of: request, allowing: ["GET", "HEAD"])
        }
        let here = Page.all.filter { $0.path == request.path }
        if let page = here.first(where: { $0.method == method }) { return page.answer(state) }
        guard !here.isEmpty else {
            return .text(404, "there is no page \(request.path); / lists the pages")
        }
        return refusal(
            of: request,
            allowing: here.flatMap { $0.method == "GET" ? ["GET", "HEAD"] : [$0.method] }
        )
    }

    private static func refusal(of request: AdminRequest, allowing: [String]) -> AdminAnswer {
        var answer = AdminAnswer.text(
            405,
            "\(request.path) takes \(allowing.joined(separator: ", ")), not \(request.method)"
        )
        answer.allow = allowing
        return answer
    }

    private static func index() -> AdminAnswer {
        let width = 18
        return .text(
            200,
            Page.all.map { page in
                let start = "\(page.method) \(page.path)"
                let gap = String(repeating: " ", count: max(1, width - start.count))
                return start + gap + page.sentence
            }.joined(separator: "\n")
        )
    }
}

/// `/config`: the documents that routes are made of, and all that is wrong with them.
enum ConfigPage {
    /// Documents are written as the canonical text they have; one stands on one line.
    static func text(of report: ConfigurationReport) -> [UInt8] {
        var text = ObjectText()
        text.member("generation", JSON.integer(Int64(clamping: report.generation)))
        text.member("documents") { documents(report, &$0) }
        text.member("problems", JSON.array(report.problems.map(problem)))
        text.member("problemsLeftOut", JSON.integer(Int64(report.problemsLeftOut)))
        text.member("sources") { sources in
            for source in report.sources { sources.member(source.instance, text: source.text) }
        }
        return text.closed() + Array("\n".utf8)
    }

    private static func documents(_ report: ConfigurationReport, _ text: inout ObjectText) {
        let byInstance = Dictionary(grouping: report.documents, by: \.key.instance)
        for instance in report.instances {
            text.member(instance) { kinds in
                let byKind = Dictionary(grouping: byInstance[instance] ?? [], by: \.key.kind)
                for kind in DocumentKind.allCases {
                    guard let documents = byKind[kind] else { continue }
                    kinds.member(kind.rawValue) { names in
                        for document in documents.sorted(by: { $0.key < $1.key }) {
                            names.member(document.key.name, text: document.text)
                        }
                    }
                }
            }
        }
    }

    static func problem(_ problem: Problem) -> JSON {
        [
            "severity": .string(word(problem.severity)),
            "instance": .string(problem.instance),
            "kind": .string(problem.kind.rawValue),
            "name": .string(problem.name),
            "code": .string(problem.code),
            "pointer": .string(problem.pointer),
            "where": .string(problem.where),
            "source": .string(problem.source),
            "text": .string(problem.text),
        ]
    }

    private static func word(_ severity: Severity) -> String {
        switch severity {
        case .warning: "warning"
        case .object: "object"
        case .snapshot: "snapshot"
        }
    }
}

/// An object written member by member, each on a line of its own.
struct ObjectText {
    private var bytes = Array("{".utf8)
    private var isEmpty = true
    private let depth: Int

    init(depth: Int = 0) {
        self.depth = depth
    }

    /// A member whose value is JSON text already.
    mutating func member(_ key: String, text: [UInt8]) {
        bytes += Array(isEmpty ? "\n".utf8 : ",\n".utf8)
        bytes += Array(String(repeating: "  ", count: depth + 1).utf8)
        bytes += JSON.string(key).canonical() + Array(": ".utf8) + text
        isEmpty = false
    }

    mutating func member(_ key: String, _ value: JSON) {
        member(key, text: value.canonical())
    }

    /// A member that is an object itself.
    mutating func member(_ key: String, _ fill: (inout ObjectText) -> Void) {
        var inner = ObjectText(depth: depth + 1)
        fill(&inner)
        member(key, text: inner.closed())
    }

    /// The whole object.
    func closed() -> [UInt8] {
        guard !isEmpty else { return bytes + Array("}".utf8) }
        return bytes + Array("\n\(String(repeating: "  ", count: depth))}".utf8)
    }
}
