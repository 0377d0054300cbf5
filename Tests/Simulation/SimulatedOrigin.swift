/// The origins behind the worker: answer every connection that it opens.
final class SimulatedOrigins {
    private struct Connection {
        let socket: SimulatedSocket
        var reader = SimulatedReader()
        var unsent: [UInt8] = []
        var closesAfter = false
        var isOver = false
    }

    private var connections: [Connection] = []
    private let misbehaves: Bool
    /// How often each request arrived whole.
    private(set) var seen: [String: Int] = [:]
    private(set) var wrongs: [String] = []
    /// Something was done that may cost a client its reply.
    private(set) var faults = 0

    init(misbehaves: Bool) { self.misbehaves = misbehaves }

    func step(_ net: SimulatedNet) {
        for socket in net.connecting { open(socket, net) }
        net.connecting = []
        for index in connections.indices where !connections[index].isOver { step(index, net) }
        connections.removeAll { $0.isOver }
    }

    private func open(_ socket: SimulatedSocket, _ net: SimulatedNet) {
        if misbehaves, net.random.oneIn(20) {
            faults += 1
            socket.connectResult = SimulatedErrno.refused
            return
        }
        socket.connectResult = 0
        connections.append(Connection(socket: socket))
    }

    private func step(_ index: Int, _ net: SimulatedNet) {
        let socket = connections[index].socket
        if socket.sawClose {
            connections[index].isOver = true
            return
        }
        connections[index].reader.feed(socket.read())
        if misbehaves, net.random.oneIn(60) { return breakOff(index, net) }
        if connections[index].unsent.isEmpty, !connections[index].closesAfter { answer(index, net) }
        send(index, net)
    }

    private func answer(_ index: Int, _ net: SimulatedNet) {
        guard let request = connections[index].reader.next(isEnded: false) else { return }
        let parts = request.start.split(separator: " ")
        let name = String(parts[1].dropFirst())
        seen[name, default: 0] += 1
        if parts[0] == "POST" {
            if request.body != SimulatedMessage.pattern(name, request.body.count) {
                wrongs.append("the body of \(name) arrived changed")
            }
            if seen[name, default: 0] > 1 { wrongs.append("POST \(name) arrived twice") }
        }
        write(SimulatedMessage.reply(name), index, net)
    }

    private func write(_ body: [UInt8], _ index: Int, _ net: SimulatedNet) {
        var head = "HTTP/1.1 200 OK\r\nServer: simulated\r\n"
        var content = body
        switch net.random.below(8) {
        case 0:
            head += "Transfer-Encoding: chunked\r\n"
            content = SimulatedMessage.chunked(body, &net.random)
        case 1:
            head += "Connection: close\r\n"
            connections[index].closesAfter = true
        case 2:
            head += "Content-Length: \(body.count)\r\nConnection: close\r\n"
            connections[index].closesAfter = true
        default:
            head += "Content-Length: \(body.count)\r\nConnection: keep-alive\r\n"
        }
        if net.random.oneIn(6) { head = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + head }
        connections[index].unsent = Array((head + "\r\n").utf8) + content
    }

    private func send(_ index: Int, _ net: SimulatedNet) {
        let socket = connections[index].socket
        let waiting = connections[index].unsent.count
        if waiting > 0, !net.random.oneIn(3) {
            let count = net.random.oneIn(2) ? waiting : 1 + net.random.below(waiting)
            socket.write(connections[index].unsent.prefix(count))
            connections[index].unsent.removeFirst(count)
        }
        if connections[index].closesAfter, connections[index].unsent.isEmpty {
            socket.close()
            connections[index].isOver = true
        }
    }

    /// The worst an origin can do, at any moment.
    private func breakOff(_ index: Int, _ net: SimulatedNet) {
        faults += 1
        let socket = connections[index].socket
        switch net.random.below(4) {
        case 0: socket.reset()
        case 1: socket.close()
        case 2 where connections[index].unsent.isEmpty:
            socket.write("HTTP/1.1 2000 ???\r\nbad head\r\n\r\n".utf8)
            socket.close()
        default:
            // Silence: the request's deadline must end it.
            break
        }
        connections[index].isOver = true
    }
}
