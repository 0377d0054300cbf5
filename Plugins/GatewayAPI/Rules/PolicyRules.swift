internal import SluiceShared

extension Rules {
    static let policyTargets = [
        Rule(
            "sectionName must be specified when targetRefs includes 2 or more references to the "
                + "same target"
        ) { spec in
            let references = spec.list("targetRefs")
            let named = references.filter { $0.present("sectionName") != nil }.map(target)
            return references.first {
                $0.present("sectionName") == nil && named.contains(target($0))
            }
        },
        Rule(
            "sectionName must be unique when targetRefs includes 2 or more references to the "
                + "same target"
        ) { spec in
            repeated(spec.list("targetRefs")) { "\(target($0)) \($0.text("sectionName") ?? "")" }
        },
    ]

    private static func target(_ reference: JSONValue) -> String {
        ["group", "kind", "name"].map { reference.text($0) ?? "" }.joined(separator: " ")
    }

    static let policyValidation = [
        Rule("must not contain both CACertificateRefs and WellKnownCACertificates") { validation in
            validation.list("caCertificateRefs").isEmpty
                ? nil : validation.present("wellKnownCACertificates")
        },
        Rule("must specify either CACertificateRefs or WellKnownCACertificates") { validation in
            validation.list("caCertificateRefs").isEmpty
                && validation.present("wellKnownCACertificates") == nil ? validation : nil
        },
    ]

    static let subjectAltName =
        subjectAltName("Hostname", "hostname") + subjectAltName("URI", "uri")

    private static func subjectAltName(_ type: String, _ member: String) -> [Rule] {
        [
            Rule("SubjectAltName element must contain \(type), if Type is set to \(type)") { name in
                name.text("type") == type && name.present(member) == nil ? name : nil
            },
            Rule(
                "SubjectAltName element must not contain \(type), if Type is not set to \(type)"
            ) { name in
                name.text("type") == type ? nil : name.present(member)
            },
        ]
    }
}
