import SimulatedKernel

/// What the messages of the simulation hold: every byte of a body follows from the request's name,
/// so that an answer to another request cannot pass for the right one.
enum SimulatedMessage {
    static func pattern(_ name: String, _ count: Int) -> [UInt8] {
        let seed = Array(name.utf8)
        return (0..<count).map { 0x41 + (seed[$0 % seed.count] &+ UInt8($0 & 0x0f)) % 26 }
    }

    /// A number that follows from a name.
    static func number(_ name: String) -> Int {
        name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xffff }
    }

    /// The length of a body, which both sides know; few are long.
    static func length(_ name: String, _ most: Int) -> Int {
        let number = number(name)
        return number % 5 == 0 ? number % (most + 1) : number % min(700, most + 1)
    }

    static func reply(_ name: String, _ most: Int) -> [UInt8] {
        pattern("reply " + name, length("reply " + name, most))
    }

    /// What each side of a tunnel sends.
    static func tunnel(_ name: String, isUp: Bool, _ most: Int) -> [UInt8] {
        let name = (isUp ? "up " : "down ") + name
        return pattern(name, length(name, most))
    }

    /// A body in chunks of any size; `trailer` is a name for the trailer section.
    static func chunked(
        _ body: [UInt8],
        trailer: String?,
        _ random: inout SeededRandom
    ) -> [UInt8] {
        var out: [UInt8] = []
        var index = 0
        while index < body.count {
            let most = random.oneIn(4) ? 20 : 4_000
            let count = min(body.count - index, 1 + random.below(most))
            let ending = random.oneIn(8) ? ";a=b" : ""
            out += Array("\(String(count, radix: 16))\(ending)\r\n".utf8)
            out += body[index..<(index + count)]
            out += [0x0d, 0x0a]
            index += count
        }
        let section = trailer.map { "X-Trail: \($0)\r\n" } ?? ""
        return out + Array("0\r\n\(section)\r\n".utf8)
    }
}

/// A request of a client: what is sent, and what the origin must see of it.
struct SimulatedRequest {
    let name: String
    let method: String
    let isOld: Bool
    let expects: Bool
    let closes: Bool
    let isUpgrade: Bool
    let head: [UInt8]
    private(set) var body: [UInt8] = []

    /// Any request; `isLast` may close the connection, or be an upgrade.
    init(
        _ name: String,
        _ plan: SimulationPlan,
        isOld: Bool,
        isLast: Bool,
        _ random: inout SeededRandom
    ) {
        isUpgrade = isLast && !isOld && random.oneIn(3)
        let methods = ["GET", "HEAD", "PUT", "POST"]
        method = isUpgrade ? "GET" : methods[random.below(methods.count)]
        let hasBody = method == "POST" || method == "PUT"
        self.name = name
        self.isOld = isOld
        expects = hasBody && !isOld && random.oneIn(4)
        closes = isLast && !isUpgrade && random.oneIn(3)
        var lines = "\(method) /\(name) HTTP/1.\(isOld ? 0 : 1)\r\nHost: a.test\r\n"
        if closes { lines += "Connection: close\r\n" }
        if isOld, !isLast { lines += "Connection: keep-alive\r\n" }
        if expects { lines += "Expect: 100-continue\r\n" }
        if isUpgrade { lines += Self.upgrade }
        if random.oneIn(8) {
            let count = random.below(plan.headBytesMax)
            lines += "X-Long: \(String(repeating: "x", count: count))\r\n"
        }
        if hasBody {
            let size = SimulatedMessage.length(name, plan.bodyBytesMax)
            let content = SimulatedMessage.pattern(name, size)
            lines += "X-Size: \(size)\r\n"
            if !isOld, random.oneIn(2) {
                let trailer = random.oneIn(2) ? name : nil
                lines += "Transfer-Encoding: chunked\r\n"
                if trailer != nil { lines += "X-Has-Trailer: 1\r\n" }
                body = SimulatedMessage.chunked(content, trailer: trailer, &random)
            } else {
                lines += "Content-Length: \(size)\r\n"
                body = content
            }
        }
        head = Array((lines + "\r\n").utf8)
    }

    private static let upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
}
