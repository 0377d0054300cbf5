import Glibc
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
