import Glibc
import Synchronization
import Testing

@Suite struct SimulationTests {
    /// Blocks of seeds: a tenth of them, and all when `SOAK` is set.
    private static let blocks = unsafe getenv("SOAK") == nil ? 10 : 100
    private static let seedsPerBlock: UInt64 = 50

    /// A failure prints its seed: `Simulation(seed: N).run()` repeats it.
    @Test(arguments: 0..<UInt64(blocks))
    func `fifty seeds each lose no slot and give no wrong answer`(block: UInt64) throws {
        var answered = 0
        let first = block * Self.seedsPerBlock
        for seed in first..<(first + Self.seedsPerBlock) {
            let outcome = try Simulation(seed: seed).run()
            #expect(outcome.wrongs.isEmpty, "seed \(seed): \(outcome.wrongs)")
            answered += outcome.answered - outcome.failures
        }
        #expect(answered > 500, "the simulation must answer most of what it asks")
    }

    @Test func `equal seeds make equal runs`() throws {
        for seed: UInt64 in [7, 8] {
            let first = try Simulation(seed: seed).run()
            let second = try Simulation(seed: seed).run()
            #expect(first.trace == second.trace)
            #expect(first.answered == second.answered)
        }
    }
}

/// Filters have identities of the process, so that these runs follow each other.
@Suite(.serialized) struct FilterSimulationTests {
    @Test(arguments: 0..<UInt64(10))
    func `fifty seeds with filters each lose nothing and give no wrong answer`(
        block: UInt64
    ) throws {
        var answered = 0
        let first = 10_000 + block * 50
        for seed in first..<(first + 50) {
            let outcome = try SimulatedFilters.alone.withLock { _ in
                try Simulation(seed: seed, hasFilters: true).run()
            }
            #expect(outcome.wrongs.isEmpty, "seed \(seed): \(outcome.wrongs)")
            answered += outcome.answered - outcome.failures
        }
        #expect(answered > 400, "the simulation must answer most of what it asks")
    }

    @Test func `equal seeds with filters make equal runs`() throws {
        for seed: UInt64 in [10_007, 10_008] {
            let runs = try (0..<2).map { _ in
                try SimulatedFilters.alone.withLock { _ in
                    try Simulation(seed: seed, hasFilters: true).run()
                }
            }
            #expect(runs[0].trace == runs[1].trace)
        }
    }
}
