internal import SluiceShared

/// One of our own TLS options: a key `sluice.dev/name` and the member of a document it sets.
struct TLSOption: Sendable {
    /// How the option's text is read.
    enum Form: Sendable {
        case text
        /// Several words, with colons, commas or spaces between them.
        case words
        /// `true` or `false`.
        case flag
    }

    /// The key behind `sluice.dev/`.
    let name: String
    let member: String
    let form: Form

    /// What both sides of the proxy know.
    static let common = [
        TLSOption(name: "min-version", member: "minVersion", form: .text),
        TLSOption(name: "max-version", member: "maxVersion", form: .text),
        TLSOption(name: "ciphersuites", member: "cipherSuites", form: .words),
        TLSOption(name: "groups", member: "groups", form: .words),
    ]

    /// The options of a Gateway's listener.
    static let ofListener =
        common + [
            TLSOption(name: "session-tickets", member: "tickets", form: .flag),
            TLSOption(name: "alpn", member: "alpn", form: .words),
            TLSOption(name: "forward-client-certificate", member: "forward", form: .flag),
            TLSOption(name: "certificate", member: "certificates", form: .words),
        ]

    /// The value of the member; nil when the text does not fit the form.
    func value(_ text: String) -> JSON? {
        switch form {
        case .text: .string(text)
        case .words: .array(text.split { ":, ".contains($0) }.map { .string(String($0)) })
        case .flag: ["true": true, "false": false][text].map(JSON.bool)
        }
    }
}

extension Draft {
    /// The members that the options under `owner` set; keys of other domains are left alone.
    ///
    /// `passage` leads to `tls` of the document and to `owner`.
    mutating func options(
        _ owner: JSONValue,
        of object: ManifestObject,
        _ known: [TLSOption],
        at passage: Passage,
        _ trail: inout Trail
    ) -> [String: JSON] {
        var members: [String: JSON] = [:]
        for (key, text) in owner.map("options") where key.hasPrefix("\(Group.sluice)/") {
            let name = String(key.dropFirst(Group.sluice.utf8.count + 1))
            let place = owner["options"] ?? owner
            guard let option = known.first(where: { $0.name == name }) else {
                var sentence = "unknown TLS option \(quoted(key))"
                if let near = nearest(name, among: known.map(\.name)) {
                    sentence += "; did you mean \"\(Group.sluice)/\(near)\"?"
                }
                report(.warning, object, at: place, "unknown-option", sentence)
                continue
            }
            guard let value = option.value(text) else {
                let sentence =
                    "expected \"true\" or \"false\" for TLS option \(quoted(key)), "
                    + "found \(quoted(text)); the option has no effect"
                report(.warning, object, at: place, "option-value", sentence)
                continue
            }
            members[option.member] = value
            // The slash of the key is written as RFC 6901 says.
            let source = "options/\(Group.sluice)~1\(name)"
            trail.note(passage.inside(option.member, source), owner["options"]?[key])
        }
        return members
    }
}
