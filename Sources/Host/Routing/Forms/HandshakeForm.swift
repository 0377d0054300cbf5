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
        for suite in tls["cipherSuites"].map({ Array($0.elements) }) ?? [] {
            guard let word = suite.string else { continue }
            guard CipherSuites.openSSLName(word) == nil else {
                terms.cipherSuites.append(word)
                continue
            }
            let hint = hint(word, CipherSuites.names)
            report(.badCipherSuite, at: suite, unknown("cipher suite", word, hint))
        }
        for group in tls["groups"].map({ Array($0.elements) }) ?? [] {
            guard let word = group.string else { continue }
            guard KeyGroups.openSSLName(word) == nil else {
                terms.groups.append(word)
                continue
            }
            report(.badGroup, at: group, unknown("group", word, hint(word, KeyGroups.names)))
        }
        return terms
    }

    private func unknown(_ what: String, _ word: String, _ hint: String) -> String {
        "there is no \(what) \"\(word)\" in this build's OpenSSL: the \(key.kind.rawValue) is left "
            + "out; \(hint)"
    }

    private func hint(_ word: String, _ names: [String]) -> String {
        if let name = nearest(word, among: names) { return "did you mean \"\(name)\"?" }
        let some = names.prefix(6).map { "\"\($0)\"" }.joined(separator: ", ")
        return "remove it, or use one that there is, such as \(some)"
    }
}
