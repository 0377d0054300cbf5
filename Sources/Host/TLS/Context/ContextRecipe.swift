internal import CTLS

/// Everything that a context of OpenSSL is made of; immutable.
///
/// Snapshots keep recipes; each worker makes a context of its own from one when it first needs it,
/// because a context that threads share does not scale.
package final class ContextRecipe: Sendable {
    /// Which side of the handshake.
    package enum Side: Sendable, Hashable {
        case server(ServerTerms)
        case client(ClientTerms)
    }

    /// Equal identities have equal contexts: neither connections nor sessions tell them apart.
    package struct Identity: Sendable, Hashable {
        let side: Side
        let certificates: [[UInt8]]
        let authorities: [UInt8]
    }

    package let side: Side
    /// What is presented: of each kind of key one at most; for a client, one at most.
    package let certificates: [Certificate]
    /// What certificates of peers must chain to.
    package let authorities: Authorities?
    package let identity: Identity
    /// The session-id context: 32 bytes over virtual host, leaves, verify mode and authorities, so
    /// that no session is resumed where another check would have been made (CVE-2025-23419).
    let audience: [UInt8]

    package init(_ side: Side, certificates: [Certificate], authorities: Authorities?) {
        self.side = side
        self.certificates = certificates
        self.authorities = authorities
        identity = Identity(
            side: side,
            certificates: certificates.map(\.digest),
            authorities: authorities?.digest ?? []
        )
        audience = Self.audience(side, identity)
    }

    private static func audience(_ side: Side, _ identity: Identity) -> [UInt8] {
        guard case .server(let terms) = side else { return [] }
        var text = Array(terms.audience.utf8)
        text.append(0)
        text.append(terms.clients.rawValue)
        for digest in identity.certificates { text += digest }
        text += identity.authorities
        return SHA256.digest(text)
    }
}

// How the callbacks of OpenSSL find their recipe.
extension ContextRecipe {
    /// Where a context keeps it.
    static let index: CInt = unsafe ctls_context_index { _, held, _, _, _, _ in
        guard let held = unsafe held else { return }
        unsafe Unmanaged<ContextRecipe>.fromOpaque(held).release()
    }

    /// The recipe of a connection's context.
    static func of(_ ssl: OpaquePointer) -> ContextRecipe? {
        guard let held = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), index) else { return nil }
        return unsafe Unmanaged<ContextRecipe>.fromOpaque(held).takeUnretainedValue()
    }

    /// Where the entry of a protocol begins, which is its length, in the list that a client offers
    /// (RFC 7301 3.1); nil: nowhere.
    static func find(
        _ name: StaticString,
        _ list: UnsafePointer<UInt8>,
        _ count: UInt32
    ) -> UnsafePointer<UInt8>? {
        var at = 0
        while at < Int(count) {
            let length = unsafe Int(list[at])
            guard at &+ 1 &+ length <= Int(count) else { return nil }
            if length == name.utf8CodeUnitCount,
                unsafe memcmp(list + (at &+ 1), name.utf8Start, length) == 0
            {
                return unsafe list + at
            }
            at &+= 1 &+ length
        }
        return nil
    }
}

/// A recipe as the view of a snapshot names it: copied without ARC.
///
/// Valid as long as the snapshot, which keeps the recipe.
@safe
package struct RecipePointer: @unchecked Sendable, BitwiseCopyable {
    private let reference: Unmanaged<ContextRecipe>

    package init(_ recipe: ContextRecipe) { unsafe reference = .passUnretained(recipe) }

    /// The recipe itself, to make a context from; counts a reference, so not for each connection.
    package var recipe: ContextRecipe { unsafe reference.takeUnretainedValue() }
}
