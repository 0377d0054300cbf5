internal import SluiceTLS

/// The certificates and authorities of a world that serve, by document.
struct Credentials {
    private(set) var certificates: [DocumentKey: Certificate] = [:]
    private(set) var authorities: [DocumentKey: Authorities] = [:]
    /// Authorities of several documents, merged once in a compilation.
    private var merged: [[DocumentKey]: Authorities] = [:]

    mutating func add(_ form: CertificateForm) { certificates[form.key] = form.certificate }

    mutating func add(_ form: TrustForm) { authorities[form.key] = form.authorities }

    /// Whoever one of the documents trusts; nil when there are none.
    mutating func authorities(of keys: Set<DocumentKey>) -> Authorities? {
        let keys = keys.sorted()
        if let known = merged[keys] { return known }
        let parts = keys.compactMap { authorities[$0] }
        guard let first = parts.first else { return nil }
        let all = parts.count == 1 ? first : Authorities(merging: parts)
        merged[keys] = all
        return all
    }
}

/// Resolves names of certificates and trusts; a name without one that serves is reported.
extension Compiling {
    /// The certificate that a document names; `outcome` says what becomes of the document.
    mutating func certificate(
        _ name: DocumentName,
        of owner: DocumentKey,
        _ severity: Severity,
        _ outcome: String
    ) -> Certificate? {
        let key = DocumentKey.certificate(named: name.text, in: owner.instance)
        if let certificate = credentials.certificates[key] { return certificate }
        report(
            .unknownCertificate,
            severity,
            owner,
            pointer: name.pointer,
            "\(absence(of: key, name.text)): \(outcome)"
        )
        return nil
    }

    /// Whoever the named documents trust; nil when one of them is missing.
    mutating func authorities(_ names: [DocumentName], of owner: DocumentKey) -> Authorities? {
        var keys: Set<DocumentKey> = []
        var isWhole = true
        for name in names {
            let key = DocumentKey(instance: owner.instance, kind: .trust, name: name.text)
            keys.insert(key)
            guard credentials.authorities[key] == nil else { continue }
            isWhole = false
            report(
                .unknownTrust,
                .object,
                owner,
                pointer: name.pointer,
                "\(absence(of: key, name.text)): the \(owner.kind.rawValue) is left out"
            )
        }
        return isWhole ? credentials.authorities(of: keys) : nil
    }

    /// Why nothing serves under a key.
    private func absence(of key: DocumentKey, _ name: String) -> String {
        let what = "\(key.kind.rawValue) \"\(name)\""
        return world.documents[key] == nil ? "there is no \(what)" : "\(what) is left out"
    }
}
