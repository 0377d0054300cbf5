package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// A request head: the same verdict however it arrives, and forwarded it says the same.
    package static func request(_ bytes: Bytes) -> String? {
        var head = RequestHead(fieldsMax: fieldsMax, lineMax: lineMax)
        let whole = Verdict(head.parse(bytes))
        for cut in cuts(bytes.count) {
            let part = Verdict(head.parse(bytes.prefix(cut)))
            guard part.mayPrecede(whole) else {
                return "\(part) after \(cut) bytes became \(whole)"
            }
        }
        guard case .complete(let length) = whole else { return nil }
        guard Verdict(head.parse(bytes)) == whole, head.length == length, length <= bytes.count,
            bytes.prefix(length).hasSuffix("\r\n\r\n")
        else { return "the length \(length) is not where the head ends" }
        return forwarded(head, bytes.prefix(length))
    }

    private static func forwarded(_ head: borrowing RequestHead, _ bytes: Bytes) -> String? {
        let pathMemory = Table<UInt8>(repeating: 0, count: bytes.count + 1)
        var path = pathMemory.writer()
        let sent = bytes.slice(head.pathStart, head.pathLength)
        if PathForm.isNormal(sent) {
            path.append(sent)
        } else if !PathForm.write(sent, to: &path) {
            return nil
        }
        let memory = Table<UInt8>(repeating: 0, count: bytes.count + growthMax)
        var output = memory.writer()
        Forward.request(head, bytes, path: path.bytes, to: &output)
        guard !output.overflowed else { return "forwarding grew beyond \(growthMax) bytes" }
        guard head.isAbsolute || head.section.hostIndex >= 0 else {
            return output.bytes.text.contains(" HTTP/1.1\r\nHost:\r\n") ? nil : "no Host was added"
        }
        var again = RequestHead(fieldsMax: fieldsMax + 1, lineMax: lineMax + growthMax)
        guard Verdict(again.parse(output.bytes)) == .complete(output.count) else {
            return "the forwarded head does not parse: \(output.bytes.text)"
        }
        return difference(head, bytes, path.bytes, again, output.bytes)
    }

    private static func difference(
        _ head: borrowing RequestHead,
        _ bytes: Bytes,
        _ path: Bytes,
        _ again: borrowing RequestHead,
        _ output: Bytes
    ) -> String? {
        let method = bytes.slice(head.methodStart, head.methodLength)
        guard output.hasPrefix(method), again.method == head.method else { return "the method" }
        let sent = output.slice(again.pathStart, again.pathLength)
        guard sent.equals(path) || sent.equals("*") else { return "the path" }
        guard (again.queryStart < 0) == (head.queryStart < 0),
            query(head, bytes).equals(query(again, output))
        else { return "the query" }
        guard
            bytes.slice(head.hostStart, head.hostLength)
                .equals(output.slice(again.hostStart, again.hostLength))
        else { return "the host" }
        guard again.version == 11, !again.isAbsolute, again.section.hopByHopCount == 0,
            again.section.contentLength == head.section.contentLength,
            again.section.isChunked == head.section.isChunked
        else { return "version, hop-by-hop fields or framing" }
        let came = FieldText.all(head.section, bytes) { !$0.isHopByHop && $0.name != .host }
        let went = FieldText.all(again.section, output) { $0.name != .host }
        return came == went ? nil : "the fields \(came) became \(went)"
    }

    private static func query(_ head: borrowing RequestHead, _ bytes: Bytes) -> Bytes {
        head.queryStart < 0 ? .empty : bytes.slice(head.queryStart, head.queryLength)
    }
}
