internal import Glibc
internal import SluiceBase

/// One step of a chain of filters; plain data.
package struct FilterEntry: BitwiseCopyable, Sendable, Equatable {
    /// What runs the step.
    package enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// A plugin instance.
        case plugin
    }

    package let kind: Kind
    /// Of a plugin: the filter slot of its instance.
    package let index: UInt16
    /// What the step was configured with, as its kind means it: of a plugin its `cfg` for the
    /// route.
    package let configuration: UInt64

    package init(kind: Kind, index: UInt16, configuration: UInt64) {
        self.kind = kind
        self.index = index
        self.configuration = configuration
    }
}

/// The filters of the requests of one backend of one rule, in the order in which requests pass.
///
/// It lies in memory of its own, which outlives its snapshot: an exchange pins it. A chain without
/// entries has no memory. Copied without ARC.
@safe
package struct FilterChain: @unchecked Sendable, BitwiseCopyable {
    /// Entries of a chain; a rule and a backend with more filters together answer 500.
    package static let entriesMax = 32

    private struct Block: BitwiseCopyable {
        /// Exchanges that hold it.
        var pins: UInt64
        /// 1 when no snapshot holds it any more.
        var retired: UInt64
        var count: Int
    }

    private let block: UnsafeMutablePointer<Block>?

    /// A chain without filters.
    package static var none: FilterChain { unsafe FilterChain(block: nil) }

    private init(block: UnsafeMutablePointer<Block>?) { unsafe self.block = block }

    /// [compiler] A chain in memory of its own.
    init(_ entries: [FilterEntry]) {
        precondition(entries.count <= FilterChain.entriesMax, "a chain is bounded")
        let bytes =
            MemoryLayout<Block>.stride + entries.count * MemoryLayout<FilterEntry>.stride
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: bytes,
            alignment: MemoryLayout<Block>.alignment
        )
        let block = unsafe memory.bindMemory(to: Block.self, capacity: 1)
        unsafe block.initialize(to: Block(pins: 0, retired: 0, count: entries.count))
        let start = unsafe (memory + MemoryLayout<Block>.stride)
            .bindMemory(to: FilterEntry.self, capacity: entries.count)
        for (place, entry) in entries.enumerated() {
            unsafe (start + place).initialize(to: entry)
        }
        unsafe self.block = block
    }

    package var count: Int { unsafe block?.pointee.count ?? 0 }

    package var isEmpty: Bool { unsafe block == nil }

    package subscript(place: Int) -> FilterEntry {
        precondition(place >= 0 && place < count, "a filter of the chain")
        guard let block = unsafe block else { preconditionFailure("a chain with filters") }
        return unsafe UnsafeRawPointer(block).load(
            fromByteOffset: MemoryLayout<Block>.stride + place * MemoryLayout<FilterEntry>.stride,
            as: FilterEntry.self
        )
    }

    private func cell(_ offset: Int) -> Cell {
        guard let block = unsafe block else { preconditionFailure("a chain with filters") }
        return unsafe Cell(
            (UnsafeMutableRawPointer(block) + offset).assumingMemoryBound(to: UInt64.self)
        )
    }

    private var pins: Cell { cell(0) }
    private var retired: Cell { cell(MemoryLayout<UInt64>.stride) }

    /// [worker] An exchange holds it; the snapshot that it was found in is the worker's still.
    package func pin() { pins.add(1) }

    /// [worker] The exchange has let go of it; whether the control side waits for that.
    package func unpin() -> Bool {
        let before = pins.add(-1)
        // Pairs with the fence in `retire`: one of the two sees what the other has written.
        Cell.fence()
        return before == 1 && retired.acquire() == 1
    }

    /// [compiler] No snapshot holds it any more, so that no exchange begins to.
    func retire() {
        retired.release(1)
        Cell.fence()
    }

    /// [compiler] Whether no exchange holds it.
    var isFree: Bool { pins.acquire() == 0 }

    /// [compiler] Frees its memory; nobody holds it.
    func free() { unsafe block?.deallocate() }
}

/// The chains of one snapshot, with what their entries were configured with.
package struct FilterChains: Sendable {
    /// One chain, and its claims on configurations: each is given back once.
    struct Held: Sendable {
        let chain: FilterChain
        let claims: [UInt64]
    }

    private(set) var held: [Held] = []

    package init() {}

    mutating func add(_ chain: FilterChain, claims: [UInt64]) {
        held.append(Held(chain: chain, claims: claims))
    }

    /// [compiler] Takes over the chains of a snapshot that is gone, or was never published.
    package mutating func retire(_ chains: FilterChains) {
        for held in chains.held { held.chain.retire() }
        held += chains.held
    }

    /// [compiler] Frees the retired chains that no exchange holds.
    package mutating func release(_ configurations: (any RouteConfigurations)?) {
        held.removeAll { held in
            guard held.chain.isFree else { return false }
            for claim in held.claims { configurations?.release(claim) }
            held.chain.free()
            return true
        }
    }

    /// Retired chains that some exchange still holds.
    package var count: Int { held.count }
}
