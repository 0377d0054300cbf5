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
                at: error.place(in: root),
                "\(error.description); the trust is left out until then"
            )
            return nil
        }
        key = reading.key
    }
}

extension MaterialFault {
    /// The text of a trust document where it is.
    fileprivate func place(in root: JSONValue) -> JSONValue? {
        guard let list = root["certificates"] else { return root["system"] }
        let number: Int
        switch self {
        case .oversizedText(.authorities(let text), _), .unreadableBlock(_, .authorities(let text)),
            .noCertificate(.authorities(let text)),
            .tooManyCertificates(.authorities(let text), _),
            .misplacedKey(_, .authorities(let text)):
            number = text
        default: return list
        }
        return list.elements.dropFirst(number - 1).first { _ in true }
    }
}
