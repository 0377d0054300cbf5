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
        guard Verdict(head.parse(bytes)) == whole, head.length == length, length <= bytes.count,
            bytes.prefix(length).hasSuffix("\r\n\r\n"), (100...999).contains(head.status)
        else { return "length or status" }
        return passed(head, bytes.prefix(length), closing: false)
            ?? passed(head, bytes.prefix(length), closing: true)
    }

    private static func passed(
        _ head: borrowing ResponseHead,
        _ bytes: Bytes,
        closing: Bool
    ) -> String? {
        let memory = Table<UInt8>(repeating: 0, count: bytes.count + growthMax)
        var output = memory.writer()
        let date = DateLine()
        Forward.response(head, bytes, closing: closing, date: date.bytes, to: &output)
        guard !output.overflowed else { return "passing on grew beyond \(growthMax) bytes" }
        var again = ResponseHead(fieldsMax: fieldsMax + 2)
        guard Verdict(again.parse(output.bytes)) == .complete(output.count) else {
            return "what was passed on does not parse: \(output.bytes.text)"
        }
        // Where no body can be, nothing frames one (RFC 9110 8.6).
        let isBare = head.status < 200 || head.status == 204
        guard again.status == head.status, again.version == 11, again.keepsAlive != closing,
            again.section.contentLength == (isBare ? -1 : head.section.contentLength),
            again.section.isChunked == (isBare ? false : head.section.isChunked)
        else { return "status, version, persistence or framing" }
        guard again.section.hasDate || head.status < 200 else { return "no Date" }
        let came = FieldText.all(head.section, bytes) { field in
            let frames = field.name == .contentLength || field.name == .transferEncoding
            // `Connection: close`, which passing on adds, nominates a field of that name.
            let isNominated = closing && field.nameBytes(in: bytes).equalsIgnoringCase("close")
            return !field.isHopByHop && !(isBare && frames) && !isNominated
        }
        let went = FieldText.all(again.section, output.bytes) { !$0.isHopByHop }
        guard went.starts(with: came), went.count <= came.count + 1 else {
            return "the fields \(came) became \(went)"
        }
        return nil
    }
}
