internal import SluiceBase
package import SluiceConfig

/// One immutable state of the world's routing; it owns all memory that its view borrows.
///
/// Keep it referenced until no worker reads its view any more: `deinit` frees the tables.
package final class Snapshot: Sendable {
    package let generation: UInt64
    /// The sockets that should listen, by index.
    package let bindings: [Binding]
    /// What workers read.
    package let view: RoutingView
    private let tables: SnapshotTables

    init(generation: UInt64, bindings: [Binding], tables: consuming SnapshotTables) {
        self.generation = generation
        self.bindings = bindings
        self.tables = tables
        view = self.tables.view(generation: generation)
    }
}

/// One listening socket of the snapshot; several listeners may share it.
package struct Binding: Sendable, Equatable {
    /// The table that serves this socket: stable across snapshots, never given to another address.
    package let index: Int32
    package let address: IPAddress
    package let port: UInt16
    /// The documents of the listeners on it, most specific hostname first.
    package let listeners: [DocumentKey]
}

/// The tables of a snapshot; noncopyable, so that each has one owner.
struct SnapshotTables: ~Copyable, Sendable {
    let slots: Table<KeySlot>
    let seed: UInt64
    let text: Table<UInt8>
    let sockets: Table<SocketSlot>
    let bindings: Table<BindingRecord>
    let networks: Table<NetworkRecord>
    let listeners: Table<ListenerRecord>
    let pathSets: Table<PathSet>
    let nodes: Table<PathNode>
    let actions: Table<ActionRecord>
    let picks: Table<PickRecord>
    let pools: Table<PoolRecord>
    let members: Table<MemberRecord>
    let endpoints: Table<EndpointRecord>

    func view(generation: UInt64) -> RoutingView {
        RoutingView(
            generation: generation,
            index: KeyIndex(slots: slots.view, text: text.view, seed: seed),
            sockets: SocketIndex(slots: sockets.view),
            bindings: bindings.view,
            networks: networks.view,
            listeners: listeners.view,
            pathSets: pathSets.view,
            nodes: nodes.view,
            actions: actions.view,
            picks: picks.view,
            pools: pools.view,
            members: members.view,
            endpoints: endpoints.view,
            text: text.view
        )
    }
}
