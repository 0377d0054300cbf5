internal import SluiceABI
internal import SluiceRouting

/// What a source says of an object that it left out or serves in an older form.
struct SourceNote {
    private let severity: Int32
    private let kind: String
    private let name: String
    private let code: String
    private let pointer: String
    private let place: String
    private let source: String
    private let text: String

    /// Copies the struct of a plugin.
    init(_ issue: sluice_issue) {
        severity = unsafe issue.severity
        kind = unsafe issue.kind.text
        name = unsafe issue.name.text
        code = unsafe issue.code.text
        pointer = unsafe issue.pointer.text
        place = unsafe issue.where.text
        source = unsafe issue.source.text
        text = unsafe issue.text.text
    }

    /// The same as the host writes it for people.
    func problem(of instance: String) throws(PublishRefusal) -> Problem {
        guard let kind = DocumentKind(rawValue: kind) else {
            throw PublishRefusal(
                status: SLUICE_E_INVALID,
                text: "a note has no kind \"\(kind)\""
            )
        }
        guard severity != SLUICE_ISSUE_CLEARED else {
            throw PublishRefusal(
                status: SLUICE_E_INVALID,
                text: "a note says what is wrong; unnote() takes it back"
            )
        }
        return Problem(
            ofSource: DocumentKey(instance: instance, kind: kind, name: name),
            severity: Severity(rawValue: severity) ?? .object,
            code: code,
            pointer: pointer,
            where: place,
            source: source,
            text: text
        )
    }
}
