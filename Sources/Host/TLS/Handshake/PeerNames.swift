internal import CTLS

/// The names in certificates of peers: whether an origin's has one that its pool accepts (Gateway
/// API, BackendTLSPolicy, subjectAltNames), and whether those of a client are what they seem.
enum PeerNames {
    /// Called for each certificate of a chain that is valid so far; only the leaf's names count.
    static func isAccepted(_ store: OpaquePointer) -> Bool {
        guard unsafe X509_STORE_CTX_get_error_depth(store) == 0 else { return true }
        let isFound = unsafe hasAccepted(store)
        if !isFound { unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH) }
        return isFound
    }

    /// The same for the certificate of a client: whether its names can be told apart by everyone.
    ///
    /// A zero byte ends a name for those who read it as a text of C, so that an authority may have
    /// judged another name than an origin sees.
    static func areWhole(_ store: OpaquePointer) -> Bool {
        guard unsafe X509_STORE_CTX_get_error_depth(store) == 0,
            let leaf = unsafe X509_STORE_CTX_get_current_cert(store),
            let names = unsafe ctls_alternative_names(leaf)
        else { return true }
        defer { unsafe ctls_general_names_free(names) }
        for place in unsafe 0..<ctls_general_names_count(names) {
            guard let name = unsafe ctls_general_name_at(names, place) else { continue }
            for type in [ctls_type_dns(), ctls_type_uri(), ctls_type_email()]
            where unsafe bytes(of: name, type)?.contains(0) == true {
                unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_UNSUPPORTED_NAME_SYNTAX)
                return false
            }
        }
        return true
    }

    private static func hasAccepted(_ store: OpaquePointer) -> Bool {
        let index = SSL_get_ex_data_X509_STORE_CTX_idx()
        guard let held = unsafe X509_STORE_CTX_get_ex_data(store, index),
            let recipe = unsafe ContextRecipe.of(OpaquePointer(held)),
            case .client(let terms) = recipe.side,
            let leaf = unsafe X509_STORE_CTX_get_current_cert(store),
            let names = unsafe ctls_alternative_names(leaf)
        else { return false }
        defer { unsafe ctls_general_names_free(names) }
        for place in unsafe 0..<ctls_general_names_count(names) {
            guard let name = unsafe ctls_general_name_at(names, place) else { continue }
            for accepted in terms.acceptedNames where unsafe matches(name, accepted) { return true }
        }
        return false
    }

    private static func matches(
        _ name: UnsafeMutablePointer<GENERAL_NAME>,
        _ accepted: AcceptedName
    ) -> Bool {
        switch accepted {
        case .hostname(let text):
            guard let found = unsafe bytes(of: name, ctls_type_dns()) else { return false }
            return covers(found, text)
        case .uri(let text):
            return unsafe bytes(of: name, ctls_type_uri()) == Array(text.utf8)
        }
    }

    /// The bytes of a name of a type; an embedded zero byte stays one, and matches nothing.
    private static func bytes(
        of name: UnsafeMutablePointer<GENERAL_NAME>,
        _ type: CInt
    ) -> [UInt8]? {
        var bytes: UnsafePointer<UInt8>?
        let count = unsafe ctls_general_name_bytes(name, type, &bytes)
        guard count >= 0, let bytes = unsafe bytes else { return nil }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    /// Whether a certificate's DNS name covers an accepted one: equal without regard to case, or a
    /// wildcard for its first label (RFC 9525 6.3).
    private static func covers(_ found: [UInt8], _ accepted: String) -> Bool {
        let name = found.map { (65...90).contains($0) ? $0 + 32 : $0 }
        let wanted = Array(accepted.utf8)
        if name == wanted { return true }
        guard name.starts(with: Array("*.".utf8)), !wanted.starts(with: Array("*.".utf8)),
            let dot = wanted.firstIndex(of: UInt8(ascii: ".")), dot > 0
        else { return false }
        return Array(wanted[dot...]) == Array(name[1...])
    }
}
