internal import SluiceShared

extension KindTable {
    /// How a Gateway speaks TLS to the Services that the policy targets.
    static let backendTLSPolicy = KindTable(
        group: Group.gateway,
        kind: Kind.backendTLSPolicy,
        versions: ["v1", "v1alpha3"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape([Field("spec", .object(policySpec), required: true)])
    )

    private static let policySpec = ObjectShape(
        [
            Field("targetRefs", .list(.object(policyTarget), count: 1...16), required: true),
            Field("validation", .object(policyValidation), required: true),
            Field("options", .map(.text(.free(4096)), keys: .labelKey, most: 16)),
        ],
        rules: Rules.policyTargets
    )

    private static let policyTarget = ObjectShape([
        Field("group", .text(.group), required: true),
        Field("kind", .text(.kind), required: true),
        Field("name", .text(.free(253, least: 1)), required: true),
        Field("sectionName", .text(.subdomain)),
    ])

    private static let policyValidation = ObjectShape(
        [
            Field("caCertificateRefs", .list(References.local, count: 0...8)),
            Field("wellKnownCACertificates", .word(["System"])),
            Field("hostname", .text(.preciseHostname), required: true),
            Field("subjectAltNames", .list(.object(subjectAltName), count: 0...5)),
        ],
        rules: Rules.policyValidation
    )

    private static let subjectAltName = ObjectShape(
        [
            Field("type", .word(["Hostname", "URI"]), required: true),
            Field("hostname", .text(.hostname)),
            Field("uri", .text(.absoluteURI)),
        ],
        rules: Rules.subjectAltName
    )
}

extension TextRule {
    static let absoluteURI = TextRule(
        "a URI with a scheme and an authority, such as spiffe://example.com/web",
        "^[A-Za-z][-A-Za-z0-9+.]*://[^ ]+$",
        1...253,
        isAbsoluteURI
    )
}

private func isAbsoluteURI(_ text: String.UTF8View) -> Bool {
    guard let first = text.first, isLetter(first) else { return false }
    let rest = text.drop { isAlphanumeric($0) || "-+.".utf8.contains($0) }
    return rest.starts(with: "://".utf8) && rest.count > 3
        && rest.allSatisfy { $0 > 32 && $0 != 127 }
}
