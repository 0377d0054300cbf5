package import SluiceGatewayAPI
package import SluiceKit

/// The problems of files and objects as the host shows them beside its own.
package enum Notes {
    /// One note a problem, each under a key of its own.
    package static func of(_ problems: [ObjectProblem]) -> [String: Issue] {
        var notes: [String: Issue] = [:]
        for note in list(problems) {
            let key = "\(note.place) \(note.kind) \(note.name) \(note.source) \(note.code)"
            var number = 1
            while notes[number == 1 ? key : "\(key) #\(number)"] != nil { number += 1 }
            notes[number == 1 ? key : "\(key) #\(number)"] = note
        }
        return notes
    }

    /// In order; beyond the limit the last one says how many are left out.
    package static func list(_ problems: [ObjectProblem]) -> [Issue] {
        guard problems.count > Limits.notesMax else { return problems.map(note) }
        let shown = problems.prefix(Limits.notesMax - 1)
        let more = problems.count - shown.count
        let last = problems[shown.count]
        return shown.map(note) + [
            Issue(
                severity: .object,
                kind: "route",
                name: last.source,
                code: "too-many",
                place: last.place,
                text: "and \(more) problems more, from here on; mend those above first"
            )
        ]
    }

    private static func note(_ problem: ObjectProblem) -> Issue {
        let subject = problem.object.map { "\($0): " } ?? ""
        return Issue(
            severity: problem.severity == .warning ? .warning : .object,
            kind: kind(of: problem.object?.kind).rawValue,
            name: problem.object?.path ?? problem.source,
            code: problem.code,
            place: problem.place,
            source: problem.pointer,
            text: subject + problem.text
        )
    }

    /// The kind of document that an object of this kind becomes, or bears upon.
    private static func kind(of object: String?) -> Kind {
        switch object {
        case "Gateway", "GatewayClass": .listener
        case "Service", "Backend", "BackendTLSPolicy": .pool
        case "EndpointSlice": .endpoints
        case "Secret": .certificate
        case "ConfigMap": .trust
        default: .route
        }
    }
}
