internal import SluiceABI
internal import SluiceRouting

/// What a source says of an object that it left out or serves in an older form.
struct SourceNote {
    let kind: String
    private let severity: Int32
    private let name: String
    private let code: String
    private let pointer: String
    private let place: String
    private let text: String

    /// Copies the struct of a plugin.
    init(_ issue: sluice_issue) {
        severity = unsafe issue.severity
        kind = unsafe issue.kind.text
        name = unsafe issue.name.text
        code = unsafe issue.code.text
        pointer = unsafe issue.pointer.text
        place = unsafe issue.where.text
        text = unsafe issue.text.text
    }

    /// The same as the host tells it to people; nil when the kind is none of the documents'.
    func problem(of instance: String) -> Problem? {
        guard let kind = DocumentKind(rawValue: kind) else { return nil }
        return Problem(
            ofSource: DocumentKey(instance: instance, kind: kind, name: name),
            severity: Severity(rawValue: severity) ?? .object,
            code: code,
            pointer: pointer,
            where: place,
            text: text
        )
    }
}
