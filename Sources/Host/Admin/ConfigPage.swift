internal import SluiceRouting
internal import SluiceShared

/// `/config`: the documents that routes are made of, and all that is wrong with them.
enum ConfigPage {
    /// Documents are written as the canonical text they have; one stands on one line.
    static func text(
        of report: ConfigurationReport,
        dumps: [(instance: String, text: [UInt8])] = []
    ) -> [UInt8] {
        var text = ObjectText()
        text.member("generation", JSON.integer(Int64(clamping: report.generation)))
        text.member("documents") { documents(report, &$0) }
        text.member("problems", JSON.array(report.problems.map(problem)))
        text.member("problemsLeftOut", JSON.integer(Int64(report.problemsLeftOut)))
        text.member("sources") { sources in
            for source in report.sources { sources.member(source.instance, text: source.text) }
        }
        text.member("dumps") { members in
            for dump in dumps { members.member(dump.instance, text: dump.text) }
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
