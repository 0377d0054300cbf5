package import SluiceBase
package import SluiceRouting
package import SluiceTelemetry

/// What the control side installs: one routing state.
///
/// The sockets that it needs come on their own way, by `SocketOffers`.
package struct Installation: BitwiseCopyable, Sendable {
    package let view: RoutingView

    /// A view of tables that the caller keeps until no worker reads them.
    package init(view: RoutingView) { self.view = view }
}

/// How far a worker is asked to end, in order.
package enum DrainPhase: UInt64, Sendable {
    /// The worker serves.
    case none
    /// Each answer carries `Connection: close`; new connections are still served.
    case notice
    /// Listening ends, idle connections close, exchanges finish until the deadline.
    case closing
}

/// Where one worker and the control side meet: an inbox, the installation, sockets, a few words.
///
/// The worker alone writes `adopted`, `reading`, `settled`, `ended` and `faults`; the control side
/// alone writes the others. Every change is followed by a wake-up of the other side.
package struct Desk: Sendable {
    package let worker: Int
    package let inbox: Inbox
    package let installed: Published<Installation>
    package let sockets: SocketOffers
    /// The keys of session tickets.
    package let tickets: TicketBoard
    /// Failed exchanges, for the log.
    package let faults: FaultLog
    /// The control side's inbox: woken, never posted to.
    package let control: Inbox
    /// The generation this worker routes by.
    package let adopted = Cell.permanent()
    /// What this worker is about to read; passed to `installed.read(unless:hazard:)`.
    package let reading = Cell.permanent()
    /// The newest generation of which no exchange of an older one is left.
    package let settled = Cell.permanent()
    /// A `DrainPhase`, which only grows.
    package let drainPhase = Cell.permanent()
    /// 0, or when the worker must have ended (monotonic nanoseconds); written before the phase
    /// turns `closing`.
    package let drainDeadline = Cell.permanent()
    /// 1 when the worker's loop is over.
    package let ended = Cell.permanent()

    /// Throws the error of mmap(2).
    package init(
        worker: Int,
        inbox: Inbox,
        installed: Published<Installation>,
        tickets: TicketBoard,
        control: Inbox
    ) throws(Errno) {
        self.worker = worker
        self.inbox = inbox
        self.installed = installed
        self.tickets = tickets
        self.control = control
        sockets = try SocketOffers()
        faults = try FaultLog()
    }

    /// [control] Asks the worker to announce to its clients that it will end, and to go on serving.
    package func announceDrain() {
        _ = drainPhase.exchange(DrainPhase.notice.rawValue, ifEqual: DrainPhase.none.rawValue)
        inbox.wake()
    }

    /// [control] Asks the worker to finish what it has and to end by `deadline`.
    package func drain(deadline: UInt64) {
        drainDeadline.release(max(1, deadline))
        drainPhase.release(DrainPhase.closing.rawValue)
        inbox.wake()
    }

    /// [worker] How far it is asked to end.
    package var phase: DrainPhase { DrainPhase(rawValue: drainPhase.acquire()) ?? .closing }

    /// What the control side looks at before it frees an installation.
    var reader: Published<Installation>.Reader {
        Published<Installation>.Reader(adopted: adopted, hazard: reading)
    }
}
