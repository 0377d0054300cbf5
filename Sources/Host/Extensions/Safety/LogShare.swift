internal import SluiceBase
internal import Synchronization

/// How many lines one plugin may log: what is beyond its share of a second is dropped and counted,
/// so that it neither fills disks nor keeps others from being read.
final class LogShare: Sendable {
    private struct State {
        var second: UInt64 = 0
        var lines = 0
        var dropped = 0
    }

    private let linesMax: Int
    private let state = Mutex(State())

    init(linesMax: Int) { self.linesMax = linesMax }

    /// [any thread] Whether one more line may be written now.
    func take(at now: UInt64) -> Bool {
        let second = now / Clock.nanosecondsPerSecond
        return state.withLock { state in
            if state.second != second {
                state.second = second
                state.lines = 0
            }
            guard state.lines < linesMax else {
                state.dropped += 1
                return false
            }
            state.lines += 1
            return true
        }
    }

    /// Says how many lines were dropped since it was last said.
    func tell(of plugin: String) {
        let dropped = state.withLock { state in
            defer { state.dropped = 0 }
            return state.dropped
        }
        guard dropped > 0 else { return }
        Log.warn(
            "plugin \(plugin) logs too much: \(dropped) lines were dropped;"
                + " limits.pluginLogLines is \(linesMax) a second"
        )
    }
}
