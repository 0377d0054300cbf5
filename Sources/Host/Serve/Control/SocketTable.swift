internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting

/// The listening sockets of the process: one a worker for each binding, all on the same port.
///
/// A worker owns its socket from the installation that offers it until it closes it itself; so a
/// binding that goes and comes back gets new sockets.
struct SocketTable {
    let workers: Int
    private let backlog: Int
    private var descriptors: [Int32: [Int32]] = [:]

    init(workers: Int, backlog: Int) {
        self.workers = workers
        self.backlog = backlog
    }

    /// Opens what is new and forgets what is gone; a port that cannot be had is its listeners'
    /// problem alone.
    mutating func bind(_ bindings: [Binding]) -> [Problem] {
        var problems: [Problem] = []
        let wanted = Set(bindings.map(\.index))
        descriptors = descriptors.filter { wanted.contains($0.key) }
        for binding in bindings where descriptors[binding.index] == nil {
            guard Int(binding.index) < Installation.bindingsMax else {
                problems += binding.problems(
                    .tooMany,
                    "more than \(Installation.bindingsMax) sockets; this one is left out"
                )
                continue
            }
            do throws(Errno) {
                descriptors[binding.index] = try open(binding)
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

    /// The descriptors as the workers look them up.
    func offer() -> OfferedSockets {
        let count = Int((descriptors.keys.max() ?? -1) + 1)
        var offered = [Int32](repeating: -1, count: count * workers)
        for (index, sockets) in descriptors {
            for (worker, descriptor) in sockets.enumerated() {
                offered[Int(index) * workers + worker] = descriptor
            }
        }
        return OfferedSockets(offered)
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
