internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP

/// The messages at the front of a stream of bytes, one behind the other.
struct MessageWalk {
    struct Message {
        let method: Method
        let isUpgrade: Bool
        let keepsAlive: Bool
        /// Where its head ends.
        let headEnd: Int
    }

    /// Why the walk ended.
    enum Rest {
        /// Behind a whole message, or within one.
        case none
        case partialHead
        case partialBody
        case faulty
        /// Behind the head of a 101.
        case switched(at: Int, isUpgrade: Bool)
    }

    /// Requests, or final replies, whose heads are whole.
    private(set) var messages: [Message] = []
    /// How many of them are whole.
    private(set) var wholeCount = 0
    private(set) var interimCount = 0
    private(set) var rest = Rest.none
    private let bytes: [UInt8]
    private let isReply: Bool
    private var place = 0

    /// Requests; empty lines before each are skipped.
    static func requests(_ bytes: [UInt8]) -> MessageWalk {
        var walk = MessageWalk(bytes, isReply: false)
        var head = RequestHead(
            fieldsMax: Limits().headerCountMax,
            lineMax: Limits().requestLineBytesMax
        )
        walk.go { rest, walk in
            let outcome = head.parse(rest)
            guard case .complete(let length) = outcome else { return (outcome, .none) }
            let facts = head.facts
            walk.append(facts.method, facts.isWebSocketUpgrade, facts.keepsAlive, length)
            return (outcome, facts.bodyFraming)
        }
        return walk
    }

    /// Replies to requests of `methods`, up to a 101.
    static func replies(_ bytes: [UInt8], to methods: [Method]) -> MessageWalk {
        var walk = MessageWalk(bytes, isReply: true)
        var head = ResponseHead(fieldsMax: Limits().headerCountMax)
        walk.go { rest, walk in
            let outcome = head.parse(rest)
            guard case .complete(let length) = outcome else { return (outcome, .none) }
            let facts = head.facts
            if facts.status == 101 {
                walk.rest = .switched(
                    at: walk.place + length,
                    isUpgrade: facts.isWebSocketUpgrade
                )
                return (outcome, .none)
            }
            guard facts.status >= 200 else {
                walk.interimCount += 1
                walk.place += length
                return (outcome, .none)
            }
            let count = walk.messages.count
            let method = count < methods.count ? methods[count] : .other
            walk.append(method, false, facts.keepsAlive, length)
            return (outcome, facts.framing(answering: method))
        }
        return walk
    }

    private init(_ bytes: [UInt8], isReply: Bool) {
        self.bytes = bytes
        self.isReply = isReply
    }

    private mutating func append(_ method: Method, _ isUpgrade: Bool, _ keeps: Bool, _ length: Int)
    {
        place += length
        messages.append(
            Message(method: method, isUpgrade: isUpgrade, keepsAlive: keeps, headEnd: place)
        )
    }

    /// Takes heads with `parse`, which moves the place behind each, and the bodies that it names.
    private mutating func go(_ parse: (Bytes, inout MessageWalk) -> (HeadOutcome, BodyFraming)) {
        while place < bytes.count {
            if !isReply { skipEmptyLines() }
            let before = messages.count
            var walk = self
            let (outcome, framing) = bytes.withBytes { parse($0.from(place), &walk) }
            self = walk
            switch outcome {
            case .incomplete:
                rest = .partialHead
                return
            case .faulty:
                rest = .faulty
                return
            case .complete:
                if case .switched = rest { return }
                guard messages.count > before else { continue }
                guard skip(framing) else { return }
                wholeCount += 1
            }
        }
    }

    /// How many empty lines the host skips depends on how they come.
    private mutating func skipEmptyLines() {
        while bytes[place...].starts(with: [0x0d, 0x0a]) { place += 2 }
    }

    /// Moves behind a body; false when it is not whole, or ends with the connection.
    private mutating func skip(_ framing: BodyFraming) -> Bool {
        switch framing {
        case .none:
            return true
        case .length(let length):
            guard length <= Int64(bytes.count - place) else { return isPartial() }
            place += Int(length)
            return true
        case .chunked:
            return skipChunks()
        case .untilClose:
            place = bytes.count
            return isPartial()
        }
    }

    private mutating func isPartial() -> Bool {
        rest = .partialBody
        return false
    }

    private mutating func skipChunks() -> Bool {
        var decoder = ChunkDecoder(isReply: isReply)
        while !decoder.isAtTrailers {
            let step = bytes.withBytes { decoder.next($0.from(place)) }
            guard !decoder.isBroken, step.taken > 0 else { return isPartial() }
            place += step.taken
        }
        var section = FieldSection(fieldsMax: Limits().headerCountMax)
        let outcome = bytes.withBytes { Trailers.parse($0.from(place), into: &section) }
        guard case .complete(let length) = outcome else { return isPartial() }
        place += length
        return true
    }
}
