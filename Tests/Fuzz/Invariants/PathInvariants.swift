package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// A path: its form is what a plain reading of RFC 3986 makes of it, and stays when written
    /// again.
    package static func path(_ bytes: Bytes) -> String? {
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "/") else { return nil }
        let form = written(bytes)
        guard form == reference(bytes.array) else { return "the form is \(form ?? [])" }
        guard let form else { return nil }
        guard form.count <= bytes.count, form.first == UInt8(ascii: "/") else {
            return "the form grew or lost its root"
        }
        guard !PathForm.isNormal(bytes) || form == bytes.array else {
            return "a path in its form was changed"
        }
        return form.withBytes(written) == form ? nil : "writing it again changed it"
    }

    private static func written(_ path: Bytes) -> [UInt8]? {
        let memory = Table<UInt8>(repeating: 0, count: path.count)
        var writer = memory.writer()
        return PathForm.write(path, to: &writer) ? writer.bytes.array : nil
    }

    private static func reference(_ path: [UInt8]) -> [UInt8]? {
        var kept: [[UInt8]] = []
        let segments = path.dropFirst().split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        for (place, segment) in segments.enumerated() {
            let isLast = place == segments.count - 1
            guard let decoded = decoded(segment) else { return nil }
            switch decoded {
            case Array(".".utf8):
                if isLast { kept.append([]) }
            case Array("..".utf8):
                guard kept.popLast() != nil else { return nil }
                if isLast { kept.append([]) }
            default:
                kept.append(Array(segment))
            }
        }
        if kept.isEmpty { kept = [[]] }
        return kept.flatMap { [UInt8(ascii: "/")] + $0 }
    }

    private static func decoded(_ segment: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = segment
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = HTTPInvariants.hexadecimal(digits), value != 0
            else { return nil }
            bytes.append(UInt8(value))
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
