internal import SluiceShared

extension Draft {
    /// The certificate document of a Secret that a Gateway refers to; `invalid` is the reason
    /// for a reference that leads to none.
    mutating func certificate(
        _ reference: JSONValue,
        for gateway: ManifestObject,
        invalid: String
    ) -> Resolution {
        let kind = reference.text("kind") ?? Kind.secret
        guard (reference.text("group") ?? "").isEmpty, kind == Kind.secret else {
            let text = "expected a reference to a Secret, found \(subject(of: reference, kind))"
            return .failed(Refusal(invalid, text))
        }
        let target = target(of: reference, group: Group.core, kind: kind, from: gateway)
        guard index.isGranted(from: gateway.key, to: target) else { return .failed(denied(target)) }
        guard let secret = index.object(kind, target.path) else {
            return .failed(Refusal(invalid, "there is no Secret \(target.path)"))
        }
        guard secret.value.text("type") == "kubernetes.io/tls",
            let chain = SecretContent.text("tls.crt", secret.value),
            let key = SecretContent.text("tls.key", secret.value)
        else {
            let text = "expected a Secret of type kubernetes.io/tls with tls.crt and tls.key"
            return .failed(Refusal(invalid, "\(text) in \(target.path)"))
        }
        guard SecretContent.isCertificate(chain), SecretContent.isKey(key) else {
            let text = "tls.crt or tls.key of Secret \(target.path) is empty"
            return .failed(Refusal(invalid, text))
        }
        let document: JSON = ["chain": .string(chain), "key": .string(key)]
        var trail = Trail()
        SecretContent.note("tls.crt", "/chain", secret.value, &trail)
        SecretContent.note("tls.key", "/key", secret.value, &trail)
        put(.certificate, target.path, document, from: secret, trail)
        return .found(target.path)
    }

    /// The trust document of a ConfigMap that holds certificate authorities; `badKind` is the
    /// reason for a reference to anything else.
    mutating func authority(
        _ reference: JSONValue,
        for object: ManifestObject,
        badKind: String
    ) -> Resolution {
        let kind = reference.text("kind") ?? ""
        guard (reference.text("group") ?? "").isEmpty, kind == Kind.configMap else {
            let text = "expected a reference to a ConfigMap, found \(subject(of: reference, kind))"
            return .failed(Refusal(badKind, text))
        }
        let target = target(of: reference, group: Group.core, kind: kind, from: object)
        guard index.isGranted(from: object.key, to: target) else { return .failed(denied(target)) }
        guard let map = index.object(kind, target.path),
            let text = map.value["data"]?.text("ca.crt"),
            text.contains("-----BEGIN CERTIFICATE-----")
        else {
            let text = "there is no ConfigMap \(target.path) with a PEM text under ca.crt"
            return .failed(Refusal("InvalidCACertificateRef", text))
        }
        var trail = Trail()
        trail.note(Passage("/certificates", "/data/ca.crt"), map.value["data"]?["ca.crt"])
        put(.trust, target.path, ["certificates": [.string(text)]], from: map, trail)
        return .found(target.path)
    }

    /// The object that a reference names, in the referrer's namespace unless it says otherwise.
    func target(
        of reference: JSONValue,
        group: String,
        kind: String,
        from object: ManifestObject
    ) -> ObjectKey {
        ObjectKey(
            group: group,
            kind: kind,
            namespace: reference.text("namespace") ?? object.key.namespace,
            name: reference.text("name") ?? ""
        )
    }

    /// The kind that a reference names, with its group: `example.com/Secret`.
    func subject(of reference: JSONValue, _ kind: String) -> String {
        let group = reference.text("group") ?? Group.core
        return group.isEmpty ? kind : "\(group)/\(kind)"
    }

    /// The answer without a grant: whether the target exists is not told.
    func denied(_ target: ObjectKey) -> Refusal {
        Refusal(
            "RefNotPermitted",
            "no ReferenceGrant in namespace \(target.namespace) allows the reference to \(target)"
        )
    }
}

/// What is in a Secret.
enum SecretContent {
    /// The text under a name; nil when there is none.
    static func text(_ name: String, _ secret: JSONValue) -> String? {
        if let plain = secret["stringData"]?.text(name) { return plain }
        return secret["data"]?.text(name).flatMap(Base64.decode).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Notes where a member of a document is in the Secret.
    static func note(_ name: String, _ member: String, _ secret: JSONValue, _ trail: inout Trail) {
        let holder = secret["stringData"]?[name] == nil ? "data" : "stringData"
        trail.note(Passage(member, "/\(holder)/\(name)"), secret[holder]?[name])
    }

    static func isCertificate(_ text: String) -> Bool {
        text.contains("-----BEGIN CERTIFICATE-----")
    }

    static func isKey(_ text: String) -> Bool { text.contains("PRIVATE KEY-----") }
}

extension Rules {
    /// A Secret with another text is refused as an object, so that the version before it can stay
    /// in force; an empty one is a place that something else fills later.
    static let tlsSecret = [
        tlsSecret("tls.crt", "a CERTIFICATE", SecretContent.isCertificate),
        tlsSecret("tls.key", "a PRIVATE KEY", SecretContent.isKey),
    ]

    private static func tlsSecret(
        _ name: String,
        _ what: String,
        _ isGood: @escaping @Sendable (String) -> Bool
    ) -> Rule {
        Rule("expected \(what) in PEM form under \(name) of a Secret of type kubernetes.io/tls") {
            secret in
            guard secret.text("type") == "kubernetes.io/tls",
                let text = SecretContent.text(name, secret), !text.isEmpty, !isGood(text)
            else { return nil }
            return secret["stringData"]?[name] ?? secret["data"]?[name]
        }
    }
}

/// Base64 of RFC 4648 section 4, with line breaks allowed as YAML folds them.
enum Base64 {
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for character in text.utf8 {
            switch character {
            case 9, 10, 13, 32: continue
            case UInt8(ascii: "="): padding += 1
            default:
                guard padding == 0, let value = value(of: character) else { return nil }
                bits = bits << 6 | value
                count += 1
                if count % 4 == 0 {
                    bytes += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
                    bits = 0
                }
            }
        }
        guard (count + padding) % 4 == 0, padding <= 2, count % 4 != 1 else { return nil }
        switch count % 4 {
        case 2: bytes.append(UInt8(bits >> 4 & 255))
        case 3: bytes += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
        default: break
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
