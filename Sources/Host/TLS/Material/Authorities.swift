internal import CTLS
internal import Glibc

/// Certificate authorities that certificates of peers must chain to; immutable.
///
/// The pointers are those of OpenSSL and valid as long as this object, which the caller keeps;
/// contexts take references of their own. Any thread may verify with them.
@safe
package final class Authorities: @unchecked Sendable {
    /// Certificates in one set, those of the system apart.
    package static let certificatesMax = 4_096
    /// Names that a request for a client's certificate may have; with more, it has none.
    package static let namesMax = 256
    /// Bytes of one text.
    package static let bytesMax = 16 << 20

    /// SHA-256 over its certificates, and whether the system's are trusted too.
    package let digest: [UInt8]
    /// Whether the system's are trusted too.
    package let trustsSystem: Bool
    /// The certificates without those of the system.
    package var count: Int { trusted.fingerprints.count }
    /// The subjects and times of those certificates.
    package var dates: [CertificateDates] { trusted.list.dates }
    /// What verification looks issuers up in, an `X509_STORE *`.
    package let store: OpaquePointer
    /// The subjects for a request of a client's certificate, a `STACK_OF(X509_NAME) *`.
    package let names: OpaquePointer

    private let trusted: TrustedSet

    /// Parses PEM texts, each with one or more certificates.
    ///
    /// A certificate need not be that of an authority: a self-signed one vouches for itself.
    package init(_ texts: [[UInt8]], trustsSystem: Bool) throws(MaterialFault) {
        defer { ERR_clear_error() }
        guard trustsSystem || !texts.isEmpty else { throw .noCertificate(.authorities(text: 1)) }
        var trusted = TrustedSet()
        for (place, text) in texts.enumerated() {
            let source = MaterialFault.Source.authorities(text: place + 1)
            let limit = Self.certificatesMax
            let list = try CertificateList(text, source, limit: limit, bytesMax: Self.bytesMax)
            trusted.insert(list)
            guard trusted.fingerprints.count <= limit else {
                throw .tooManyCertificates(source, limit: limit)
            }
        }
        let store = unsafe allocated(X509_STORE_new())
        unsafe trusted.add(to: store)
        if trustsSystem { unsafe SystemAuthorities.add(to: store) }
        unsafe self.store = unsafe store
        unsafe names = unsafe trusted.names(atMost: Self.namesMax)
        digest = trusted.digest(trustsSystem: trustsSystem)
        self.trustsSystem = trustsSystem
        self.trusted = trusted
    }

    /// Trusts what any of `parts` trusts.
    package init(merging parts: [Authorities]) {
        defer { ERR_clear_error() }
        var trusted = TrustedSet()
        for part in parts { trusted.insert(part.trusted.list) }
        if let only = parts.first, parts.count == 1 {
            unsafe store = unsafe only.store
            unsafe X509_STORE_up_ref(only.store)
        } else {
            unsafe store = unsafe allocated(X509_STORE_new())
            for part in parts { unsafe ctls_store_add_all(store, part.store) }
        }
        trustsSystem = parts.contains(where: \.trustsSystem)
        unsafe names = unsafe trusted.names(atMost: Self.namesMax)
        digest = trusted.digest(trustsSystem: trustsSystem)
        self.trusted = trusted
    }

    deinit {
        unsafe X509_STORE_free(store)
        unsafe ctls_names_free(names)
    }
}

/// Certificates in the order they came, each once.
private struct TrustedSet: ~Copyable {
    private(set) var list = CertificateList()
    /// SHA-256 of each certificate in DER.
    private(set) var fingerprints: Set<[UInt8]> = []

    mutating func insert(_ others: borrowing CertificateList) {
        for place in 0..<others.count {
            let certificate = unsafe others[place]
            let fingerprint = unsafe SHA256.digest(X509Facts.bytes(of: certificate))
            guard fingerprints.insert(fingerprint).inserted else { continue }
            unsafe list.share(certificate)
        }
    }

    @unsafe
    func add(to store: OpaquePointer) {
        for place in 0..<list.count { unsafe X509_STORE_add_cert(store, list[place]) }
    }

    /// A stack of the subjects, which the caller owns; empty when there are too many.
    @unsafe
    func names(atMost limit: Int) -> OpaquePointer {
        let stack = unsafe allocated(ctls_names_new())
        guard fingerprints.count <= limit else { return unsafe stack }
        var known: Set<String> = []
        for place in 0..<list.count {
            let certificate = unsafe list[place]
            guard known.insert(unsafe X509Facts.subject(of: certificate)).inserted else { continue }
            let name = unsafe allocated(X509_NAME_dup(X509_get_subject_name(certificate)))
            unsafe ctls_names_push(stack, name)
        }
        return unsafe stack
    }

    /// Equal for equal sets, whatever their order.
    func digest(trustsSystem: Bool) -> [UInt8] {
        let sorted = fingerprints.sorted { $0.lexicographicallyPrecedes($1) }
        return SHA256.digest(sorted.flatMap(\.self) + [trustsSystem ? 1 : 0])
    }
}

/// The authorities that the system trusts.
private enum SystemAuthorities {
    /// Bundles of Debian, Red Hat, SUSE and Alpine.
    ///
    /// OpenSSL of Debian knows only a directory, which it searches in the midst of a handshake; a
    /// bundle is read once, here.
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ]

    /// Adds them as OpenSSL finds them; its variables `SSL_CERT_FILE` and `SSL_CERT_DIR` count.
    @unsafe
    static func add(to store: OpaquePointer) {
        let isDirected = unsafe getenv("SSL_CERT_FILE") != nil || getenv("SSL_CERT_DIR") != nil
        if !isDirected {
            for bundle in bundles {
                if unsafe X509_STORE_load_file(store, bundle) == 1 { return }
            }
        }
        unsafe X509_STORE_set_default_paths(store)
    }
}
