internal import SluiceBase
package import SluiceShared

/// One parsed document of a source, with the text that `/config` shows and a hash of its content.
package struct Document: Sendable {
    package let key: DocumentKey
    package let value: JSONDocument
    /// Where it came from, as the source said it: `routes/a.yaml:12`; empty when nobody said.
    package let place: String
    /// Canonical JSON with the private key of a certificate replaced by a word.
    package let text: [UInt8]
    /// A hash of the whole content, private keys included, so that a changed key is a change.
    package let hash: UInt64

    package init(key: DocumentKey, value: JSONDocument, place: String = "") {
        self.key = key
        self.value = value
        self.place = place.isEmpty ? value.root["where"]?.string ?? "" : place
        let canonical = value.root.canonical()
        hash = canonical.withBytes { $0.hash(seed: 0) }
        text = key.kind == .certificate ? Redaction.text(of: value.root) : canonical
    }
}
