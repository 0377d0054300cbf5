internal import SluiceBase
internal import SluiceRouting
internal import SluiceTLS

/// What a channel under TLS has beside its bytes; in the clear it is all zero.
struct Security: BitwiseCopyable {
    /// Nil: in the clear.
    var connection: Secured?
    /// The context that it was begun with.
    var context = ContextReference(slot: 0, generation: 0)
    /// The handshake is complete.
    var isComplete = false
    /// The peer has ended its stream with a close_notify.
    var hasEnded = false
    /// Nothing may be sent any more: a close_notify or a fatal alert was written.
    var hasSentEnd = false
    /// It cannot go on; what comes is dropped.
    var isFailed = false
    /// Server: the name of the client was not known when the context was chosen.
    var isUnnamed = false
    /// Server: one of the few with a long ClientHello.
    var isOversized = false
    /// Server: a hash of the name that the context was chosen by.
    var name: UInt64 = 0
    /// Server: what was required of the client's certificate, as in `ListenerTerms`.
    var validation: UInt64 = 0
    /// Messages of the protocol since the last data.
    var messages: Int32 = 0
    /// Server: the listener that the client's SNI selects in the routing generation below.
    var listener: Int32 = -1
    var generation: UInt64 = .max
    /// Server: who the client has proved to be, once a request needed it.
    var identity: PeerIdentity?
    /// The output could not be encrypted; it is tried again.
    var isWaiting = false
    /// Bytes at the front of the output that are encrypted.
    var sealed: Int32 = 0
}

/// The contexts of one worker, each made when it is first needed: one that threads share does not
/// scale.
///
/// By the slots of the snapshot. Connections under way hold theirs, so a context may go while they
/// last.
struct Contexts: ~Copyable {
    private struct Row: BitwiseCopyable {
        var context: Context?
        var generation: UInt32
    }

    private let rows = Table<Row>(zeroed: RoutingView.contextsMax)
    /// Slots that were used; no higher one is.
    private var count = 0
    let tickets = Tickets()
    /// The version of the keys that `tickets` has.
    var ticketsSeen: UInt64 = 0
    let wire = Wire()

    /// The context of a reference; nil when the snapshot has it no more or OpenSSL refuses it.
    mutating func context(_ reference: ContextReference, _ view: RoutingView) -> Context? {
        let slot = Int(reference.slot)
        if rows[slot].generation == reference.generation, let known = rows[slot].context {
            return known
        }
        guard let recipe = view.recipe(reference) else { return nil }
        drop(slot)
        rows[slot].context = Context(recipe.recipe, tickets: tickets)
        rows[slot].generation = reference.generation
        count = max(count, slot &+ 1)
        return rows[slot].context
    }

    /// Lets go of what the snapshot has no more.
    mutating func adopt(_ view: RoutingView) {
        for slot in 0..<count where rows[slot].context != nil {
            let generation = view.contextGeneration(slot: UInt32(truncatingIfNeeded: slot))
            if rows[slot].generation != generation { drop(slot) }
        }
    }

    deinit {
        for slot in 0..<count { drop(slot) }
    }

    private func drop(_ slot: Int) {
        rows[slot].context?.free()
        rows[slot].context = nil
    }
}
