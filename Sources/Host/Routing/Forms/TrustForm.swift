// Alone because: one kind of document, one form.

internal import SluiceShared
internal import SluiceTLS

/// A trust document as the compiler uses it.
struct TrustForm: Sendable {
    let key: DocumentKey
    let authorities: Authorities

    /// Reads the document; nil when it must be left out, the reasons then stand in `reading`.
    init?(_ reading: inout Reading) {
        let root = reading.root
        let texts = root["certificates"].map { $0.elements.compactMap(\.string) } ?? []
        do throws(MaterialFault) {
            authorities = try Authorities(
                texts.map { Array($0.utf8) },
                trustsSystem: root["system"]?.bool ?? false
            )
        } catch {
            reading.report(
                .badTrust,
                at: root["certificates"] ?? root["system"],
                "expected certificates of authorities: the trust is left out"
            )
            return nil
        }
        key = reading.key
    }
}
