/// What compiling a world gives: the snapshot to publish, and what is wrong with which document.
package struct Compilation: Sendable {
    package let snapshot: Snapshot
    /// Ordered by instance (as configured), kind, name and pointer; the same for equal worlds.
    package let problems: [Problem]
    /// Equal worlds have an equal hash; a world with the published hash need not be published.
    package let contentHash: UInt64
}
