// The leaves of the text rules: pure functions over bytes.

let dash = UInt8(ascii: "-")
let dot = UInt8(ascii: ".")
let slash = UInt8(ascii: "/")

func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }
func isLower(_ byte: UInt8) -> Bool { byte &- 97 < 26 }
func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 97 < 26 }
func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

/// RFC 9110 section 5.6.2.
func isTokenByte(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
}

/// RFC 1123 label of Kubernetes: lower-case letters, digits and inner dashes.
func isLabel(_ text: some BidirectionalCollection<UInt8>) -> Bool {
    guard let first = text.first, let last = text.last, first != dash, last != dash else {
        return false
    }
    return text.allSatisfy { isLower($0) || isDigit($0) || $0 == dash }
}

func isSubdomain(_ text: some BidirectionalCollection<UInt8>) -> Bool {
    var start = text.startIndex
    while true {
        let end = text[start...].firstIndex(of: dot) ?? text.endIndex
        guard isLabel(text[start..<end]) else { return false }
        guard end < text.endIndex else { return true }
        start = text.index(after: end)
    }
}

/// Whether the text is digits and dots alone: an IPv4 address, never a host name.
func isDottedNumber(_ text: some Collection<UInt8>) -> Bool {
    text.allSatisfy { isDigit($0) || $0 == dot }
}

func isLabelValue(_ text: String.UTF8View) -> Bool {
    guard let first = text.first, let last = text.last else { return true }
    return isAlphanumeric(first) && isAlphanumeric(last)
        && text.allSatisfy { isAlphanumeric($0) || $0 == dash || $0 == dot || $0 == 95 }
}

func isLabelKey(_ text: String.UTF8View) -> Bool {
    guard let cut = text.firstIndex(of: slash) else {
        return !text.isEmpty && isLabelValue(text)
    }
    let name = String(Substring(text[text.index(after: cut)...]))
    return isSubdomain(text[..<cut]) && !name.isEmpty && isLabelValue(name.utf8)
}

func isTimestamp(_ text: String.UTF8View) -> Bool {
    let form = "0000-00-00T00:00:00".utf8
    guard text.count > form.count else { return false }
    for (byte, expected) in zip(text, form) {
        guard expected == 48 ? isDigit(byte) : byte == expected else { return false }
    }
    var rest = text.dropFirst(form.count)
    if rest.first == dot { rest = rest.dropFirst().drop(while: isDigit) }
    return rest.elementsEqual("Z".utf8) || (rest.count == 6 && "+-".utf8.contains(rest.first ?? 0))
}

func isDuration(_ text: String.UTF8View) -> Bool {
    durationParts(text) != nil
}

/// Milliseconds of a duration in the form of GEP-2257, or nil when it is not one.
func milliseconds(_ duration: String) -> Int64? {
    guard let parts = durationParts(duration.utf8) else { return nil }
    return parts.reduce(0, +)
}

private let durationPartsMax = 4
private let durationDigitsMax = 5

private func durationParts(_ text: String.UTF8View) -> [Int64]? {
    var parts: [Int64] = []
    var rest = text[...]
    while !rest.isEmpty {
        let digits = rest.prefix(while: isDigit)
        guard (1...durationDigitsMax).contains(digits.count), parts.count < durationPartsMax,
            let number = Int64(Substring(digits))
        else { return nil }
        rest = rest.dropFirst(digits.count)
        let unit = rest.prefix { !isDigit($0) }
        switch String(Substring(unit)) {
        case "h": parts.append(number * 3_600_000)
        case "m": parts.append(number * 60_000)
        case "s": parts.append(number * 1_000)
        case "ms": parts.append(number)
        default: return nil
        }
        rest = rest.dropFirst(unit.count)
    }
    return parts.isEmpty ? nil : parts
}

/// Whether the text is an IPv4 or IPv6 address in its usual form.
func isAddress(_ text: String) -> Bool { isIPv4(text) || isIPv6(text) }

func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
        && parts.allSatisfy { part in
            (1...3).contains(part.utf8.count) && part.utf8.allSatisfy(isDigit)
                && (part.utf8.count == 1 || part.first != "0") && (Int(part) ?? 256) <= 255
        }
}

func isIPv6(_ text: String) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard text.utf8.count >= 2, text.utf8.count <= 45, halves.count <= 2 else { return false }
    var groups = 0
    for (index, half) in halves.enumerated() where !half.isEmpty {
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        for (place, part) in parts.enumerated() {
            let isLast = index == halves.count - 1 && place == parts.count - 1
            if isLast, part.contains(".") {
                guard isIPv4(String(part)) else { return false }
                groups += 2
                continue
            }
            guard (1...4).contains(part.utf8.count),
                part.utf8.allSatisfy({ isDigit($0) || (($0 | 0x20) &- 97) < 6 })
            else { return false }
            groups += 1
        }
    }
    return halves.count == 2 ? groups <= 7 : groups == 8
}
