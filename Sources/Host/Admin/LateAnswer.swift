internal import SluiceBase
internal import Synchronization

/// What a page answers: at once, or later, when something outside the control thread has answered.
enum PageAnswer: Sendable {
    case now(AdminAnswer)
    case later(LateAnswer)
}

/// An answer that another thread gives, at most by a deadline.
///
/// The connection waits for it, the control thread does not. What comes after the deadline is
/// dropped.
final class LateAnswer: Sendable {
    private struct State {
        var answer: AdminAnswer?
        /// Who waits, to be woken; nil: nobody yet.
        var waiter: Inbox?
    }

    /// Monotonic nanoseconds.
    let deadline: UInt64
    private let whenLate: @Sendable () -> AdminAnswer
    private let state = Mutex(State())

    /// `whenLate` gives the answer when none has come by the deadline.
    init(deadline: UInt64, whenLate: @escaping @Sendable () -> AdminAnswer) {
        self.deadline = deadline
        self.whenLate = whenLate
    }

    /// [any] Gives the answer; the first one counts.
    func give(_ answer: AdminAnswer) {
        let waiter = state.withLock { state -> Inbox? in
            guard state.answer == nil else { return nil }
            state.answer = answer
            return state.waiter
        }
        waiter?.wake()
    }

    /// [control] From here on `inbox` is woken when the answer comes.
    func wake(_ inbox: Inbox) {
        state.withLock { $0.waiter = inbox }
    }

    /// [control] The answer, or what stands for one when it is too late; nil: wait.
    func answer(at now: UInt64) -> AdminAnswer? {
        if let answer = state.withLock(\.answer) { return answer }
        return now >= deadline ? whenLate() : nil
    }
}
