internal import SluiceBase
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting

/// One request and its answer.
///
/// It does not know what its connections speak.
struct Exchange: BitwiseCopyable {
    let downstream: Int32
    /// The connection to the origin, or -1.
    var upstream: Int32 = -1
    let method: Method
    /// Of the request: 10 or 11.
    let version: UInt8
    /// What is left of the request's body.
    var requestBody: Body
    /// What is left of the reply's body; set when its head is there.
    var replyBody = Body.none
    /// The reply's head has been queued for the client.
    var replyBegan = false
    /// The reply's chunks are taken off, for a client of HTTP/1.0.
    var isUnchunked = false
    /// Interim replies so far.
    var interims: UInt8 = 0
    /// The request's head, kept until the reply begins so that it can be sent again; or -1.
    var head: Int32 = -1
    var headLength: UInt32 = 0
    /// All bytes of the request are in `head`, so a fresh connection can repeat it.
    var isRepeatable = false
    var attempts: UInt8 = 0
    var pool = PoolReference(slot: 0, generation: 0)
    var endpoint = EndpointReference(slot: 0, generation: 0)
    var connectTimeout: UInt64 = 0
    /// How long the connection is kept afterwards; 0 is the host's setting.
    var idleTimeout: UInt64 = 0
    /// The routing generation it was routed by.
    let generation: UInt64
    let arrived: UInt64
    /// Absolute; `Clock.never` when the route sets none.
    var deadline = Clock.never
    var backendTimeout: UInt64 = .max
    /// The call of a plugin's service.
    var call: ServiceCall?
    /// Bytes of body the call takes.
    var bodyBytesMax = 0

    static var none: Exchange {
        Exchange(
            downstream: -1,
            method: .other,
            version: 11,
            requestBody: .none,
            generation: 0,
            arrived: 0
        )
    }
}

/// What is left of a body.
enum Body: BitwiseCopyable {
    case none
    case length(Int64)
    case chunked(ChunkScanner)
    case untilClose

    init(_ framing: BodyFraming, overheadMax: Int) {
        switch framing {
        case .none: self = .none
        case .length(let length): self = length == 0 ? .none : .length(length)
        case .chunked: self = .chunked(ChunkScanner(overheadMax: overheadMax))
        case .untilClose: self = .untilClose
        }
    }

    var isDone: Bool {
        switch self {
        case .none: true
        case .length, .chunked, .untilClose: false
        }
    }

    /// Advances over `bytes` as far as one run of content: how many bytes were taken, -1 when the
    /// framing is broken, and where among them the content lies.
    mutating func takeContent(_ bytes: Bytes) -> (taken: Int, offset: Int, length: Int) {
        guard case .chunked(var scanner) = self else {
            let taken = take(bytes)
            return (taken, 0, taken)
        }
        let content = scanner.scanContent(bytes)
        if scanner.isBroken { return (-1, 0, 0) }
        self = scanner.isDone ? .none : .chunked(scanner)
        return content
    }

    /// Advances over `bytes`: how many belong to the body, or -1 when the framing is broken.
    mutating func take(_ bytes: Bytes) -> Int {
        switch self {
        case .none:
            return 0
        case .length(let left):
            let taken = min(left, Int64(bytes.count))
            self = left == taken ? .none : .length(left &- taken)
            return Int(taken)
        case .chunked(var scanner):
            let taken = scanner.scan(bytes)
            if scanner.isBroken { return -1 }
            self = scanner.isDone ? .none : .chunked(scanner)
            return taken
        case .untilClose:
            return bytes.count
        }
    }
}
