internal import SimulatedKernel
internal import SluiceBase

/// What a client and an origin do around an upgrade, read from any bytes at all.
///
/// The first byte is the seed of the simulated kernel, the next two say what it may do and whether
/// memory is scarce. Each step behind them is a byte: what is done in its low half, a number in its
/// high half; raw bytes follow with their length in front.
struct TunnelScript {
    /// Who does something.
    enum Side: CaseIterable {
        case client
        case origin
    }

    enum Step {
        case send(Side, [UInt8])
        case end(Side)
        case leave(Side)
        case reset(Side)
        /// The side stops reading, or reads on.
        case read(Side, Bool)
        case turns(Int)
        /// Turns in which deadlines may pass.
        case time(Int)
    }

    let seed: UInt64
    let hostility: Hostility
    let isMemoryScarce: Bool
    private(set) var steps: [Step] = []

    private static let stepsMax = 64
    private static let bytesMax = 96 * 1_024

    init(_ bytes: Bytes) {
        var rest = bytes.array[...]
        seed = UInt64(rest.popFirst() ?? 0)
        let low = UInt16(rest.popFirst() ?? 0)
        let high = UInt16(rest.popFirst() ?? 0)
        hostility = Hostility(rawValue: high << 8 | low).intersection(.all)
        isMemoryScarce = high & 0x80 != 0
        var total = 0
        while steps.count < Self.stepsMax, total < Self.bytesMax, let byte = rest.popFirst() {
            let step = Self.step(byte, total, &rest)
            if case .send(_, let bytes) = step { total += bytes.count }
            steps.append(step)
        }
    }

    /// Whether nobody breaks the connection and no deadline may pass: then nothing may be lost.
    var isHonest: Bool {
        !isMemoryScarce && !hostility.contains(.descriptorsRunOut)
            && steps.allSatisfy { step in
                switch step {
                case .leave, .reset, .time: false
                case .send, .end, .read, .turns: true
                }
            }
    }

    private static func step(_ byte: UInt8, _ sent: Int, _ rest: inout ArraySlice<UInt8>) -> Step {
        let number = Int(byte >> 4)
        let side: Side = byte & 1 == 0 ? .client : .origin
        switch byte & 0x0f {
        case 0, 1:
            let count = Int(rest.popFirst() ?? 0)
            let raw = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            return .send(side, raw)
        case 2: return .send(side, Array(requests[number % requests.count].utf8))
        case 3: return .send(side, Array(replies[number % replies.count].utf8))
        case 4, 5: return .send(side, pattern(min(1 << number, 16_384), from: sent))
        case 6, 7: return .end(side)
        case 8: return .turns(number + 1)
        case 9: return .turns(16 * (number + 1))
        case 10, 11: return .read(side, number & 1 == 0)
        case 12, 13: return .reset(side)
        case 14: return .time(number + 1)
        default: return .leave(number & 1 == 0 ? .client : .origin)
        }
    }

    /// Bytes that differ by their place, so that what is lost or doubled shows.
    private static func pattern(_ count: Int, from start: Int) -> [UInt8] {
        (start..<start + count).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8 &* 31) }
    }

    private static let upgrade =
        "Host: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

    private static let requests = [
        "GET /ws HTTP/1.1\r\n\(upgrade)\r\n",
        "GET /plain HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "POST /ws HTTP/1.1\r\n\(upgrade)Content-Length: 5\r\n\r\nhello",
        "GET /ws HTTP/1.1\r\n\(upgrade)Content-Length: 0\r\n\r\n",
        "GET /h2c HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        "GET /ws HTTP/1.1\r\n\(upgrade)Connection: close\r\n\r\n",
        "GET /old HTTP/1.0\r\n\(upgrade)\r\n",
        "HEAD /ws HTTP/1.1\r\n\(upgrade)\r\n",
        "PUT /put HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "GET /ws HTTP/1.1\r\n\(upgrade)Expect: 100-continue\r\n\r\n",
        "GET /ws HTTP/1.1\r\n\(upgrade)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "GET /last HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
        "\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n\r\n",
    ]

    private static let replies = [
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        "HTTP/1.1 101 \r\nUpgrade: WebSocket\r\nConnection: keep-alive, UPGRADE\r\n"
            + "Content-Length: 5\r\n\r\n",
        "HTTP/1.1 101 \r\n\r\n",
        "HTTP/1.0 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 426 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nuntil the end",
        "HTTP/1.1 503 \r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye",
        "HTTP/1.1 304 \r\n\r\n",
        "HTTP/1.1 101 \r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n",
    ]
}
