internal import SluiceShared

/// Reads one document into a form and collects what is wrong with it.
struct Reading {
    let document: Document
    private(set) var problems: [Problem] = []

    init(_ document: Document) { self.document = document }

    var root: JSONValue { document.value.root }
    var key: DocumentKey { document.key }

    /// Whether nothing was found that leaves the document out.
    var isSound: Bool { problems.allSatisfy { $0.severity < .object } }

    /// Records a problem at `value`, or about the whole document.
    mutating func report(
        _ code: ProblemCode,
        _ severity: Severity = .object,
        at value: JSONValue?,
        _ text: String
    ) {
        problems.append(
            Problem(
                severity: severity,
                key: key,
                code: code,
                pointer: value?.pointer ?? "",
                where: place(line: (value ?? root).mark.line),
                text: text
            )
        )
    }

    /// Records what the schema found.
    mutating func report(_ problem: SchemaProblem) {
        problems.append(
            Problem(
                severity: .object,
                key: key,
                code: .schema,
                pointer: problem.pointer,
                where: place(line: problem.mark.line),
                text: problem.text
            )
        )
    }

    /// Records each member with content that is not among `carried`.
    mutating func refuse(
        membersOf value: JSONValue,
        except carried: Set<String>,
        _ severity: Severity = .object
    ) {
        for member in value.members where !carried.contains(member.key) && asks(member.value) {
            report(
                .notCarried,
                severity,
                at: member.value,
                "\"\(member.key)\" is not carried by this build: \(outcome(severity)); "
                    + "remove it"
            )
        }
    }

    func outcome(_ severity: Severity) -> String {
        switch severity {
        case .warning: "the \(key.kind.rawValue) serves without it"
        case .object: "the \(key.kind.rawValue) is left out"
        case .snapshot: "nothing is published"
        }
    }

    /// The schema's own check comes first; this is for a reader that met another shape.
    mutating func shape(_ value: JSONValue?, _ expected: String) {
        report(.schema, at: value, "expected \(expected); the \(key.kind.rawValue) is left out")
    }

    /// Empty objects and arrays and null ask for nothing.
    private func asks(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .null: false
        case .array, .object: value.count > 0
        case .bool, .number, .string: true
        }
    }

    private func place(line: Int) -> String {
        if !document.place.isEmpty { return document.place }
        return document.value.source.isEmpty ? "" : "\(document.value.source):\(line)"
    }
}
