internal import SluiceBase
internal import Synchronization

/// One step of an instance's life, on its lane, with a deadline.
struct Step {
    let name: String
    let timeoutNanoseconds: UInt64

    private final class Outcome: Sendable {
        let refusal = Mutex<PluginRefusal?>(nil)
    }

    /// Throws what `body` refuses, or that it did not end in time; it may still be running then.
    func run(
        _ instance: Instance,
        _ body: @escaping @Sendable (Instance) throws(PluginRefusal) -> Void
    ) throws(PluginFailure) {
        let outcome = Outcome()
        let isInTime = instance.lane.perform(within: timeoutNanoseconds) {
            do throws(PluginRefusal) {
                try body(instance)
            } catch {
                outcome.refusal.withLock { $0 = error }
            }
        }
        guard isInTime else {
            let seconds = Double(timeoutNanoseconds) / Double(Clock.nanosecondsPerSecond)
            throw failure(instance, PluginRefusal("it did not return within \(seconds) s"))
        }
        if let refusal = outcome.refusal.withLock({ $0 }) { throw failure(instance, refusal) }
    }

    private func failure(_ instance: Instance, _ refusal: PluginRefusal) -> PluginFailure {
        PluginFailure(instance.configuration, step: name, refusal)
    }
}
