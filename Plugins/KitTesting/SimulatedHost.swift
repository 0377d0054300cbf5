internal import Glibc
internal import SluiceABI
public import SluiceKit
internal import Synchronization

/// A host made of the header's own tables, for unit tests of plugins: its lane and its clock move
/// only when the test says so.
///
///     let host = SimulatedHost()
///     let instance = try host.make(Greeter.self, configuration: #"{"word": "hello"}"#)
///     try instance.start()
///     let exchange = try instance.request("GET", "/greet/ada")
///     #expect(exchange.text == "hello, ada\n")
///
/// Everything happens on the thread that made it, which is the lane: a test that is `async` may
/// change threads and is refused. Pool work runs there too, in its turn.
@safe
public final class SimulatedHost: @unchecked Sendable {
    /// A line of the log.
    public struct Line: Equatable, Sendable {
        /// SLUICE_LOG_*.
        public var level: Int32
        /// The message.
        public var text: String
        /// Its fields.
        public var fields: [String: String]

        /// Describes a line.
        public init(level: Int32, text: String, fields: [String: String] = [:]) {
            self.level = level
            self.text = text
            self.fields = fields
        }
    }

    /// A call on the lane, which a status comes with.
    struct Message: @unchecked Sendable {
        let call: (Int32) -> Void
    }

    struct Timer {
        let id: UInt64
        var due: UInt64
        let every: UInt64
        let run: (Int32) -> Void
    }

    struct Watched {
        let id: UInt64
        let fd: Int32
        let events: UInt32
        let run: (UInt32) -> Void
    }

    /// What waits for the lane, from any thread.
    private struct Inbox {
        var messages: [Message] = []
        var isClosed = false
    }

    /// Ids of the tables that it offers; take one out before `make` to withhold it.
    public var offered: Set<String>
    /// The log, from the level info on.
    public internal(set) var lines: [Line] = []
    /// The last report of each component: its state and its sentence.
    public internal(set) var health: [String: String] = [:]
    /// Values of counters and gauges, by "name" or "name{value,...}".
    public var metrics: [String: UInt64] {
        unsafe cells.mapValues { cell in unsafe cell.pointee.value }
    }
    /// Observations of histograms, by name.
    public internal(set) var observations: [String: [Double]] = [:]
    /// What was done to the routing documents.
    public let routing = SimulatedRouting()
    /// Outbound calls, in the order in which they were made.
    public internal(set) var calls: [SimulatedCall] = []
    /// `SimulatedCall.room` of the calls that follow.
    public var clientRoom = Int.max
    /// What `sluice.client` answers to the next calls instead of taking them.
    public var clientRefusal: PluginError?
    /// TLS profiles that were made, by name.
    public internal(set) var tlsProfiles: Set<String> = []
    /// Most messages that wait for the lane; beyond it `post` answers SLUICE_E_LIMIT.
    public var postedMax = Int.max
    /// Whether `drained` and `stopped` were called.
    public internal(set) var isDrained = false
    /// Whether the instance has said that it has stopped.
    public internal(set) var isStopped = false

    /// The clock, in nanoseconds.
    public private(set) var now: UInt64 = 1_000_000_000

    var cells: [String: UnsafeMutablePointer<sluice_cell>] = unsafe [:]
    var metricNames: [String] = []
    var timers: [Timer] = []
    var watches: [Watched] = []
    var poolWork: [(work: () -> Void, done: (Int32) -> Void)] = []
    private var isOnPool = false
    private var nextID: UInt64 = 1
    private let thread = pthread_self()
    private let inbox = Mutex(Inbox())
    let tables: SimulatedTables

    /// A host that offers everything.
    public init() {
        offered = [
            SLUICE_IF_LOG, SLUICE_IF_METRICS, SLUICE_IF_HEALTH, SLUICE_IF_EXEC, SLUICE_IF_ROUTING,
            SLUICE_IF_HTTP, SLUICE_IF_CLIENT, SLUICE_IF_REPLY,
        ]
        tables = SimulatedTables()
        tables.belong(to: self)
    }

    deinit {
        while let entry = unsafe cells.popFirst() { unsafe entry.value.deallocate() }
    }

    // MARK: Turning the lane

    /// Runs what waits for the lane and the pool, and tells of descriptors that are ready, until
    /// nothing is left.
    ///
    /// Returns how much that was.
    @discardableResult
    public func run() -> Int {
        var count = 0
        while turn() { count += 1 }
        return count
    }

    /// Moves the clock, and lets the timers fire that become due on the way.
    public func advance(by duration: Duration) {
        let target = now + UInt64(duration / .nanoseconds(1))
        run()
        while let next = timers.indices.min(by: { timers[$0].due < timers[$1].due }),
            timers[next].due <= target
        {
            now = max(now, timers[next].due)
            fire(next)
            run()
        }
        now = target
        run()
    }

    /// How many timers run.
    public var timerCount: Int { timers.count }

    /// How many descriptors are watched.
    public var watchCount: Int { watches.count }

    private func turn() -> Bool {
        let message = inbox.withLock { inbox in
            inbox.messages.isEmpty ? nil : inbox.messages.removeFirst()
        }
        if let message {
            message.call(SLUICE_OK)
            return true
        }
        if !poolWork.isEmpty {
            let errand = poolWork.removeFirst()
            isOnPool = true
            errand.work()
            isOnPool = false
            errand.done(SLUICE_OK)
            return true
        }
        for watch in watches {
            var look = pollfd(
                fd: watch.fd,
                events: Int16(truncatingIfNeeded: watch.events),
                revents: 0
            )
            if unsafe poll(&look, 1, 0) > 0 {
                watch.run(UInt32(UInt16(bitPattern: look.revents)))
                return true
            }
        }
        return false
    }

    private func fire(_ index: Int) {
        let timer = timers[index]
        if timer.every == 0 {
            timers.remove(at: index)
        } else {
            timers[index].due = now + timer.every
        }
        timer.run(SLUICE_OK)
    }

    // MARK: What the tables do

    /// SLUICE_ON_*.
    var here: Int32 {
        guard pthread_equal(pthread_self(), thread) != 0 else { return SLUICE_ON_OTHER }
        return isOnPool ? SLUICE_ON_POOL : SLUICE_ON_LANE
    }

    func newID() -> UInt64 {
        defer { nextID += 1 }
        return nextID
    }

    func post(_ message: @escaping (Int32) -> Void) -> Int32 {
        let message = Message(call: message)
        return inbox.withLock { inbox in
            if inbox.isClosed { return SLUICE_E_GONE }
            if inbox.messages.count >= postedMax { return SLUICE_E_LIMIT }
            inbox.messages.append(message)
            return SLUICE_OK
        }
    }

    func cancel(_ id: UInt64) -> Int32 {
        if let index = timers.firstIndex(where: { $0.id == id }) {
            let timer = timers.remove(at: index)
            return post { _ in timer.run(SLUICE_E_CANCELED) }
        }
        if let index = watches.firstIndex(where: { $0.id == id }) {
            let watch = watches.remove(at: index)
            return post { _ in watch.run(0) }
        }
        return SLUICE_E_GONE
    }

    /// The instance has stopped: what it still has with the host comes back.
    func makeFinalCalls() {
        let messages = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { inbox.messages = [] }
            return inbox.messages
        }
        for message in messages { message.call(SLUICE_E_CANCELED) }
        while let timer = timers.popLast() { timer.run(SLUICE_E_CANCELED) }
        while let watch = watches.popLast() { watch.run(0) }
        while let errand = poolWork.popLast() { errand.done(SLUICE_E_CANCELED) }
        for call in calls where !call.hasEnded { call.fail(.canceled, "the instance has stopped") }
    }
}
