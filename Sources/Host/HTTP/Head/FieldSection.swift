package import SluiceBase

/// The field lines of one head, and what they say about framing and the connection.
///
/// Scratch of one worker: parsed, acted upon and overwritten by the next head. Strict: CRLF only,
/// no folding, one Content-Length, no ambiguity (RFC 9112 sections 5 and 6).
package struct FieldSection: ~Copyable {
    package let fields: Table<Field>
    package private(set) var count = 0
    private let octets = OctetTable()

    /// -1 when absent.
    package private(set) var contentLength: Int64 = -1
    package private(set) var isChunked = false
    package private(set) var hasTransferEncoding = false
    package private(set) var saysClose = false
    package private(set) var saysKeepAlive = false
    package private(set) var expectsContinue = false
    package private(set) var hasDate = false
    /// The number of fields that do not pass this hop.
    package private(set) var hopByHopCount = 0
    /// The index of the Host field, or -1.
    package private(set) var hostIndex = -1
    /// The number of options in all Connection fields together.
    private var optionsCount = 0

    /// Room for `fieldsMax` fields.
    package init(fieldsMax: Int) {
        fields = Table(repeating: .none, count: fieldsMax)
    }

    private mutating func reset() {
        count = 0
        contentLength = -1
        isChunked = false
        hasTransferEncoding = false
        saysClose = false
        saysKeepAlive = false
        expectsContinue = false
        hasDate = false
        hopByHopCount = 0
        hostIndex = -1
        optionsCount = 0
    }

    /// Forgets Expect: the message's version does not know it.
    mutating func ignoreExpectation() { expectsContinue = false }

    /// Parses the lines of `head` from `start` to the empty line; answers the head's length.
    package mutating func parse(_ head: Bytes, from start: Int) -> HeadOutcome {
        reset()
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
            if let fault = line(head, position, end &- 1) { return .faulty(fault) }
            position = end &+ 1
        }
    }

    private mutating func line(_ head: Bytes, _ start: Int, _ end: Int) -> HeadFault? {
        guard count < fields.count else { return .tooManyFields }
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
        fields[count] = Field(
            lineStart: UInt16(truncatingIfNeeded: start),
            lineEnd: UInt16(truncatingIfNeeded: end &+ 2),
            nameLength: UInt16(truncatingIfNeeded: name.count),
            valueStart: UInt16(truncatingIfNeeded: first),
            valueLength: UInt16(truncatingIfNeeded: value.count),
            name: known,
            isHopByHop: known.isHopByHop
        )
        count &+= 1
        if known == .other { return nil }
        if known.isHopByHop { hopByHopCount &+= 1 }
        return note(known, value)
    }

    private mutating func note(_ name: FieldName, _ value: Bytes) -> HeadFault? {
        switch name {
        case .host:
            guard hostIndex < 0 else { return .hostRepeated }
            hostIndex = count &- 1
        case .contentLength:
            guard contentLength < 0, let length = value.decimal() else { return .contentLength }
            contentLength = length
        case .transferEncoding:
            guard !hasTransferEncoding else { return .transferEncoding }
            hasTransferEncoding = true
            isChunked = value.equalsIgnoringCase("chunked")
            guard isChunked else { return value.encodingFault() }
        case .connection:
            return noteConnection(value)
        case .expect:
            expectsContinue = value.equalsIgnoringCase("100-continue")
        case .date:
            hasDate = true
        case .other, .te, .upgrade, .trailer, .keepAlive, .proxyConnection:
            break
        }
        return nil
    }

    /// Options are bounded like fields: each is looked for among all fields.
    private mutating func noteConnection(_ value: Bytes) -> HeadFault? {
        if value.equalsIgnoringCase("keep-alive") {
            saysKeepAlive = true
        } else if value.equalsIgnoringCase("close") {
            saysClose = true
        } else {
            var options = ListElements(value)
            while let option = options.next() {
                optionsCount &+= 1
                guard optionsCount <= fields.count else { return .tooManyFields }
                if option.equalsIgnoringCase("close") { saysClose = true }
                if option.equalsIgnoringCase("keep-alive") { saysKeepAlive = true }
            }
        }
        return nil
    }

    /// The checks that need the whole section.
    private mutating func finish(_ head: Bytes) -> HeadFault? {
        if hasTransferEncoding && contentLength >= 0 { return .lengthAndEncoding }
        if hopByHopCount > 0 { dropNominated(head) }
        return nil
    }

    /// Fields that Connection names do not pass either (RFC 9110 7.6.1), except those that frame
    /// or route the message: naming them must not make them vanish.
    private mutating func dropNominated(_ head: Bytes) {
        for index in 0..<count where fields[index].name == .connection {
            var options = ListElements(fields[index].value(in: head))
            while let option = options.next() {
                for other in 0..<count
                where fields[other].name.canBeNominated && !fields[other].isHopByHop
                    && fields[other].nameBytes(in: head).equalsIgnoringCase(option)
                {
                    fields[other].isHopByHop = true
                    hopByHopCount &+= 1
                    if fields[other].name == .date { hasDate = false }
                }
            }
        }
    }
}
