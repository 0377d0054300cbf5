/// A named form of text: what people call it, the published pattern, and the same as code.
///
/// Patterns are those of the Gateway API and Kubernetes definitions; the code is what runs, so
/// that no regular expression engine is loaded.
struct TextRule: Sendable {
    /// For example `a DNS label`.
    let name: String
    let pattern: String
    /// Bounds in bytes of UTF-8.
    let length: ClosedRange<Int>
    /// Whether values are secret: reports never repeat them.
    let isSecret: Bool
    let matches: @Sendable (String.UTF8View) -> Bool

    init(
        _ name: String,
        _ pattern: String,
        _ length: ClosedRange<Int>,
        isSecret: Bool = false,
        _ matches: @escaping @Sendable (String.UTF8View) -> Bool
    ) {
        self.name = name
        self.pattern = pattern
        self.length = length
        self.isSecret = isSecret
        self.matches = matches
    }

    /// What is wrong with the text, as `expected ...`; nil when it fits.
    func objection(to text: String) -> String? {
        let count = text.utf8.count
        if count > length.upperBound {
            return "expected \(name) of at most \(length.upperBound) bytes, found \(count) bytes"
        }
        if count >= length.lowerBound, matches(text.utf8) { return nil }
        return "expected \(name)"
            + (isSecret ? "; the value is not shown" : ", found \(quoted(text))")
    }

    func accepts(_ text: String) -> Bool {
        length.contains(text.utf8.count) && matches(text.utf8)
    }
}

extension TextRule {
    static let any = TextRule("text", "^.*$", 0...Int.max) { _ in true }

    static func free(_ most: Int, least: Int = 0) -> TextRule {
        TextRule("text", "^.*$", least...most) { _ in true }
    }

    static let label = TextRule(
        "a DNS label (lower-case letters, digits and \"-\")",
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        1...63,
        isLabel
    )

    static let subdomain = TextRule(
        "a lower-case DNS name",
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        1...253,
        isSubdomain
    )

    /// An API group; empty means the core group.
    static let group = TextRule(
        "an API group",
        "^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        0...253
    ) { $0.isEmpty || isSubdomain($0) }

    static let kind = TextRule("a kind", "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$", 1...63) { text in
        guard let first = text.first, let last = text.last else { return false }
        return isLetter(first) && isAlphanumeric(last)
            && text.allSatisfy { isAlphanumeric($0) || $0 == dash }
    }

    /// A host name, perhaps with `*` as its first label; never an IP address.
    static let hostname = TextRule(
        "a lower-case host name, which may begin with \"*.\"",
        "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        1...253
    ) { text in
        let isWildcard = text.starts(with: "*.".utf8)
        let rest = isWildcard ? text.dropFirst(2) : text.dropFirst(0)
        return isSubdomain(rest) && !isDottedNumber(rest)
    }

    static let preciseHostname = TextRule(
        "a lower-case host name, without \"*\"",
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        1...253
    ) { isSubdomain($0) && !isDottedNumber($0) }

    static let headerName = TextRule(
        "a header name",
        "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$",
        1...256
    ) { $0.allSatisfy(isTokenByte) }

    static let headerValue = TextRule(
        "a header value",
        "^[!-~]+([\\t ]?[!-~]+)*$",
        1...4096
    ) { text in
        text.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) }
    }

    /// A duration as GEP-2257 writes it: at most four numbers of at most five digits.
    static let duration = TextRule(
        "a duration such as 10s, 500ms or 1h30m",
        "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
        2...28,
        isDuration
    )

    static let absolutePath = TextRule("an absolute path", "^/.*$", 1...1024) { $0.first == slash }

    static let labelKey = TextRule(
        "a label key",
        "^([a-z0-9.-]{1,253}/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$",
        1...317,
        isLabelKey
    )

    static let labelValue = TextRule(
        "a label value",
        "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$",
        0...63,
        isLabelValue
    )

    static let timestamp = TextRule(
        "a time such as 2026-01-01T00:00:00Z",
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9:]{5})$",
        20...40,
        isTimestamp
    )

    static let secret = TextRule("text", "^.*$", 0...(2 * 1024 * 1024), isSecret: true) { _ in
        true
    }

    static let secretBase64 = TextRule(
        "base64",
        "^[A-Za-z0-9+/=\\s]*$",
        0...(2 * 1024 * 1024),
        isSecret: true
    ) { text in
        text.allSatisfy { isAlphanumeric($0) || "+/=\n\r ".utf8.contains($0) }
    }
}
