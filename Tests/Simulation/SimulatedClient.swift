/// One client: writes its requests in pieces, reads replies, and checks each against its request.
final class SimulatedClient {
    struct Request {
        let name: String
        let isPost: Bool
        let bytes: [UInt8]
    }

    let socket: SimulatedSocket
    private(set) var requests: [Request] = []
    private var unsent: [UInt8] = []
    private var reader = SimulatedReader()
    private(set) var answered = 0
    /// Replies other than 200, by status.
    private(set) var failures: [Int] = []
    /// What was wrong; empty while all is well.
    private(set) var wrongs: [String] = []
    private(set) var isDone = false
    /// The host said that no reply follows; what was asked behind it must be asked again.
    private(set) var wasTurnedAway = false
    /// The client broke off by itself: missing replies are its own fault.
    private(set) var hasAborted = false
    private let aborts: Bool
    /// Garbage follows the last request.
    private var isGarbled = false

    /// Bytes that no parser may accept; what comes back is a refusal.
    private static let garbage = [
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "\u{0}\u{1}\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ]

    init(number: Int, socket: SimulatedSocket, aborts: Bool, _ random: inout SeededRandom) {
        self.socket = socket
        self.aborts = aborts
        let count = 1 + random.below(6)
        for index in 0..<count {
            let isLast = index == count - 1
            let request = SimulatedClient.request(
                "c\(number)-\(index)",
                closes: isLast && random.oneIn(2),
                &random
            )
            requests.append(request)
            unsent += request.bytes
        }
        if aborts, random.oneIn(3) {
            isGarbled = true
            unsent += Array(Self.garbage[random.below(Self.garbage.count)].utf8)
        }
    }

    private static func request(
        _ name: String,
        closes: Bool,
        _ random: inout SeededRandom
    ) -> Request {
        let isPost = random.oneIn(3)
        var head = "\(isPost ? "POST" : "GET") /\(name) HTTP/1.1\r\nHost: a.test\r\n"
        if closes { head += "Connection: close\r\n" }
        if random.oneIn(8) { head += "X-Long: \(String(repeating: "x", count: 9_000))\r\n" }
        var body: [UInt8] = []
        if isPost {
            let size = random.oneIn(3) ? random.below(40_000) : random.below(300)
            body = SimulatedMessage.pattern(name, size)
            if random.oneIn(3) {
                head += "Transfer-Encoding: chunked\r\n"
                body = SimulatedMessage.chunked(body, &random)
            } else {
                head += "Content-Length: \(body.count)\r\n"
            }
        }
        return Request(name: name, isPost: isPost, bytes: Array((head + "\r\n").utf8) + body)
    }

    /// Does a little of what is left to do.
    func step(_ random: inout SeededRandom) {
        guard !isDone else { return }
        read()
        if aborts, random.oneIn(40) { return abort(&random) }
        if !unsent.isEmpty, !socket.sawEnd, !random.oneIn(3) {
            let count = random.oneIn(2) ? unsent.count : 1 + random.below(unsent.count)
            socket.write(unsent.prefix(count))
            unsent.removeFirst(count)
        }
        let hasAll = answered == requests.count && (!isGarbled || unsent.isEmpty)
        if hasAll || socket.sawEnd || socket.sawReset { end() }
    }

    private func read() {
        reader.feed(socket.read())
        while let reply = reader.next(isEnded: socket.sawEnd) { check(reply) }
    }

    private func check(_ reply: SimulatedReader.Message) {
        let status = Int(reply.start.split(separator: " ")[1]) ?? 0
        if status < 200 { return }
        guard answered < requests.count else {
            if isGarbled, status >= 400 { return }
            wrongs.append("a reply that nobody asked for: \(reply.start)")
            return
        }
        let name = requests[answered].name
        answered += 1
        wasTurnedAway = reply.fields["connection"] == "close"
        guard status == 200 else {
            failures.append(status)
            return
        }
        if reply.body != SimulatedMessage.reply(name), !isTruncated(reply) {
            wrongs.append("the reply to \(name) is not its own (\(reply.body.count) bytes)")
        }
    }

    /// A reply without length that the origin broke off cannot be told from a whole one by
    /// anybody; its bytes must still be right as far as they go.
    private func isTruncated(_ reply: SimulatedReader.Message) -> Bool {
        let name = requests[answered - 1].name
        return reply.fields["content-length"] == nil
            && reply.fields["transfer-encoding"] == nil
            && SimulatedMessage.reply(name).starts(with: reply.body)
    }

    private func abort(_ random: inout SeededRandom) {
        hasAborted = true
        if random.oneIn(2) { socket.reset() } else { socket.close() }
        isDone = true
    }

    private func end() {
        isDone = true
        socket.close()
    }
}
