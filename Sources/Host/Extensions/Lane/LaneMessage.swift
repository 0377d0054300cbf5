internal import CFFI
internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// What a lane's inbox carries; the raw value is `InboxNode.kind`.
enum LaneMessage: UInt32 {
    /// A service call, in three messages of one block.
    case request = 1
    case cancel
    case done
    /// A C function and its context, posted by the plugin.
    case task
    /// Host code.
    case job

    /// Where the node of a service call's message lies in its block.
    var offset: Int {
        switch self {
        case .request, .task, .job: 0
        case .cancel: MemoryLayout<InboxNode>.size
        case .done: 2 * MemoryLayout<InboxNode>.size
        }
    }
}

/// A posted C function: the message owns itself.
@safe
struct TaskBlock: BitwiseCopyable {
    var node: InboxNode
    var function: sluice_task
    var context: UnsafeMutableRawPointer?
}

/// A posted piece of host code.
@safe
struct JobBlock: BitwiseCopyable {
    var node: InboxNode
    var body: Unmanaged<JobBody>
}

final class JobBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// The way into a lane, as workers and plugin threads hold it: no reference counts.
struct LaneGate: BitwiseCopyable {
    var inbox: Inbox?
    /// 1 while the lane waits in poll(2).
    var sleeping: Cell

    static var none: LaneGate { LaneGate(inbox: nil, sleeping: Cell.permanent()) }

    /// [any thread] Sends a message, and wakes the lane only if it sleeps.
    func post(_ message: InboxMessage) {
        guard let inbox else { return }
        if inbox.push(message), sleeping.exchange(0) == 1 { inbox.wake() }
    }
}
