package import SluiceBase
internal import SluiceConfig
internal import SluiceRouting

/// What a worker is to do with the listening socket of one binding.
package enum SocketOrder: Equatable, Sendable {
    /// Nothing has changed.
    case none
    /// Listen on this descriptor, which is the worker's from here on; retire the one it has for
    /// the binding.
    case listen(Int32)
    /// Retire the socket it has for the binding, if it has one.
    case retire
}

/// How listening sockets reach one worker: a word for each binding, apart from the snapshots.
///
/// The control side exchanges an order into the word, the worker exchanges it out. A descriptor
/// belongs to the control side until the worker has taken it, so an order that was replaced before
/// that is closed by the control side, and a worker that is stuck loses none.
package struct SocketOffers: Sendable {
    /// Different listening sockets over the life of the process.
    package static let bindingsMax = RoutingView.bindingsMax

    private static let nothing: UInt64 = 0
    private static let retiring: UInt64 = 1
    /// A descriptor d is written as d plus this.
    private static let firstDescriptor: UInt64 = 2

    private let orders: CellBlock
    /// Grows with each order: a worker looks at the words only when it has.
    private let version = Cell.permanent()

    /// No order waits; throws the error of mmap(2).
    package init() throws(Errno) { orders = try CellBlock(count: Self.bindingsMax) }

    /// [control] Gives the worker a listening socket.
    package func offer(_ binding: Int, _ descriptor: Int32) {
        replace(binding, UInt64(UInt32(bitPattern: descriptor)) + Self.firstDescriptor)
    }

    /// [control] Has the worker retire what it has for the binding.
    package func retire(_ binding: Int) { replace(binding, Self.retiring) }

    /// [control] Takes back every socket that the worker has not taken and closes it: the worker
    /// has ended.
    package func closeUntaken() {
        for binding in 0..<Self.bindingsMax { replace(binding, Self.nothing) }
    }

    private func replace(_ binding: Int, _ order: UInt64) {
        if case .listen(let untaken) = Self.order(orders[binding].exchange(order)) {
            ListeningSocket.close(untaken)
        }
        version.add(1)
    }

    /// [worker] Whether some order is newer than `version`, which becomes the newest.
    package func changed(since version: inout UInt64) -> Bool {
        let newest = self.version.acquire()
        defer { version = newest }
        return newest != version
    }

    /// [worker] Takes the order of a binding.
    package func take(_ binding: Int) -> SocketOrder {
        guard orders[binding].value != Self.nothing else { return .none }
        return Self.order(orders[binding].exchange(Self.nothing))
    }

    private static func order(_ word: UInt64) -> SocketOrder {
        switch word {
        case nothing: .none
        case retiring: .retire
        default: .listen(Int32(truncatingIfNeeded: word - firstDescriptor))
        }
    }
}

/// The listening sockets of the process: one a worker for each binding, all on the same port.
///
/// Sockets are opened before the snapshot that needs them is published, and handed over after it,
/// the new ones before old ones are retired: an address of its own takes new connections from the
/// socket of `::` on the same port before that one drains.
struct SocketTable {
    let workers: Int
    private let backlog: Int
    /// Bindings whose sockets the workers were given.
    private var handedOver: Set<Int32> = []
    /// Opened and not handed over: a descriptor for each worker.
    private var opened: [Int32: [Int32]] = [:]
    private var wanted: Set<Int32> = []

    init(workers: Int, backlog: Int) {
        self.workers = workers
        self.backlog = backlog
    }

    /// Opens what is new; a port that cannot be had is its listeners' problem alone.
    mutating func open(_ bindings: [Binding]) -> [Problem] {
        var problems: [Problem] = []
        wanted = Set(bindings.map(\.index))
        for binding in bindings
        where !handedOver.contains(binding.index) && opened[binding.index] == nil {
            guard Int(binding.index) < SocketOffers.bindingsMax else {
                problems += binding.problems(
                    .tooMany,
                    "more than \(SocketOffers.bindingsMax) sockets; this one is left out"
                )
                continue
            }
            do throws(Errno) {
                opened[binding.index] = try open(binding)
            } catch {
                problems += binding.problems(.portInUse, binding.advice(error))
            }
        }
        return problems
    }

    private func open(_ binding: Binding) throws(Errno) -> [Int32] {
        var opened: [Int32] = []
        do throws(Errno) {
            for _ in 0..<workers {
                opened.append(
                    try ListeningSocket.open(
                        binding.address.socketAddress(port: binding.port),
                        backlog: backlog
                    )
                )
            }
        } catch {
            for descriptor in opened { ListeningSocket.close(descriptor) }
            throw error
        }
        return opened
    }

    /// Gives the workers what was opened, then has them retire what nothing needs any more.
    mutating func handOver(to desks: [Desk]) {
        for (binding, descriptors) in opened {
            for (desk, descriptor) in zip(desks, descriptors) {
                desk.sockets.offer(Int(binding), descriptor)
            }
            handedOver.insert(binding)
        }
        opened = [:]
        for binding in handedOver.subtracting(wanted) {
            for desk in desks { desk.sockets.retire(Int(binding)) }
            handedOver.remove(binding)
        }
        for desk in desks { desk.inbox.wake() }
    }
}

extension Binding {
    fileprivate func problems(_ code: ProblemCode, _ text: String) -> [Problem] {
        listeners.map {
            Problem(severity: .object, key: $0, code: code, pointer: "/port", text: text)
        }
    }

    fileprivate func advice(_ error: Errno) -> String {
        let place = address.authority(port: port)
        return switch error.name {
        case "EADDRINUSE":
            "cannot listen on \(place): another process has the port; stop it or choose another"
        case "EACCES":
            "cannot listen on \(place): \(error); ports below 1024 need CAP_NET_BIND_SERVICE"
        case "EADDRNOTAVAIL":
            "cannot listen on \(place): no interface of this machine has the address"
        default:
            "cannot listen on \(place): \(error)"
        }
    }
}
