internal import CTLS

/// Everything that a context of OpenSSL is made of; immutable.
///
/// Snapshots keep recipes; each worker makes a context of its own from one when it first needs it.
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

    package init(_ side: Side, certificates: [Certificate], authorities: Authorities?) {
        self.side = side
        self.certificates = certificates
        self.authorities = authorities
        identity = Identity(
            side: side,
            certificates: certificates.map(\.digest),
            authorities: authorities?.digest ?? []
        )
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
