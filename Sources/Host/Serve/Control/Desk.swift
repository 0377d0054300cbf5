package import SluiceBase
package import SluiceRouting

/// What the control side installs: one routing state and the sockets that serve it.
package struct Installation: BitwiseCopyable, Sendable {
    /// Listening sockets of one process; a named limit of the socket table.
    package static let bindingsMax = 1_024

    let view: RoutingView
    /// The descriptor of worker w for binding b stands at `b * workers + w`; -1 is none.
    let sockets: TableView<Int32>
    let workers: Int

    /// Views of tables that the caller keeps until every worker routes by something later.
    package init(view: RoutingView, sockets: TableView<Int32>, workers: Int) {
        self.view = view
        self.sockets = sockets
        self.workers = workers
    }

    func socket(_ binding: Int, _ worker: Int) -> Int32 {
        let place = binding * workers + worker
        return place < sockets.count ? sockets[place] : -1
    }
}

/// Where one worker and the control side meet: an inbox, the installation, and a few words.
///
/// The worker alone writes `adopted`, `settled` and `ended`; the control side alone writes
/// `drainDeadline`. Every change is followed by a wake-up of the other side.
package struct Desk: Sendable {
    package let worker: Int
    package let inbox: Inbox
    package let installed: Published<Installation>
    /// The control side's inbox: woken, never posted to.
    let control: Inbox
    /// The generation this worker routes by.
    package let adopted = Cell.permanent()
    /// The newest generation of which no exchange of an older one is left.
    package let settled = Cell.permanent()
    /// 0, or when the worker must have ended (monotonic nanoseconds).
    let drainDeadline = Cell.permanent()
    /// 1 when the worker's loop is over.
    package let ended = Cell.permanent()

    package init(
        worker: Int,
        inbox: Inbox,
        installed: Published<Installation>,
        control: Inbox
    ) {
        self.worker = worker
        self.inbox = inbox
        self.installed = installed
        self.control = control
    }

    /// [control] Asks the worker to finish what it has and to end by `deadline`.
    package func drain(deadline: UInt64) {
        drainDeadline.release(max(1, deadline))
        inbox.wake()
    }
}
