internal import SluiceBase
internal import Synchronization

/// The thread on which the host's own steps wait for plugins: one step after the other.
///
/// It lives as long as the process.
final class LifeThread: Sendable {
    private let inbox: Inbox
    private let waiting = Mutex<[@Sendable () -> Void]>([])

    /// Throws the error of eventfd(2) or pthread_create(3).
    init() throws(Errno) {
        inbox = try Inbox()
    }

    /// Starts the thread.
    func start() throws(Errno) {
        _ = try Thread(name: "life") { self.work() }
    }

    /// [any] Runs a step after those that wait.
    func run(_ step: @escaping @Sendable () -> Void) {
        waiting.withLock { $0.append(step) }
        inbox.wake()
    }

    private func work() {
        var poller = Poller()
        while true {
            let steps = waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for step in steps { step() }
            guard steps.isEmpty else { continue }
            poller.removeAll()
            poller.add(inbox.wakeDescriptor, reads: true, writes: false)
            poller.wait(milliseconds: -1)
            inbox.clearWake()
        }
    }
}
