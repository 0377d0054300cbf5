package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// A path: its form is what a plain reading of the rules makes of it, and stays when written
    /// again; for each choice of options.
    package static func path(_ bytes: Bytes) -> String? {
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "/") else { return nil }
        for (merges, rejects) in [(true, false), (false, false), (true, true), (false, true)] {
            let options = PathForm.Options(mergesSlashes: merges, rejectsEscapedSlashes: rejects)
            if let breach = path(bytes, options) {
                return "\(breach) (merges slashes \(merges), rejects escaped ones \(rejects))"
            }
        }
        return nil
    }

    private static func path(_ bytes: Bytes, _ options: PathForm.Options) -> String? {
        let form = written(bytes, options)
        let expected = ReferencePath.form(bytes.array, options)
        guard form == expected else {
            return "the form is \(text(form)) and should be \(text(expected))"
        }
        guard form != nil || !PathForm.isNormal(bytes, options) else {
            return "a path that is refused is normal"
        }
        guard let form else { return nil }
        guard form.count <= bytes.count, form.first == UInt8(ascii: "/") else {
            return "the form grew or lost its root"
        }
        guard PathForm.isNormal(bytes, options) == (form == bytes.array) else {
            return "whether the path is normal"
        }
        guard form.withBytes({ PathForm.isNormal($0, options) }) else { return "not normal" }
        return form.withBytes { written($0, options) } == form ? nil : "writing again changed it"
    }

    private static func text(_ form: [UInt8]?) -> String {
        form.map { String(decoding: $0, as: UTF8.self) } ?? "refused"
    }

    private static func written(_ path: Bytes, _ options: PathForm.Options) -> [UInt8]? {
        let memory = Table<UInt8>(repeating: 0, count: path.count)
        var writer = memory.writer()
        return PathForm.write(path, options, to: &writer) ? writer.bytes.array : nil
    }
}

/// The canonical form, made in whole steps on text.
private enum ReferencePath {
    private static let unreserved = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8
    )

    static func form(_ path: [UInt8], _ options: PathForm.Options) -> [UInt8]? {
        guard let plain = unescaped(path) else { return nil }
        if options.rejectsEscapedSlashes, plain.contains("%2F") || plain.contains("%5C") {
            return nil
        }
        var segments = plain.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if options.mergesSlashes, let last = segments.popLast() {
            segments = segments.filter { !$0.isEmpty } + [last]
        }
        guard let kept = resolved(segments) else { return nil }
        return kept.flatMap { Array("/\($0)".utf8) }
    }

    /// Every escape decoded or written in upper case; nil when a byte or an escape is refused.
    private static func unescaped(_ path: [UInt8]) -> String? {
        var text = ""
        var rest = path[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                guard (0x21...0x7e).contains(byte), !"\\?#".utf8.contains(byte) else { return nil }
                text.unicodeScalars.append(Unicode.Scalar(byte))
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = HTTPInvariants.hexadecimal(digits), value != 0
            else { return nil }
            let octet = UInt8(value)
            if unreserved.contains(octet) {
                text.unicodeScalars.append(Unicode.Scalar(octet))
            } else {
                text += "%" + String(decoding: digits, as: UTF8.self).uppercased()
            }
            rest = rest.dropFirst(2)
        }
        return text
    }

    private static func resolved(_ segments: [Substring]) -> [Substring]? {
        var kept: [Substring] = []
        for (place, segment) in segments.enumerated() {
            let isLast = place == segments.count - 1
            let isBehindDots = place > 0 && isDots(segments[place - 1])
            if isDots(segment) {
                if let last = kept.last, hides(last) { return nil }
                if segment == "..", kept.popLast() == nil { return nil }
                if isLast { kept.append("") }
            } else {
                if isBehindDots, hides(segment) { return nil }
                if pieces(segment).contains(where: isDots) { return nil }
                kept.append(segment)
            }
        }
        return kept
    }

    private static func isDots(_ text: Substring) -> Bool { text == "." || text == ".." }

    private static func hides(_ segment: Substring) -> Bool {
        segment.hasPrefix(";") || segment.hasSuffix(";") || segment.contains("%2F")
            || segment.contains("%5C")
    }

    /// What another reader may take for segments.
    private static func pieces(_ segment: Substring) -> [Substring] {
        segment.split(separator: ";", omittingEmptySubsequences: false)
            .flatMap { $0.split(separator: "%2F", omittingEmptySubsequences: false) }
            .flatMap { $0.split(separator: "%5C", omittingEmptySubsequences: false) }
    }
}
