internal import SluiceShared

/// One document as the compiler uses it.
enum Form: Sendable {
    case listener(ListenerForm)
    case pool(PoolForm)
    case endpoints(EndpointsForm)
    case route(RouteForm)
    case certificate(CertificateForm)
    case trust(TrustForm)
}

/// The forms of documents read before, so that a change of one document reads that one alone.
struct FormCache {
    private struct Entry {
        let hash: UInt64
        let form: Form?
        let problems: [Problem]
    }

    private var entries: [DocumentKey: Entry] = [:]

    /// Reads the documents of a world and forgets all others; the problems are without places.
    mutating func read(_ documents: [Document]) -> (forms: [Form], problems: [Problem]) {
        var kept: [DocumentKey: Entry] = [:]
        var forms: [Form] = []
        var problems: [Problem] = []
        for document in documents {
            let entry = entry(document)
            kept[document.key] = entry
            if let form = entry.form { forms.append(form) }
            problems += entry.problems
        }
        entries = kept
        return (forms, problems)
    }

    private func entry(_ document: Document) -> Entry {
        if let known = entries[document.key], known.hash == document.hash { return known }
        var reading = Reading(document)
        let form = reading.readForm()
        return Entry(hash: document.hash, form: form, problems: reading.problems)
    }
}

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
                text: problem.text
            )
        )
    }

    /// Records each member with content that is not among `supported`.
    mutating func refuse(
        membersOf value: JSONValue,
        except supported: Set<String>,
        _ severity: Severity = .object
    ) {
        for member in value.members
        where !supported.contains(member.key) && hasContent(member.value) {
            report(
                .notSupported,
                severity,
                at: member.value,
                "\"\(member.key)\" is not supported by this build: \(outcome(severity)); "
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

    /// Empty objects and arrays and null are without content.
    private func hasContent(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .null: false
        case .array, .object: value.count > 0
        case .bool, .number, .string: true
        }
    }
}

extension Reading {
    /// Checks the document and reads it; nil when it must be left out.
    @discardableResult
    mutating func readForm() -> Form? {
        guard conforms() else { return nil }
        switch key.kind {
        case .listener: return ListenerForm(&self).map(Form.listener)
        case .pool: return PoolForm(&self).map(Form.pool)
        case .endpoints: return EndpointsForm(&self).map(Form.endpoints)
        case .route: return RouteForm(&self).map(Form.route)
        case .certificate: return CertificateForm(&self).map(Form.certificate)
        case .trust: return TrustForm(&self).map(Form.trust)
        case .l4route:
            report(
                .notSupported,
                at: nil,
                "kind \(key.kind.rawValue) is not supported by this build: it is left out"
            )
            return nil
        }
    }

    /// Whether the document is as its schema requires; reports what is not.
    private mutating func conforms() -> Bool {
        for problem in DocumentSchemas.problems(of: key.kind, root) { report(problem) }
        return isSound
    }
}
