package import SluiceBase

/// What the fields of a head say about framing, the connection and forwarding; plain data.
package struct FieldFacts: BitwiseCopyable, Sendable {
    package var count = 0
    /// A mask of the known names that occur.
    var names: UInt32 = 0
    /// -1 when absent.
    package var contentLength: Int64 = -1
    package var isChunked = false
    package var hasTransferEncoding = false
    package var saysClose = false
    package var saysKeepAlive = false
    /// Connection lists `upgrade`.
    package var saysUpgrade = false
    /// There is one Upgrade field, and its value is `websocket`.
    package var namesWebSocket = false
    /// Every expectation is `100-continue`.
    package var expectsContinue = false
    /// There is an expectation of any kind; never in HTTP/1.0, which does not have them.
    package var hasExpect = false
    package var hasDate = false
    /// The number of fields that do not pass this hop.
    package var hopByHopCount = 0
    /// The index of the Host field, or -1.
    package var hostIndex = -1
    /// The index of the first Upgrade field, or -1.
    package var upgradeIndex = -1
    /// The index of the X-Request-Id field, -1 when there is none, -2 when there are several.
    package var requestIDIndex = -1
    /// The number of fields of the family of Forwarded and X-Forwarded-*.
    package var forwardingCount = 0
    /// The number in Max-Forwards, the smallest of several; -1 when there is none that is valid.
    package var maxForwards: Int32 = -1

    /// Of no fields.
    package init() {}

    /// Whether the connection stays open after a message of HTTP/1.0 (10) or 1.1 (11).
    func keepsAlive(version: UInt8) -> Bool {
        !saysClose && (version == 11 || saysKeepAlive)
    }

    /// Whether a field of this known name came.
    func has(_ name: FieldName) -> Bool { names & name.bit != 0 }
}

/// The field lines of one head, and what they say about framing and the connection.
///
/// Scratch of one worker: parsed, acted upon and overwritten by the next head. Strict: CRLF only,
/// no folding, one Content-Length, no ambiguity (RFC 9112 sections 5 and 6).
package struct FieldSection: ~Copyable {
    private let fields: Table<Field>
    package private(set) var facts = FieldFacts()
    private let octets = OctetTable()
    /// The number of options in all Connection fields together.
    private var optionsCount = 0

    /// Room for `fieldsMax` fields.
    package init(fieldsMax: Int) {
        fields = Table(repeating: .none, count: fieldsMax)
    }

    /// The fields of the last head, in their order; valid until the next one is parsed.
    package var view: TableView<Field> { fields.view.prefix(facts.count) }

    /// Forgets Expect, which the message's version does not have, and does not pass it on.
    mutating func ignoreExpectation() {
        guard facts.hasExpect else { return }
        facts.hasExpect = false
        facts.expectsContinue = false
        for index in 0..<facts.count where fields[index].name == .expect {
            fields[index].isHopByHop = true
            facts.hopByHopCount &+= 1
        }
    }

    /// Parses the lines of `head` from `start` to the empty line; answers the head's length.
    ///
    /// `isTrailer`: the fields end a body, so that none of them says anything about the message.
    mutating func parse(_ head: Bytes, from start: Int, isTrailer: Bool = false) -> HeadOutcome {
        facts = FieldFacts()
        optionsCount = 0
        var position = start
        while true {
            let end = head.index(of: 0x0a, from: position)
            guard end >= 0 else { return .incomplete }
            guard end > position, head[end &- 1] == 0x0d else { return .faulty(.lineEnd) }
            // Ranges are kept in sixteen bits.
            guard end < UInt16.max else { return .faulty(.headTooLarge) }
            if end == position &+ 1 {
                guard let fault = finish(head) else { return .complete(end &+ 1) }
                return .faulty(fault)
            }
            if let fault = line(head, position, end &- 1, isTrailer) { return .faulty(fault) }
            position = end &+ 1
        }
    }

    private mutating func line(
        _ head: Bytes,
        _ start: Int,
        _ end: Int,
        _ isTrailer: Bool
    ) -> HeadFault? {
        guard facts.count < fields.count else { return .tooManyFields }
        guard head[start] != 0x20, head[start] != 0x09 else { return .folding }
        let colon = head.index(of: 0x3a, from: start)
        guard colon > start, colon < end else { return .fieldName }
        let name = head.slice(start, colon &- start)
        guard octets.isToken(name) else { return .fieldName }
        var first = colon &+ 1
        var last = end
        while first < last, head[first] == 0x20 || head[first] == 0x09 { first &+= 1 }
        while last > first, head[last &- 1] == 0x20 || head[last &- 1] == 0x09 { last &-= 1 }
        let value = head.slice(first, last &- first)
        guard value.isFieldValue() else { return .fieldValue }
        let known = FieldName.of(name)
        fields[facts.count] = Field(
            lineStart: UInt16(truncatingIfNeeded: start),
            lineEnd: UInt16(truncatingIfNeeded: end &+ 2),
            nameLength: UInt16(truncatingIfNeeded: name.count),
            valueStart: UInt16(truncatingIfNeeded: first),
            valueLength: UInt16(truncatingIfNeeded: value.count),
            name: known,
            isHopByHop: known.isHopByHop
        )
        facts.count &+= 1
        if known == .other { return nil }
        facts.names |= known.bit
        if isTrailer { return nil }
        if known.isHopByHop { facts.hopByHopCount &+= 1 }
        return note(known, value)
    }

    private mutating func note(_ name: FieldName, _ value: Bytes) -> HeadFault? {
        switch name {
        case .host:
            guard facts.hostIndex < 0 else { return .hostRepeated }
            facts.hostIndex = facts.count &- 1
        case .contentLength:
            guard facts.contentLength < 0, let length = value.decimal() else {
                return .contentLength
            }
            facts.contentLength = length
        case .transferEncoding:
            guard !facts.hasTransferEncoding else { return .transferEncoding }
            facts.hasTransferEncoding = true
            facts.isChunked = value.equalsIgnoringCase("chunked")
            guard facts.isChunked else { return value.encodingFault() }
        case .connection:
            return noteConnection(value)
        case .expect:
            let isContinue = value.equalsIgnoringCase("100-continue")
            facts.expectsContinue = isContinue && (facts.expectsContinue || !facts.hasExpect)
            facts.hasExpect = true
        case .upgrade:
            facts.namesWebSocket =
                facts.upgradeIndex < 0 && value.equalsIgnoringCase("websocket")
            if facts.upgradeIndex < 0 { facts.upgradeIndex = facts.count &- 1 }
        case .date:
            facts.hasDate = true
        case .xRequestID:
            facts.requestIDIndex = facts.requestIDIndex == -1 ? facts.count &- 1 : -2
        case .maxForwards:
            noteMaxForwards(value)
        case .forwarded, .xForwardedFor, .xForwardedHost, .xForwardedPort, .xForwardedProto,
            .xForwardedClientCert, .xForwardedOther:
            facts.forwardingCount &+= 1
        case .other, .te, .via, .trailer, .keepAlive, .tracestate, .traceparent, .proxyConnection:
            break
        }
        return nil
    }

    private mutating func noteMaxForwards(_ value: Bytes) {
        guard let number = value.decimal(), number <= Int32.max else { return }
        let hops = Int32(truncatingIfNeeded: number)
        facts.maxForwards = facts.maxForwards < 0 ? hops : min(facts.maxForwards, hops)
    }

    /// Options are bounded like fields: each is looked for among all fields.
    private mutating func noteConnection(_ value: Bytes) -> HeadFault? {
        if value.equalsIgnoringCase("keep-alive") {
            facts.saysKeepAlive = true
        } else if value.equalsIgnoringCase("close") {
            facts.saysClose = true
        } else {
            var options = ListElements(value)
            while let option = options.next() {
                optionsCount &+= 1
                guard optionsCount <= fields.count else { return .tooManyFields }
                if option.equalsIgnoringCase("close") { facts.saysClose = true }
                if option.equalsIgnoringCase("keep-alive") { facts.saysKeepAlive = true }
                if option.equalsIgnoringCase("upgrade") { facts.saysUpgrade = true }
            }
        }
        return nil
    }

    /// The checks that need the whole section.
    private mutating func finish(_ head: Bytes) -> HeadFault? {
        if facts.hasTransferEncoding && facts.contentLength >= 0 { return .lengthAndEncoding }
        if facts.hopByHopCount > 0 { dropNominated(head) }
        return nil
    }

    /// Fields that Connection names do not pass either (RFC 9110 7.6.1), except those that frame,
    /// route or trace the message: naming them must not remove them.
    private mutating func dropNominated(_ head: Bytes) {
        for index in 0..<facts.count where fields[index].name == .connection {
            var options = ListElements(fields[index].value(in: head))
            while let option = options.next() {
                for other in 0..<facts.count
                where fields[other].name.canBeNominated && !fields[other].isHopByHop
                    && fields[other].nameBytes(in: head).equalsIgnoringCase(option)
                {
                    fields[other].isHopByHop = true
                    facts.hopByHopCount &+= 1
                    if fields[other].name == .date { facts.hasDate = false }
                }
            }
        }
    }
}
