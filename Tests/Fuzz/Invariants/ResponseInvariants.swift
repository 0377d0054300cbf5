package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// A response head: the same verdict however it arrives, and passed on it says the same.
    package static func response(_ bytes: Bytes) -> String? {
        var head = ResponseHead(fieldsMax: fieldsMax)
        let whole = Verdict(head.parse(bytes))
        for cut in cuts(bytes.count) {
            let part = Verdict(head.parse(bytes.prefix(cut)))
            guard part.mayPrecede(whole) else {
                return "\(part) after \(cut) bytes became \(whole)"
            }
        }
        guard case .complete(let length) = whole else { return nil }
        guard Verdict(head.parse(bytes)) == whole, head.facts.length == length,
            length <= bytes.count, bytes.prefix(length).hasSuffix("\r\n\r\n"),
            (100...999).contains(head.facts.status)
        else { return "length or status" }
        let view = head.view(of: bytes)
        for framing in [ReplyFraming.same, .chunked, .untilClose] {
            for closing in [false, true] {
                if let breach = passed(view, framing, closing: closing) {
                    return "\(breach) (\(framing), closing \(closing))"
                }
            }
        }
        return nil
    }

    private static func passed(
        _ view: ResponseView,
        _ framing: ReplyFraming,
        closing: Bool
    ) -> String? {
        let memory = Table<UInt8>(repeating: 0, count: view.text.count + Forward.growthMax)
        var output = memory.writer()
        let date = DateLine()
        let terms = ResponseForwarding(
            closing: closing,
            framing: framing,
            date: date.bytes,
            addsVia: true,
            isUpgrade: false,
            keepsAliveFor10: false
        )
        Forward.response(view, terms, to: &output)
        guard !output.overflowed else { return "passing on grew beyond \(Forward.growthMax) bytes" }
        var again = ResponseHead(fieldsMax: fieldsMax + 4)
        guard Verdict(again.parse(output.bytes)) == .complete(output.count) else {
            return "what was passed on does not parse: \(output.bytes.text)"
        }
        return difference(view, again.view(of: output.bytes), framing, closing: closing)
    }

    private static func difference(
        _ came: ResponseView,
        _ went: ResponseView,
        _ framing: ReplyFraming,
        closing: Bool
    ) -> String? {
        let (facts, after) = (came.facts, went.facts)
        // Where no body can be, nothing frames one (RFC 9110 8.6).
        let isBare = facts.status < 200 || facts.status == 204
        let length = isBare || framing == .chunked ? -1 : facts.fields.contentLength
        let isChunked =
            switch framing {
            case .same: !isBare && facts.fields.isChunked
            case .chunked: !isBare
            case .untilClose: false
            }
        guard after.status == facts.status, after.version == 11, after.keepsAlive != closing,
            after.fields.contentLength == length, after.fields.isChunked == isChunked
        else { return "status, version, persistence or framing" }
        guard after.fields.hasDate || facts.status < 200 else { return "no Date" }
        let passed = FieldText.all(came.fields, came.text) { field in
            let isDropped =
                switch field.name {
                case .contentLength: isBare || framing == .chunked
                case .transferEncoding: isBare || framing != .same
                default: false
                }
            // `Connection: close`, which passing on adds, nominates a field of that name.
            let isNominated = closing && field.nameBytes(in: came.text).equalsIgnoringCase("close")
            return !field.isHopByHop && !isDropped && !isNominated
        }
        let found = FieldText.all(went.fields, went.text) { !$0.isHopByHop }
        let added = found.dropFirst(passed.count).map(\.name)
        guard found.starts(with: passed),
            added.filter({ !["Transfer-Encoding", "Date"].contains($0) }) == ["Via"]
        else { return "the fields \(passed) became \(found)" }
        return nil
    }
}
