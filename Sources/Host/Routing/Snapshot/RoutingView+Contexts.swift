package import SluiceBase
package import SluiceTLS

/// TLS: which sockets begin with a handshake, and by which context.
extension RoutingView {
    /// TLS contexts that a process may know at one time.
    package static let contextsMax = Numbers.contextsMax

    /// [worker] Whether connections to a socket begin with a TLS handshake.
    package func isSecured(binding: Int32) -> Bool {
        isBound(binding: binding) && bindings[Int(binding)].isSecured
    }

    /// [worker] The context of an HTTPS listener for the server name of a client (RFC 6066), empty
    /// when none came: that of the exact name, of the wildcard that covers one label (RFC 6125
    /// 6.4.3), or the listener's default.
    package func serverContext(listener: Int32, name: Bytes) -> ContextReference {
        let table = listeners[Int(listener)].contexts
        precondition(table.fallback >= 0, "a listener in the clear has no context")
        let slot = slot(table, HostName.bare(name))
        return ContextReference(
            slot: UInt32(slot),
            generation: contexts[Int(slot)].generation
        )
    }

    /// [worker] What a context is made from; nil when this snapshot has it no more.
    package func recipe(_ reference: ContextReference) -> RecipePointer? {
        guard contextGeneration(slot: reference.slot) == reference.generation else { return nil }
        return contexts[Int(reference.slot)].recipe
    }

    /// One more than the highest context slot of this snapshot.
    package var contextSlotCount: Int { contexts.count }

    /// [worker] The generation of a context slot; 0 when this snapshot does not use it.
    package func contextGeneration(slot: UInt32) -> UInt32 {
        Int(slot) < contexts.count ? contexts[Int(slot)].generation : 0
    }

    private func slot(_ table: ContextTable, _ name: Bytes) -> Int32 {
        guard !name.isEmpty, name.count <= RoutingView.hostBytesMax else { return table.fallback }
        let exact = index.find(scope: table.scope, host: name)
        if exact >= 0 { return exact }
        let dot = name.index(of: UInt8(ascii: "."))
        guard dot > 0 else { return table.fallback }
        let wildcard = index.find(scope: table.scope &+ 1, host: name.from(dot &+ 1))
        return wildcard >= 0 ? wildcard : table.fallback
    }
}
