import Testing

@Suite struct SimulationTests {
    /// A failure prints its seed: `Simulation(seed: N).run()` repeats it.
    @Test(arguments: 0..<20)
    func `fifty seeds each lose no slot and give no wrong answer`(block: Int) throws {
        var answered = 0
        for seed in UInt64(block * 50)..<UInt64(block * 50 + 50) {
            let outcome = try Simulation(seed: seed).run()
            #expect(outcome.wrongs.isEmpty, "seed \(seed): \(outcome.wrongs)")
            #expect(outcome.answered <= outcome.asked, "seed \(seed)")
            answered += outcome.answered - outcome.failures
        }
        #expect(answered > 100, "the simulation must answer most of what it asks")
    }

    @Test func `equal seeds make equal runs`() throws {
        let first = try Simulation(seed: 7).run()
        let second = try Simulation(seed: 7).run()
        #expect(first.answered == second.answered)
        #expect(first.failures == second.failures)
    }
}
