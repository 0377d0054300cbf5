/// One listening socket that the snapshot asks for; several listeners may share it.
package struct Binding: Sendable, Equatable {
    /// The table that serves this socket: stable across snapshots, never given to another address.
    package let index: Int32
    package let address: Address
    package let port: UInt16
    /// The documents of the listeners on it, most specific hostname first.
    package let listeners: [DocumentKey]
}
