import SluiceKit
import SluiceKitTesting
import Testing

/// Programs that a plugin's tasks run on its lane.
struct ProcessOnHostTests {
    private let host = SimulatedHost()
    private let instance: SimulatedInstance<Scripted>

    init() throws {
        instance = try host.make(Scripted.self)
    }

    /// Turns the lane until `isTrue`: the program takes the time that it takes.
    private func run(until isTrue: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !isTrue(), ContinuousClock.now < deadline { host.run() }
        #expect(try isTrue())
    }

    private func steps() throws -> [String] { try instance.with { $0.steps } }

    @Test func `a task runs a program, and stays on the lane`() throws {
        try instance.with { plugin in
            plugin.host.task {
                let cat = Command("/bin/cat", timeLimit: .seconds(60))
                let words = Array("words".utf8)
                let result = try await Process.run(cat, input: words, on: plugin.host)
                plugin.steps.append(String(decoding: result.output, as: UTF8.self))
                plugin.steps.append("\(plugin.host.lane.isCurrent)")
            }
        }
        try run { try steps().count == 2 }
        #expect(try steps() == ["words", "true"])
        host.run()
        #expect(host.watchCount == 0)
    }

    @Test func `a stop ends the programs of an instance`() throws {
        try instance.with { plugin in
            plugin.host.task {
                do {
                    let sleep = Command("/bin/sleep", ["1000"], timeLimit: nil)
                    _ = try await Process.run(sleep, on: plugin.host)
                } catch {
                    plugin.steps.append("\(error)")
                }
            }
        }
        host.run()
        #expect(host.watchCount == 1)
        try instance.start()
        _ = instance.stop()
        try run { host.isStopped }
        #expect(try steps().contains("/bin/sleep: ended, as its task was cancelled"))
    }
}
