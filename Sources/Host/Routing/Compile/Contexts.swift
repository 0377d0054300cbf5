internal import SluiceBase
internal import SluiceTLS

/// Which of a listener's certificates are presented for which server name.
struct CertificateChoice {
    private let first: Certificate
    /// The first in the document's order of each kind of key and name.
    private var owners: [Certificate.KeyKind: [String: Certificate]] = [:]
    /// Every name that one of them covers.
    private(set) var names: Set<String> = []

    /// Of each kind of key one is presented; the handshake chooses.
    private static let kinds: [Certificate.KeyKind] = [.ecdsa, .rsa]

    /// `certificates` come in the document's order; nil without any.
    init?(_ certificates: [Certificate]) {
        guard let first = certificates.first else { return nil }
        self.first = first
        for certificate in certificates {
            for name in certificate.names {
                names.insert(name)
                guard owners[certificate.keyKind]?[name] == nil else { continue }
                owners[certificate.keyKind, default: [:]][name] = certificate
            }
        }
    }

    /// What is presented for a name that none of them covers: the first one, and the first of the
    /// other kind for the same name.
    var fallback: [Certificate] { first.names.first.map { presented(for: $0) } ?? [first] }

    /// The certificates of a name: of each kind the one with exactly that name, else the one with
    /// the wildcard that covers it.
    func presented(for name: String) -> [Certificate] {
        let wildcard = CertificateChoice.wildcard(covering: name)
        return CertificateChoice.kinds.compactMap { kind in
            owners[kind]?[name] ?? wildcard.flatMap { owners[kind]?[$0] }
        }
    }

    /// `*.a.test` for `x.a.test`: a wildcard covers one label (RFC 6125 6.4.3).
    private static func wildcard(covering name: String) -> String? {
        guard !name.hasPrefix("*."), let dot = name.firstIndex(of: ".") else { return nil }
        return "*" + name[dot...]
    }
}

/// The contexts of listeners and pools.
extension Compiling {
    /// Makes the contexts of an HTTPS listener; false leaves it out, which is reported.
    mutating func secure(_ listener: ListenerForm, _ numbers: inout Numbers) -> Bool {
        guard let tls = listener.tls else { return true }
        let authorities = tls.trust.isEmpty ? nil : self.authorities(tls.trust, of: listener.key)
        guard let choice = CertificateChoice(certificates(of: listener, tls)),
            tls.trust.isEmpty || authorities != nil
        else { return false }
        let terms = tls.terms(hostname: listener.hostname, key: listener.key)
        var slots: [[[UInt8]]: UInt32] = [:]
        func slot(_ presented: [Certificate]) -> UInt32? {
            let digests = presented.map(\.digest)
            if let known = slots[digests] { return known }
            let recipe = ContextRecipe(
                .server(terms),
                certificates: presented,
                authorities: authorities
            )
            slots[digests] = context(recipe, of: listener.key, &numbers)?.slot
            return slots[digests]
        }
        guard let fallback = slot(choice.fallback) else { return false }
        var named: [String: UInt32] = [:]
        for name in choice.names.sorted() {
            guard let slot = slot(choice.presented(for: name)) else { return false }
            named[name] = slot
        }
        contextTables[listener.key] = builder.contextTable(named, fallback: fallback)
        if let authorities {
            let check = authorities.digest + [terms.clients.rawValue]
            validations[listener.key] = check.withBytes { $0.hash(seed: 1) }
        }
        return true
    }

    /// Those of its certificates that serve; the listener serves with the good ones.
    private mutating func certificates(
        of listener: ListenerForm,
        _ tls: ListenerTLSForm
    ) -> [Certificate] {
        let isLost = tls.certificates.allSatisfy { name in
            let key = DocumentKey.certificate(named: name.text, in: listener.key.instance)
            return credentials.certificates[key] == nil
        }
        return tls.certificates.compactMap { name in
            certificate(
                name,
                of: listener.key,
                isLost ? .object : .warning,
                isLost ? "the listener is left out" : "the listener serves with its others"
            )
        }
    }

    /// The context that a pool's endpoints are spoken to with; nil leaves it out, which is
    /// reported.
    mutating func context(
        of tls: PoolTLSForm,
        _ pool: DocumentKey,
        _ numbers: inout Numbers
    ) -> ContextReference? {
        let authorities = authorities(tls.trust, of: pool)
        var certificates: [Certificate] = []
        if let name = tls.clientCertificate {
            guard let own = certificate(name, of: pool, .object, "the pool is left out") else {
                return nil
            }
            certificates.append(own)
        }
        guard let authorities else { return nil }
        let recipe = ContextRecipe(
            .client(tls.terms),
            certificates: certificates,
            authorities: authorities
        )
        return context(recipe, of: pool, &numbers)
    }

    /// The slot of a recipe; nil when all are taken, which is reported.
    private mutating func context(
        _ recipe: ContextRecipe,
        of owner: DocumentKey,
        _ numbers: inout Numbers
    ) -> ContextReference? {
        guard let use = numbers.contexts.reference(to: recipe.identity, use: generation) else {
            report(
                .tooMany,
                .object,
                owner,
                pointer: "/tls",
                "\(Numbers.contextsMax) TLS contexts are known, one for each pair of certificates "
                    + "of a listener and each pool with TLS: the \(owner.kind.rawValue) is left "
                    + "out; remove others"
            )
            return nil
        }
        let reference = ContextReference(slot: use.slot, generation: use.generation)
        builder.put(recipe, at: reference)
        return reference
    }
}
