internal import CCurl
internal import Glibc
package import SluiceBase
internal import Synchronization

/// The HTTP client of the host: one thread, `outbound`, that serves the calls of all clients.
package final class Outbound: Sendable {
    private let inbox: Inbox
    private let thread: Mutex<SluiceBase.Thread?>
    /// pthread_self() of the thread.
    private let identity = Cell.permanent()

    private static let isStarted = ccurl_start() == CURLE_OK && ccurl_is_asynchronous() != 0

    /// Starts the thread; throws when descriptors or memory ran out.
    package init() throws(Errno) {
        guard Self.isStarted else { throw Errno(ENOSYS) }
        inbox = try Inbox()
        thread = Mutex(nil)
        let loop = try OutboundLoop(inbox)
        let identity = identity
        let started = try SluiceBase.Thread(name: "outbound") {
            identity.release(UInt64(pthread_self()))
            loop.run()
        }
        thread.withLock { $0 = started }
    }

    /// A client of its own connections; `close` it before the thread is stopped.
    package func client(
        _ name: String,
        limits: OutboundLimits = OutboundLimits(),
        policy: AddressPolicy = AddressPolicy(),
        usesEnvironmentProxy: Bool = false
    ) throws(Errno) -> OutboundClient {
        try OutboundClient(
            self,
            name: name,
            limits: limits,
            policy: policy,
            usesEnvironmentProxy: usesEnvironmentProxy
        )
    }

    /// Ends the thread, once; every client is closed.
    package func stop() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        unsafe post(.stop, nil)
        thread.join()
    }

    var isCurrent: Bool { identity.acquire() == UInt64(pthread_self()) }

    /// Has the thread look after a call.
    func post(_ call: Call) {
        if let message = call.message(kind: OutboundMessage.call.rawValue) { inbox.post(message) }
    }

    /// Has the thread close a client.
    func close(_ client: OutboundClient) {
        unsafe post(.close, Unmanaged.passRetained(client).toOpaque())
    }

    private func post(_ kind: OutboundMessage, _ client: UnsafeMutableRawPointer?) {
        let node = UnsafeMutablePointer<ClientNode>.allocate(capacity: 1)
        unsafe node.initialize(
            to: ClientNode(node: InboxNode(kind: kind.rawValue), client: client)
        )
        inbox.post(
            unsafe InboxMessage(
                UnsafeMutableRawPointer(node).assumingMemoryBound(to: InboxNode.self)
            )
        )
    }
}

/// What is in the inbox of the thread.
enum OutboundMessage: UInt32 {
    /// A call: started, written to, resumed or cancelled.
    case call = 1
    case close
    case stop
}

@safe
private struct ClientNode: BitwiseCopyable {
    var node: InboxNode
    var client: UnsafeMutableRawPointer?
}

/// The loop: sockets, timers of libcurl, deadlines, inbox.
@safe
final class OutboundLoop: @unchecked Sendable {
    private let inbox: Inbox
    private let epoll: Int32
    /// Who watches a descriptor, by its number.
    private var sockets: [Watched?] = []
    private var pools: [ConnectionPool] = []
    private var deadlines = DeadlineHeap()
    private var ready = [ccurl_ready](repeating: ccurl_ready(), count: Int(CCURL_READY_MAX))
    private var isStopping = false

    private struct Watched {
        let pool: ConnectionPool
        weak var transfer: Transfer?
        /// CURL_POLL_...
        var what: Int32
        /// It is not watched for writing until it is readable.
        var isBlocked = false
    }

    init(_ inbox: Inbox) throws(Errno) {
        self.inbox = inbox
        epoll = ccurl_epoll_open()
        guard epoll >= 0 else { throw Errno.last }
        guard ccurl_epoll_set(epoll, inbox.wakeDescriptor, CURL_POLL_IN, 0) == 0 else {
            throw Errno.last
        }
    }

    func run() {
        blockPipeSignal()
        while !isStopping {
            let now = Clock.now()
            let next = pools.reduce(deadlines.next) { min($0, $1.timerAt) }
            wait(Clock.milliseconds(until: next, from: now))
            let later = Clock.now()
            for pool in pools { pool.expire(at: later) }
            while let transfer = deadlines.due(at: later) { onDeadline(transfer, later) }
        }
        _ = Glibc.close(epoll)
    }

    /// OpenSSL writes without MSG_NOSIGNAL.
    private func blockPipeSignal() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func wait(_ milliseconds: Int32) {
        let count = unsafe ccurl_epoll_wait(epoll, &ready, milliseconds)
        for place in 0..<Int(count) {
            let (socket, bits) = (ready[place].fd, ready[place].bits)
            if socket == inbox.wakeDescriptor {
                inbox.clearWake()
            } else if Int(socket) < sockets.count, let watched = sockets[Int(socket)] {
                act(watched, socket, bits)
            }
        }
        var batch = inbox.drain()
        while let message = batch.next() { handle(message) }
    }

    private func act(_ watched: Watched, _ socket: Int32, _ bits: Int32) {
        if watched.isBlocked {
            sockets[Int(socket)]?.isBlocked = false
            _ = ccurl_epoll_set(epoll, socket, watched.what, 1)
        }
        watched.pool.act(on: socket, bits | (watched.isBlocked ? CURL_CSELECT_OUT : 0))
        guard bits == CURL_CSELECT_OUT, let now = sockets[Int(socket)],
            now.what & CURL_POLL_OUT != 0,
            let transfer = now.transfer, !transfer.call.hasEnded, transfer.isBlockedAfterWrite()
        else { return }
        sockets[Int(socket)]?.isBlocked = true
        _ = ccurl_epoll_set(epoll, socket, now.what & ~CURL_POLL_OUT, 1)
    }

    private func handle(_ message: InboxMessage) {
        switch OutboundMessage(rawValue: message.kind) {
        case .call:
            attend(Call.taken(message))
        case .close, .stop, nil:
            let node = unsafe UnsafeMutableRawPointer(message.node)
                .assumingMemoryBound(to: ClientNode.self)
            let client = unsafe node.pointee.client
            unsafe node.deallocate()
            guard let client = unsafe client else {
                isStopping = true
                return
            }
            close(unsafe Unmanaged<OutboundClient>.fromOpaque(client).takeRetainedValue())
        }
    }

    /// Watches a socket for what libcurl wants (CURL_POLL_...).
    func watch(_ socket: Int32, _ what: Int32, _ pool: ConnectionPool, _ transfer: Transfer?) {
        let place = Int(socket)
        if place >= sockets.count {
            sockets += [Watched?](repeating: nil, count: place + 1 - sockets.count)
        }
        if what == CURL_POLL_REMOVE {
            guard sockets[place] != nil else { return }
            ccurl_epoll_remove(epoll, socket)
            sockets[place] = nil
        } else {
            _ = ccurl_epoll_set(epoll, socket, what, sockets[place] == nil ? 0 : 1)
            sockets[place] = Watched(pool: pool, transfer: transfer, what: what)
        }
    }
}

/// What happens to calls.
extension OutboundLoop {
    private func attend(_ call: Call) {
        guard !call.hasEnded else { return }
        if call.isCancelled {
            return finish(call, (.cancelled, "cancelled by the caller"))
        }
        guard let transfer = call.transfer else { return start(call) }
        if call.takeResume() { transfer.resumeResponse() }
        if transfer.hasPeerEnded, transfer.isStarved, let end = transfer.endBeforeRequest {
            return finish(call, end.failure)
        }
        transfer.resumeRequest()
        deadlines.arm(transfer)
        if let failure = transfer.stopped { finish(call, failure) }
    }

    private func start(_ call: Call) {
        guard let pool = pool(of: call), let transfer = Transfer(call, pool, after: call.transfer)
        else {
            return finish(call, (.limit, "no memory for another transfer"))
        }
        call.transfer = transfer
        deadlines.arm(transfer)
        transfer.start()
    }

    /// Starts a call once more, on a connection of its own.
    func reopen(_ call: Call) {
        call.transfer?.leave()
        start(call)
    }

    private func pool(of call: Call) -> ConnectionPool? {
        let isPrior = call.request.speaks == .http2PriorKnowledge
        if let known = pools.first(where: {
            $0.client === call.client && $0.isForPriorKnowledge == isPrior
        }) {
            return known
        }
        guard let pool = ConnectionPool(call.client, self, isForPriorKnowledge: isPrior) else {
            return nil
        }
        pools.append(pool)
        return pool
    }

    private func onDeadline(_ transfer: Transfer, _ now: UInt64) {
        if transfer.deadline <= now {
            finish(transfer.call, transfer.timeout(at: now))
        } else {
            deadlines.arm(transfer)
        }
    }

    /// Looks after a call later, outside the callbacks of libcurl.
    func post(_ call: Call) {
        if let message = call.message(kind: OutboundMessage.call.rawValue) { inbox.post(message) }
    }

    /// The deadline of a transfer may have come nearer.
    func rearm(_ transfer: Transfer) { deadlines.arm(transfer) }

    /// Ends a call: its id is stale, its transfer gone, and its sink is told.
    ///
    /// Not to be called out of a callback of libcurl.
    func finish(_ call: Call, _ failure: (OutboundFailure, String)?) {
        precondition(!call.hasEnded, "a call ends once")
        call.hasEnded = true
        var end = OutboundEnd()
        if let transfer = call.transfer { end = transfer.close() }
        call.transfer = nil
        end.failed = failure?.0
        end.detail = failure.map { "\($0.0.word): \($0.1)" } ?? ""
        end.totalNanoseconds = Clock.now() - call.startedAt
        let counters = call.client.counters
        counters.add(.sentBytes, end.sentBytes)
        counters.add(.receivedBytes, end.receivedBytes)
        if let failed = end.failed { counters.add(failed) }
        call.client.forget(call)
        call.events.end(call.id, end)
    }

    private func close(_ client: OutboundClient) {
        for call in client.calls { finish(call, (.cancelled, "the client was closed")) }
        for pool in pools where pool.client === client { pool.close() }
        pools.removeAll { $0.client === client }
        client.finishClosing()
    }
}
