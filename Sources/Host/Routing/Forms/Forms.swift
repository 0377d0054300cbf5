internal import SluiceShared

/// One document as the compiler uses it.
enum Form: Sendable {
    case listener(ListenerForm)
    case pool(PoolForm)
    case route(RouteForm)
}

/// The forms of documents read before, so that a change of one document reads that one alone.
struct FormCache {
    private struct Entry {
        let hash: UInt64
        let place: String
        let form: Form?
        let problems: [Problem]
    }

    private var entries: [DocumentKey: Entry] = [:]

    /// Reads the documents of a world and forgets all others.
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
        if let known = entries[document.key], known.hash == document.hash,
            known.place == document.place
        {
            return known
        }
        var reading = Reading(document)
        let form = reading.readForm()
        return Entry(
            hash: document.hash,
            place: document.place,
            form: form,
            problems: reading.problems
        )
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
        case .route: return RouteForm(&self).map(Form.route)
        case .certificate, .trust, .l4route:
            report(
                .notCarried,
                at: nil,
                "kind \(key.kind.rawValue) is not carried by this build: it is left out"
            )
            return nil
        }
    }

    /// Whether the document is as its schema asks; reports what is not.
    private mutating func conforms() -> Bool {
        for problem in DocumentSchemas.problems(of: key.kind, root) { report(problem) }
        return isSound
    }
}
