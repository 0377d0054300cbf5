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

/// A message about a client, or none; it owns its memory.
@safe
struct ClientNode: BitwiseCopyable {
    var node: InboxNode
    var client: UnsafeMutableRawPointer?
}
