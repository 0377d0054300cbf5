internal import CCrypto

/// A certificate with its private key, both as PEM texts.
public struct Credential: Sendable, Equatable {
    /// The certificate.
    public let certificate: [UInt8]
    /// The key (PKCS #8, not encrypted): a secret.
    public let key: [UInt8]

    /// Names two PEM texts that belong together.
    public init(certificate: [UInt8], key: [UInt8]) {
        self.certificate = certificate
        self.key = key
    }
}

/// What a certificate says of the one who gets it.
public struct CertificateTerms: Sendable, Equatable {
    /// What it may be used for.
    public enum Usage: Sendable, Equatable {
        /// For servers and for clients.
        case server, client
    }

    /// The common name, at most 64 characters; for Kubernetes clients the user.
    public var commonName: String
    /// For Kubernetes clients the groups.
    public var organizations: [String]
    /// DNS names of a server, `*.` in front allowed.
    public var dnsNames: [String]
    /// IPv4 and IPv6 addresses of a server.
    public var addresses: [String]
    /// Whether servers, clients or both may use it.
    public var usages: [Usage]
    /// How many days it is valid; it ends with its authority at the latest.
    public var days: Int

    /// Describes a certificate.
    public init(
        commonName: String,
        organizations: [String] = [],
        dnsNames: [String] = [],
        addresses: [String] = [],
        usages: [Usage] = [.server],
        days: Int
    ) {
        self.commonName = commonName
        self.organizations = organizations
        self.dnsNames = dnsNames
        self.addresses = addresses
        self.usages = usages
        self.days = days
    }
}

/// A certificate authority of one's own: for services that have none when they first start.
///
/// Keys are ECDSA on P-256. Any thread, one at a time; making a key takes some 100 µs.
public final class CertificateAuthority {
    /// Days of validity at most: a hundred years.
    public static let daysMax = 36_500
    /// Characters of a name in a subject (RFC 5280, ub-common-name).
    private static let nameMax = 64

    /// Its own certificate and key, to be kept.
    public let credential: Credential
    private let signer: CertificateDraft

    /// Makes an authority that vouches for itself.
    public init(commonName: String, days: Int) throws(PluginError) {
        let terms = CertificateTerms(commonName: commonName, usages: [], days: days)
        try Self.check(terms)
        signer = try CertificateDraft()
        try signer.identify(terms, issuer: signer)
        try signer.extend(
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ],
            issuer: signer
        )
        credential = try signer.sign(by: signer)
    }

    /// Takes up one that was kept; throws `.invalid` when the texts are none, or do not belong
    /// together.
    public init(_ credential: Credential) throws(PluginError) {
        signer = try CertificateDraft(reading: credential)
        self.credential = credential
    }

    /// Makes a key and a certificate for it.
    ///
    /// Throws `.invalid` when a name or an address is none.
    public func issue(_ terms: CertificateTerms) throws(PluginError) -> Credential {
        try Self.check(terms)
        let draft = try CertificateDraft()
        try draft.identify(terms, issuer: signer)
        let names = terms.dnsNames.map { "DNS:\($0)" } + terms.addresses.map { "IP:\($0)" }
        let usages = terms.usages.map { $0 == .server ? "serverAuth" : "clientAuth" }
        try draft.extend(
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, usages.joined(separator: ",")),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
                (NID_subject_alt_name, names.joined(separator: ",")),
            ].filter { !$0.1.isEmpty },
            issuer: signer
        )
        return try draft.sign(by: signer)
    }

    /// The texts of extensions are lists, so nothing may pass that would be read as more than a
    /// name.
    private static func check(_ terms: CertificateTerms) throws(PluginError) {
        for name in [terms.commonName] + terms.organizations
        where name.isEmpty || name.count > nameMax || name.utf8.contains(where: { $0 < 0x20 }) {
            throw PluginError(
                .invalid,
                "certificate: expected a name of 1 to \(nameMax) characters"
            )
        }
        for name in terms.dnsNames
        where name.isEmpty || name.utf8.count > 253 || !name.utf8.allSatisfy(isHostCharacter) {
            throw PluginError(.invalid, "certificate: \(name) is no DNS name")
        }
        for address in terms.addresses {
            let octets = unsafe a2i_IPADDRESS(address)
            unsafe ASN1_OCTET_STRING_free(octets)
            if unsafe octets == nil || !address.utf8.allSatisfy(isAddressCharacter) {
                throw PluginError(.invalid, "certificate: \(address) is no IP address")
            }
        }
        guard (1...daysMax).contains(terms.days) else {
            throw PluginError(.invalid, "certificate: expected 1 to \(daysMax) days")
        }
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        return isLetter || isAddressCharacter(byte) && byte != UInt8(ascii: ":")
            || "-*_".utf8.contains(byte)
    }

    private static func isAddressCharacter(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit || ".:".utf8.contains(byte)
    }
}
