internal import SluiceShared

/// Keeps the private key of a certificate out of everything that is shown.
enum Redaction {
    /// The member of a certificate document that is secret.
    static let secretMember = "key"

    /// The canonical text of a certificate document without its key.
    static func text(of value: JSONValue) -> [UInt8] {
        guard case .object(var members) = value.json() else { return value.canonical() }
        if members[secretMember] != nil { members[secretMember] = "redacted" }
        return JSON.object(members).canonical()
    }
}
