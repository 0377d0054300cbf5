import SimulatedKernel
import SluiceBase

/// One connection of an origin: reads requests, checks each, and answers.
final class SimulatedOrigin {
    /// What a hostile origin does with one request.
    private enum Vice: CaseIterable {
        case reset, closeEarly, tooMuch, twice, badChunk, badHead, early, silence, cutOff, cutLength
        case switches, endlessInterims, hugeHead
        /// Of TLS: a reply that ends with the connection, which ends without a close_notify.
        case cutWhole
    }

    private let line: SimulatedLine
    /// What speaks TLS once the PROXY header is out of the way.
    private var securing: SimulatedTLS?
    private let plan: SimulationPlan
    private let ledger: SimulatedLedger
    private let readsSlowly: Bool
    /// It never reads.
    private let isDeaf: Bool
    private var reader = SimulatedReader()
    private var unsent: [UInt8] = []
    private var closesAfter = false
    /// It closes without a close_notify.
    private var cutsAfter = false
    private var resetsAfter = false
    private var hasAskedForBody = false
    private var vice: Vice?
    private var hasDrawn = false
    private var hasProxyHeader = false
    private var tunnel: SimulatedTunnelEnd?
    private(set) var isOver = false
    /// It says nothing any more.
    private var isSilent = false

    init(
        _ socket: SimulatedSocket,
        _ plan: SimulationPlan,
        _ ledger: SimulatedLedger,
        _ random: inout SeededRandom
    ) {
        var tls: SimulatedTLS?
        if plan.securesUpstream {
            let isStranger = plan.strangers.contains(socket.peerAddress.port)
            tls = SimulatedTLS(.server(isStranger: isStranger, isOld: random.oneIn(3)))
        }
        let isBehind = plan.proxiesUpstream > 0
        let spoils = plan.securesUpstream && plan.isHostile && random.oneIn(12)
        let manners = SimulatedLine.Manners(staysOpen: random.oneIn(2), spoilsHandshake: spoils)
        line = SimulatedLine(socket, isBehind ? nil : tls, manners)
        securing = isBehind ? tls : nil
        if spoils, !isBehind { line.write("HTTP/1.1 200 OK\r\n".utf8) }
        self.plan = plan
        self.ledger = ledger
        readsSlowly = random.oneIn(4)
        isDeaf = plan.isHostile && random.oneIn(30)
    }

    /// Does a little; whether there is more to do that waits for nobody else.
    func step(_ net: SimulatedNet) -> Bool {
        if isOver { return false }
        if tunnel != nil { return stepTunnel(net) }
        if line.sawClose || line.sawReset {
            isOver = true
            return false
        }
        if isDeaf || isSilent { return false }
        reader.feed(line.read(atMost: readsSlowly ? 1 + net.random.below(500) : .max))
        do {
            if unsent.isEmpty, !closesAfter, !resetsAfter { try answer(net) }
        } catch {
            ledger.wrongs.append("an origin got what is no request: \(error)")
            isOver = true
        }
        if let wrong = line.wrong, !plan.isHostile { ledger.wrongs.append("an origin: \(wrong)") }
        return send(net) || !line.isDrained || line.isBusy
    }

    // MARK: requests

    private func answer(_ net: SimulatedNet) throws {
        guard skipProxyHeader(), let head = try reader.head() else { return closeIdle(net) }
        let name = Self.name(head)
        if !hasDrawn {
            hasDrawn = true
            let all = Vice.allCases
            vice = plan.isHostile && net.random.oneIn(6) ? all[net.random.below(all.count)] : nil
        }
        if vice == .early { return answerEarly(name, head, net) }
        if head.fields["expect"] != nil, !hasAskedForBody {
            hasAskedForBody = true
            if net.random.oneIn(3) { return answerEarly(name, head, net) }
            unsent = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            return
        }
        guard let request = try reader.request() else { return }
        hasAskedForBody = false
        hasDrawn = false
        check(request, name)
        ledger.seen[name, default: 0] += 1
        if request.start.hasPrefix("POST"), ledger.seen[name, default: 0] > 1 {
            ledger.wrongs.append("POST \(name) arrived twice")
        }
        if request.fields["upgrade"] != nil, net.random.below(4) > 0 {
            return upgrade(name, &net.random)
        }
        if let vice { return sin(vice, name, request, net) }
        write(name, request, net)
    }

    private static func name(_ head: SimulatedReader.Message) -> String {
        String(head.start.split(separator: " ")[1].dropFirst())
    }

    /// The header comes first where the pool says so; whether it is out of the way.
    private func skipProxyHeader() -> Bool {
        guard plan.proxiesUpstream > 0, !hasProxyHeader else { return true }
        let bytes = reader.bytes
        let isText = plan.proxiesUpstream == 1
        let end: Int?
        if isText {
            end = bytes.firstIndex(of: 0x0a).map { $0 + 1 }
        } else {
            end = bytes.count >= 16 ? 16 + Int(bytes[14]) << 8 + Int(bytes[15]) : nil
        }
        guard let end, bytes.count >= end else { return false }
        let start = isText ? Array("PROXY ".utf8) : Array("\r\n\r\n\0\r\nQUIT\n".utf8)
        if !bytes.starts(with: start) {
            ledger.wrongs.append("a connection does not begin with the PROXY protocol")
        }
        let rest = Array(reader.takeAll().dropFirst(end))
        if let securing { reader.feed(line.secure(securing, rest)) } else { reader.feed(rest) }
        hasProxyHeader = true
        return true
    }

    private func check(_ request: SimulatedReader.Message, _ name: String) {
        guard let text = request.fields["x-size"], let size = Int(text) else { return }
        if request.body != SimulatedMessage.pattern(name, size) {
            ledger.wrongs.append(
                "the body of \(name) arrived changed: \(request.body.count) bytes, not \(size)"
            )
        }
        let trailer = request.trailers["x-trail"]
        let wanted = request.fields["x-has-trailer"] == nil ? nil : name
        if trailer != wanted {
            ledger.wrongs.append("\(name) arrived with the trailer \(trailer ?? "none")")
        }
    }

    /// The final answer comes before the body, which is not read then.
    private func answerEarly(
        _ name: String,
        _ head: SimulatedReader.Message,
        _ net: SimulatedNet
    ) {
        let body = SimulatedMessage.reply(name, plan.bodyBytesMax)
        let content = head.start.hasPrefix("HEAD") ? [] : body
        unsent =
            Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n".utf8)
            + Array("Connection: close\r\n\r\n".utf8) + content
        closesAfter = true
    }

    private func closeIdle(_ net: SimulatedNet) {
        guard plan.closesIdle, reader.bytes.isEmpty, line.isDrained else { return }
        if !ledger.seen.isEmpty, hasAnswered, net.random.oneIn(10) { close() }
    }

    private var hasAnswered = false

    // MARK: replies

    private func write(_ name: String, _ request: SimulatedReader.Message, _ net: SimulatedNet) {
        let body = SimulatedMessage.reply(name, plan.bodyBytesMax)
        let isHead = request.start.hasPrefix("HEAD")
        var head = "HTTP/1.1 200 OK\r\nServer: simulated\r\n"
        var content = isHead ? [] : body
        switch net.random.below(9) {
        case 0, 1:
            head += "Transfer-Encoding: chunked\r\n"
            let trailer = net.random.oneIn(2) ? name : nil
            if !isHead {
                content = SimulatedMessage.chunked(body, trailer: trailer, &net.random)
            }
        case 2:
            head += isHead ? "Content-Length: \(body.count)\r\n" : ""
            head += "Connection: close\r\n"
            closesAfter = true
        case 3:
            head += "Content-Length: \(body.count)\r\nConnection: close\r\n"
            closesAfter = true
        case 4:
            head = "HTTP/1.0 200 OK\r\nContent-Length: \(body.count)\r\n"
            closesAfter = true
        default:
            head += "Content-Length: \(body.count)\r\nConnection: keep-alive\r\n"
            if plan.closesIdle, net.random.oneIn(3) { closesAfter = true }
        }
        let isOld = request.fields["via"]?.hasPrefix("1.0") ?? false
        let interims = net.random.oneIn(5) && !isOld ? 1 + net.random.below(3) : 0
        for _ in 0..<interims { head = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + head }
        hasAnswered = true
        unsent = Array((head + "\r\n").utf8) + content
    }

    private func upgrade(_ name: String, _ random: inout SeededRandom) {
        let head =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        line.write(head.utf8)
        var end = SimulatedTunnelEnd(name, isClient: false, plan.bodyBytesMax)
        end.take(reader.takeAll())
        tunnel = end
        if random.oneIn(2) { _ = end.step(line, &random) }
        tunnel = end
    }

    private func send(_ net: SimulatedNet) -> Bool {
        guard !unsent.isEmpty || closesAfter || resetsAfter else { return false }
        if !unsent.isEmpty, !net.random.oneIn(3) {
            let count = net.random.oneIn(2) ? unsent.count : 1 + net.random.below(unsent.count)
            line.write(unsent.prefix(count))
            unsent.removeFirst(count)
        }
        guard unsent.isEmpty else { return true }
        if resetsAfter {
            line.reset(kept: net.random.below(line.unreceived + 1))
            isOver = true
        } else if closesAfter {
            close()
        }
        return !isOver
    }

    private func close() {
        line.close(isCut: cutsAfter)
        isOver = true
    }

    // MARK: tunnels

    private func stepTunnel(_ net: SimulatedNet) -> Bool {
        guard var end = tunnel else { return false }
        if plan.isHostile, net.random.oneIn(200) {
            if net.random.oneIn(2) { line.reset() } else { line.close(isCut: net.random.oneIn(2)) }
            isOver = true
            return false
        }
        let isBusy = end.step(line, &net.random)
        tunnel = end
        let isAll = line.isDrained
        if end.isDone, line.sawEnd, isAll {
            close()
        } else if line.sawReset || isAll && (line.sawClose || line.sawEnd && end.isShort) {
            endTunnel()
        }
        return isBusy && !isOver
    }

    private func endTunnel() {
        isOver = true
        guard let end = tunnel else { return }
        if let wrong = end.wrong { ledger.wrongs.append(wrong) }
        guard !plan.isHostile, !ledger.isDraining else { return }
        if !end.isDone { ledger.wrongs.append("origin: " + end.report) }
    }

    // MARK: vices

    private func sin(
        _ vice: Vice,
        _ name: String,
        _ request: SimulatedReader.Message,
        _ net: SimulatedNet
    ) {
        let body = SimulatedMessage.reply(name, plan.bodyBytesMax)
        let content = request.start.hasPrefix("HEAD") ? [] : body
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n"
        switch vice {
        case .reset, .closeEarly, .cutLength:
            unsent = Array(head.utf8) + content
            unsent.removeLast(1 + net.random.below(unsent.count))
            if vice == .reset { resetsAfter = true } else { closesAfter = true }
        case .cutOff:
            ledger.cut.insert(name)
            unsent = Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + body
            unsent.removeLast(net.random.below(body.count + 1))
            closesAfter = true
        case .cutWhole:
            // A reply to HEAD is whole with its head.
            guard plan.securesUpstream, !request.start.hasPrefix("HEAD") else {
                unsent = Array(head.utf8) + content
                return
            }
            ledger.broken.insert(name)
            unsent = Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + content
            closesAfter = true
            cutsAfter = true
        case .tooMuch:
            unsent = Array(head.utf8) + content + Array("more than was announced".utf8)
        case .twice:
            unsent = Array(head.utf8) + content
            unsent += unsent
        case .badChunk:
            unsent = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            let good = SimulatedMessage.chunked(body, trailer: nil, &net.random)
            unsent += good.prefix(net.random.below(good.count)) + Array("\r\nZZ\r\n".utf8)
        case .badHead:
            unsent = Array("HTTP/1.1 2000 ???\r\nbad head\r\n\r\n".utf8)
        case .switches:
            unsent = Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n".utf8)
        case .endlessInterims:
            for _ in 0..<40 { unsent += Array("HTTP/1.1 103 Early Hints\r\n\r\n".utf8) }
        case .hugeHead:
            unsent = Array("HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 70_000))".utf8)
        case .early, .silence:
            isSilent = true
        }
    }
}
