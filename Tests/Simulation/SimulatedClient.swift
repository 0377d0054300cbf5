import SimulatedKernel

/// One client: writes its requests in pieces, reads replies, and checks each against its request.
///
/// When the host has said that no reply follows, it connects again and asks the rest.
final class SimulatedClient {
    /// What an honest client may do.
    struct Habits {
        let pipelines: Bool
        /// It ends its stream behind its last request.
        let halfCloses: Bool
        let readsSlowly: Bool
        let tricklesBytes: Bool
        /// It rests before each request.
        let hesitates: Bool
        /// It leaves the connection to the host in the end.
        let staysIdle: Bool
        /// Under TLS: it changes its keys now and then.
        let updatesKeys: Bool
        /// Under TLS: it speaks an older version.
        let isOld: Bool
        /// Under TLS: its end is a close_notify alone.
        let staysOpen: Bool
    }

    /// What a hostile client does, once.
    enum Vice: CaseIterable {
        case none, reset, leave, garbage, badChunk, stopsReading, stopsWriting, halfClosesEarly
        /// Of TLS: the stream ends without a close_notify; bytes come that are no record.
        case cuts, badRecord
    }

    let number: Int
    let requests: [SimulatedRequest]
    private(set) var answered = 0
    /// Replies other than 200, by status.
    private(set) var failures: [Int] = []
    /// What was wrong; empty while all is well.
    private(set) var wrongs: [String] = []
    private(set) var isDone = false
    /// Connections so far.
    private(set) var connections = 0

    private let plan: SimulationPlan
    private let ledger: SimulatedLedger
    private let habits: Habits
    private let vice: Vice
    private var stepsToVice: Int
    private var hasSinned = false
    /// What was written is no request: nothing may follow it.
    private var isGarbled = false

    private var line: SimulatedLine
    private var reader = SimulatedReader()
    private var unsent: [UInt8] = []
    /// Bytes written on this connection, and behind how many of them each head ends.
    private var written = 0
    private var headEnds: [Int] = []
    /// When the request that is to be answered next was written, or when it became the next.
    private var askedAt: UInt64?
    /// The longest that an answer took, of the clock of the run.
    private(set) var longest: UInt64 = 0
    /// Requests that are written or about to be.
    private var queued = 0
    /// Steps before the next one is written.
    private var rest = 0
    /// The body of the last one queued waits for leave.
    private var awaitsContinue = false
    private var hasEnded = false
    /// The host has said that this connection carries no other reply.
    private var wasTurnedAway = false
    private var tunnel: SimulatedTunnelEnd?

    init(
        _ number: Int,
        _ socket: SimulatedSocket,
        _ plan: SimulationPlan,
        _ ledger: SimulatedLedger,
        _ random: inout SeededRandom
    ) {
        self.number = number
        self.plan = plan
        self.ledger = ledger
        let isOld = random.oneIn(8)
        let count = 1 + random.below(6)
        requests = (0..<count).map {
            let isLast = $0 == count - 1
            return SimulatedRequest("c\(number)-\($0)", plan, isOld: isOld, isLast: isLast, &random)
        }
        habits = Habits(
            pipelines: random.oneIn(2) && !isOld,
            halfCloses: random.oneIn(3),
            readsSlowly: random.oneIn(4),
            tricklesBytes: random.oneIn(6),
            hesitates: random.oneIn(3),
            staysIdle: random.oneIn(4),
            updatesKeys: plan.secures && random.oneIn(4),
            isOld: plan.secures && random.oneIn(3),
            staysOpen: plan.secures && random.oneIn(2)
        )
        let all = Vice.allCases
        vice = plan.isHostile && random.oneIn(2) ? all[random.below(all.count)] : .none
        stepsToVice = random.below(60)
        line = SimulatedLine(socket)
        begin(socket)
    }

    private func begin(_ socket: SimulatedSocket) {
        connections += 1
        let header = Array("PROXY TCP4 192.0.2.\(1 + number % 5) 10.0.0.1 4000 80\r\n".utf8)
        if plan.secures, plan.speaksProxy { socket.write(header) }
        line = SimulatedLine(socket, tls(), manners)
        reader.reset()
        unsent = []
        written = 0
        headEnds = [Int](repeating: 0, count: answered)
        queued = answered
        awaitsContinue = false
        hasEnded = false
        wasTurnedAway = false
        if !plan.secures, plan.speaksProxy { unsent = header }
    }

    private func tls() -> SimulatedTLS? {
        plan.secures ? SimulatedTLS(.client(name: "a.test", isOld: habits.isOld)) : nil
    }

    private var manners: SimulatedLine.Manners {
        SimulatedLine.Manners(trickles: habits.tricklesBytes, staysOpen: habits.staysOpen)
    }

    /// The request that is to be answered next.
    var next: SimulatedRequest? { answered < requests.count ? requests[answered] : nil }

    /// Does a little of what is left to do; whether there is more that waits for nobody else.
    func step(_ net: SimulatedNet, _ routing: SimulatedRouting) -> Bool {
        guard !isDone else { return false }
        // Bytes that are no record may be taken for plain HTTP, and answered as such.
        defer {
            if vice != .badRecord, let wrong = line.wrong {
                wrongs.append("client \(number): \(wrong)")
            }
        }
        if sins(net) { return !isDone }
        if tunnel != nil { return stepTunnel(net) }
        let wasRead = read(net)
        guard tunnel == nil else { return true }
        measure(net)
        if answered == requests.count, wasTurnedAway || !habits.staysIdle {
            if !plan.isHostile, !reader.bytes.isEmpty {
                wrongs.append("client \(number) got bytes behind its last reply")
            }
            end()
            return false
        }
        if line.sawEnd || line.sawReset || wasTurnedAway {
            return wasRead ? comeBack(net, routing) : true
        }
        queue(&net.random)
        return write(net) || rest > 0 || !wasRead || line.isBusy
    }

    // MARK: write

    private func queue(_ random: inout SeededRandom) {
        if rest > 0 {
            rest -= 1
            return
        }
        while queued < requests.count, !awaitsContinue, !isGarbled, rest == 0 {
            let isAlone = requests[queued].isUpgrade || !habits.pipelines
            guard queued == answered || !isAlone && queued - answered < 4 else { return }
            let request = requests[queued]
            queued += 1
            unsent += request.head
            headEnds.append(written + unsent.count)
            if request.expects { awaitsContinue = true } else { unsent += request.body }
            if habits.hesitates { rest = random.below(40) }
        }
    }

    private func write(_ net: SimulatedNet) -> Bool {
        guard !(vice == .stopsWriting && hasSinned) else { return false }
        guard !unsent.isEmpty else {
            let isLast = queued == requests.count && !awaitsContinue
            if habits.halfCloses, isLast, !hasEnded, requests.last?.isUpgrade == false {
                hasEnded = true
                line.endWriting()
            }
            return false
        }
        guard !hasEnded, !net.random.oneIn(3) else { return !hasEnded }
        var count = net.random.oneIn(2) ? unsent.count : 1 + net.random.below(unsent.count)
        if habits.tricklesBytes, unsent.count < 3_000 { count = 1 }
        if habits.updatesKeys, net.random.oneIn(4) { line.updateKeys() }
        line.write(unsent.prefix(count))
        unsent.removeFirst(count)
        written += count
        return true
    }

    // MARK: read

    /// Reads what there is, or some of it; whether that was all.
    private func read(_ net: SimulatedNet) -> Bool {
        guard !(vice == .stopsReading && hasSinned) else { return true }
        let most = habits.readsSlowly ? net.random.below(net.random.oneIn(2) ? 40 : 400) : .max
        reader.feed(line.read(atMost: most))
        let isAll = line.isDrained
        do {
            while tunnel == nil, let reply = try next(isAll && line.sawWholeEnd) { check(reply) }
        } catch {
            // The host does not know the method of a head that it has no memory to read.
            let isRefusal = plan.isHostile && wasTurnedAway
            if !isRefusal { wrongs.append("client \(number) got what is no reply: \(error)") }
            end()
        }
        return isAll
    }

    private func next(_ isEnded: Bool) throws -> SimulatedReader.Message? {
        // A refusal of what is not written to its end is no reply to HEAD.
        let isWritten = answered < queued && written >= headEnds[answered]
        let isHead = isWritten && requests[answered].method == "HEAD"
        return try reader.reply(isHead: isHead, isEnded: isEnded && !line.sawReset)
    }

    private func check(_ reply: SimulatedReader.Message) {
        guard answered < queued else {
            // A refusal of what was no request, or that came too slowly.
            if plan.isHostile, isGarbled || reply.status >= 400 { return turnAway(reply) }
            wrongs.append("client \(number) got a reply that nobody asked for: \(reply.start)")
            return
        }
        let request = requests[answered]
        if reply.status < 200 { return interim(reply, request) }
        answered += 1
        askedAt = nil
        if awaitsContinue, answered == queued { awaitsContinue = false }
        turnAway(reply)
        guard reply.status == 200 else {
            // The end came behind the request, which is not sent again: its content is too much to
            // keep, or it is a POST.
            let hasContent = request.method == "PUT" || request.method == "POST"
            let isPast = plan.closesIdle && hasContent && reply.status == 502
            if !isPast { failures.append(reply.status) }
            return
        }
        checkBody(reply, request)
    }

    private func interim(_ reply: SimulatedReader.Message, _ request: SimulatedRequest) {
        switch reply.status {
        case 100 where request.expects:
            if awaitsContinue, queued == answered + 1 {
                awaitsContinue = false
                unsent += request.body
            }
        case 101 where request.isUpgrade:
            answered += 1
            var end = SimulatedTunnelEnd(request.name, isClient: true, plan.bodyBytesMax)
            end.take(reader.takeAll())
            tunnel = end
        case 103 where !request.isOld: break
        default:
            wrongs.append("\(request.name) got \(reply.start)")
        }
    }

    private func turnAway(_ reply: SimulatedReader.Message) {
        let isKept = reply.fields["connection"]?.lowercased() == "keep-alive"
        let isOld = requests[max(0, answered - 1)].isOld
        if reply.fields["connection"] == "close" || reply.endedByClose || isOld && !isKept {
            wasTurnedAway = true
        }
    }

    private func checkBody(_ reply: SimulatedReader.Message, _ request: SimulatedRequest) {
        if ledger.broken.contains(request.name) {
            wrongs.append("a reply to \(request.name) that was cut off passed for whole")
        }
        let right = SimulatedMessage.reply(request.name, plan.bodyBytesMax)
        if request.method == "HEAD" {
            if !reply.body.isEmpty { wrongs.append("HEAD \(request.name) got a body") }
            return
        }
        if let trailer = reply.trailers["x-trail"], trailer != request.name {
            wrongs.append("\(request.name) got the trailer of \(trailer)")
        }
        guard reply.body != right else { return }
        // An origin that ends its reply by closing can cut it off, and nobody can tell.
        let isCut = ledger.cut.contains(request.name) && right.starts(with: reply.body)
        if !isCut {
            wrongs.append(
                "the reply to \(request.name) is not its own: \(reply.body.count) bytes, "
                    + "not \(right.count)"
            )
        }
    }

    private func measure(_ net: SimulatedNet) {
        let waits = answered < queued && unsent.isEmpty && written >= headEnds[answered]
        if let asked = askedAt { longest = max(longest, net.now - asked) }
        askedAt = waits ? askedAt ?? net.now : nil
    }

    // MARK: end

    /// The connection is over: the rest is asked on another one.
    private func comeBack(_ net: SimulatedNet, _ routing: SimulatedRouting) -> Bool {
        let isHonest = !plan.isHostile && !ledger.isDraining
        if isHonest, !wasTurnedAway, answered < requests.count {
            let how = line.sawReset ? "a reset" : "an end"
            wrongs.append("client \(number) met \(how) after \(answered) of \(requests.count)")
        }
        if isHonest { checkEnd() }
        checkRest()
        let goesOn = wasTurnedAway && answered < requests.count && vice == .none
        end()
        guard goesOn, !ledger.isDraining, connections < 12 else { return false }
        isDone = false
        begin(net.arrive(on: routing.listener))
        return true
    }

    /// A stream under TLS ends with a close_notify, unless the socket had no room for it.
    private func checkEnd() {
        if let alert = line.alert { wrongs.append("client \(number) got an alert: \(alert)") }
        let isLossy = plan.hostility.contains(.tightSockets)
        guard !isLossy, !line.sawReset, !line.sawWholeEnd, line.sawEnd else { return }
        wrongs.append("client \(number) met an end without a close_notify")
    }

    /// What is left of a reply that was broken off must be right as far as it goes.
    private func checkRest() {
        guard !line.sawReset, answered < requests.count, requests[answered].method != "HEAD",
            let head = try? reader.head(), head.status == 200,
            head.fields["content-length"] != nil
        else { return }
        let right = SimulatedMessage.reply(requests[answered].name, plan.bodyBytesMax)
        if !right.starts(with: reader.rest()) {
            wrongs.append("the reply to \(requests[answered].name) begins with other bytes")
        }
    }

    private func end() {
        isDone = true
        line.close()
    }

    private func stepTunnel(_ net: SimulatedNet) -> Bool {
        guard var end = tunnel else { return false }
        if hasSinned {
            if line.sawReset || line.sawEnd { self.end() }
            return false
        }
        let isBusy = end.step(line, &net.random)
        tunnel = end
        if let wrong = end.wrong { wrongs.append(wrong) }
        let isOver = line.sawReset || line.sawEnd && line.isDrained
        if end.wrong != nil || isOver && (end.isDone || end.isShort || line.sawReset) {
            let isHonest = !plan.isHostile && !ledger.isDraining
            if isHonest, line.sawReset || !end.isDone { wrongs.append("client: " + end.report) }
            self.end()
        }
        return isBusy && !isDone
    }

    // MARK: vices

    /// Whether the client does something bad now, instead of what it would do.
    private func sins(_ net: SimulatedNet) -> Bool {
        guard vice != .none, !hasSinned else { return false }
        stepsToVice -= 1
        guard stepsToVice < 0 else { return false }
        hasSinned = true
        switch vice {
        case .none, .stopsReading, .stopsWriting:
            return false
        case .reset:
            line.reset(kept: net.random.below(line.unreceived + 1))
            isDone = true
        case .leave:
            end()
        case .halfClosesEarly:
            guard !hasEnded, tunnel == nil else { return false }
            hasEnded = true
            line.endWriting()
        case .cuts, .badRecord:
            guard plan.secures, !hasEnded else { return false }
            hasEnded = true
            if vice == .badRecord { line.writeClear(SimulatedLine.noRecord) }
            line.cut()
        case .garbage, .badChunk:
            guard !hasEnded, !awaitsContinue, queued == 0 || !requests[queued - 1].isUpgrade
            else { return false }
            let all = vice == .garbage ? Self.garbage : Self.badChunks
            unsent += Array(all[net.random.below(all.count)].utf8)
            isGarbled = true
            return false
        }
        return true
    }

    /// Bytes that no parser may accept; what comes back is a refusal.
    private static let garbage = [
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "\u{0}\u{1}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
    ]

    private static let badChunks = [
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    ]
}
