import SimulatedKernel
import SluiceBase

/// The origins behind the worker: each answers the connections that come to its port.
final class SimulatedOrigins {
    private var connections: [SimulatedOrigin] = []
    private let plan: SimulationPlan
    private let ledger: SimulatedLedger
    /// Sockets whose connect is never answered.
    private var unanswered: [SimulatedSocket] = []

    init(_ plan: SimulationPlan, _ ledger: SimulatedLedger) {
        self.plan = plan
        self.ledger = ledger
    }

    /// Does a little on each connection; whether one has more to do that waits for nobody else.
    func step(_ net: SimulatedNet) -> Bool {
        for socket in net.connecting { open(socket, net) }
        net.connecting = []
        var isBusy = false
        for connection in connections where connection.step(net) { isBusy = true }
        connections.removeAll(where: \.isOver)
        return isBusy
    }

    private func open(_ socket: SimulatedSocket, _ net: SimulatedNet) {
        let port = socket.peerAddress.port
        let isBad = plan.isHostile && net.random.oneIn(20)
        if plan.silent.contains(port) || isBad && net.random.oneIn(2) {
            return unanswered.append(socket)
        }
        if plan.refusing.contains(port) || isBad {
            socket.connectResult = SimulatedErrno.refused
            return
        }
        socket.connectResult = 0
        if plan.securesUpstream, plan.isHostile, net.random.oneIn(20) {
            return refuseHandshake(socket, &net.random)
        }
        connections.append(SimulatedOrigin(socket, plan, ledger, &net.random))
    }
}

extension SimulatedOrigins {
    /// An end, a reset, or bytes that are no record instead of a ServerHello.
    private func refuseHandshake(_ socket: SimulatedSocket, _ random: inout SeededRandom) {
        if random.oneIn(2) { socket.write("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) }
        switch random.below(3) {
        case 0: socket.endWriting()
        case 1: socket.reset(kept: random.below(socket.inbound.count + 1))
        default: socket.close()
        }
    }
}

/// What clients and origins of one run know of each other.
final class SimulatedLedger {
    /// How often each request arrived whole.
    var seen: [String: Int] = [:]
    /// Replies that an origin ended by closing before they were whole.
    var cut: Set<String> = []
    /// Replies that an origin under TLS cut off, so that the host must, too.
    var broken: Set<String> = []
    /// What was wrong; empty while all is well.
    var wrongs: [String] = []
    /// The host has announced its end to clients.
    var hasNotice = false
    /// The host ends its connections.
    var isDraining = false
}
