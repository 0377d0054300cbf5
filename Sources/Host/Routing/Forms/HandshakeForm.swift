internal import SluiceShared
internal import SluiceTLS

/// The name of another document, and where it is written.
struct DocumentName: Sendable {
    let text: String
    let pointer: String

    /// The texts of an array; nothing without one.
    static func all(_ list: JSONValue?) -> [DocumentName] {
        guard let list, list.kind == .array else { return [] }
        return list.elements.compactMap(DocumentName.init)
    }

    init?(_ value: JSONValue) {
        guard let text = value.string else { return nil }
        self.text = text
        pointer = value.pointer
    }
}

/// What listeners and pools both say about a handshake.
extension Reading {
    /// The terms of a `tls` object; what no handshake can have is reported.
    mutating func handshake(_ tls: JSONValue) -> HandshakeTerms {
        var terms = HandshakeTerms()
        if let version = tls["minVersion"]?.string.flatMap(TLSVersion.init) {
            terms.minVersion = version
        }
        if let version = tls["maxVersion"]?.string.flatMap(TLSVersion.init) {
            terms.maxVersion = version
        }
        if terms.minVersion > terms.maxVersion {
            report(
                .badVersion,
                at: tls["minVersion"],
                "minVersion 1.3 is above maxVersion 1.2, so that no version is left: the "
                    + "\(key.kind.rawValue) is left out; write a minVersion up to maxVersion"
            )
        }
        readCipherSuites(tls["cipherSuites"], into: &terms)
        for group in elements(tls["groups"]) {
            guard let word = group.string else { continue }
            if let name = KeyGroups.openSSLName(word) {
                terms.groups.append(name)
            } else {
                report(.badGroup, at: group, unknown("group", word, KeyGroups.names))
            }
        }
        return terms
    }

    private mutating func readCipherSuites(_ list: JSONValue?, into terms: inout HandshakeTerms) {
        for suite in elements(list) {
            guard let word = suite.string else { continue }
            if let name = CipherSuites.openSSLName(word) {
                terms.cipherSuites.append(name)
            } else {
                let text = unknown("cipher suite", word, CipherSuites.names)
                report(.badCipherSuite, at: suite, text)
            }
        }
        let versions = terms.minVersion...max(terms.minVersion, terms.maxVersion)
        guard !terms.cipherSuites.isEmpty,
            !terms.cipherSuites.contains(where: { versions.contains(CipherSuites.version(of: $0)) })
        else { return }
        report(
            .badCipherSuite,
            at: list,
            "none of these cipher suites is for a version from minVersion to maxVersion: the "
                + "\(key.kind.rawValue) is left out; TLS 1.3 has those that begin with TLS_ and "
                + "have no WITH, TLS 1.2 all others"
        )
    }

    private func elements(_ list: JSONValue?) -> [JSONValue] {
        guard let list, list.kind == .array else { return [] }
        return Array(list.elements)
    }

    /// What is said of a word that is none of `names`: the nearest one, or some of them.
    private func unknown(_ what: String, _ word: String, _ names: [String]) -> String {
        let some = names.prefix(6).map { "\"\($0)\"" }.joined(separator: ", ")
        let hint =
            nearest(word, among: names).map { "did you mean \"\($0)\"?" }
            ?? "remove it, or use one that there is, such as \(some)"
        return "there is no \(what) \"\(word)\" in this build's OpenSSL: the "
            + "\(key.kind.rawValue) is left out; \(hint)"
    }
}
