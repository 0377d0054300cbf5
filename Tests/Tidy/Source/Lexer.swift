/// Tells code from comments and string literals, well enough for rules that look at words.
///
/// Newlines and the length of every line stay, so that line numbers and columns hold.
struct Lexer {
    private enum Place {
        case code
        /// Inside `\( … )` of a string; counts the open parentheses.
        case interpolation(depth: Int)
        case string(quote: UInt8, isLong: Bool, pounds: Int)
        case lineComment
        case blockComment(depth: Int)
    }

    private(set) var code: [UInt8]
    private(set) var comments: [UInt8]
    private let bytes: [UInt8]
    private let language: Language
    private var places: [Place] = [.code]
    private var at = 0

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
    private static let backslash = UInt8(ascii: "\\")

    init(bytes: [UInt8], language: Language) {
        self.bytes = bytes
        self.language = language
        code = bytes
        comments = bytes
    }

    mutating func run() {
        guard language.isCode else {
            comments = bytes.map { $0 == Self.newline ? $0 : Self.space }
            return
        }
        while at < bytes.count {
            switch places[places.count - 1] {
            case .code: stepCode()
            case .interpolation(let depth): stepInterpolation(depth)
            case .string(let quote, let isLong, let pounds): stepString(quote, isLong, pounds)
            case .lineComment: stepLineComment()
            case .blockComment(let depth): stepBlockComment(depth)
            }
        }
    }

    private mutating func stepCode() {
        if !openComment(), !openString() {
            take(1, asCode: true)
        }
    }

    private mutating func stepInterpolation(_ depth: Int) {
        if openString() { return }
        if bytes[at] == UInt8(ascii: "(") {
            places[places.count - 1] = .interpolation(depth: depth + 1)
        } else if bytes[at] == UInt8(ascii: ")") {
            places[places.count - 1] = .interpolation(depth: depth - 1)
            if depth == 1 { places.removeLast() }
        }
        take(1)
    }

    private mutating func stepString(_ quote: UInt8, _ isLong: Bool, _ pounds: Int) {
        let escape = [Self.backslash] + [UInt8](repeating: UInt8(ascii: "#"), count: pounds)
        let ending =
            [UInt8](repeating: quote, count: isLong ? 3 : 1)
            + [UInt8](repeating: UInt8(ascii: "#"), count: pounds)
        if quote != UInt8(ascii: "`"), isAhead(escape) {
            if language == .swift, isAhead(escape + [UInt8(ascii: "(")]) {
                places.append(.interpolation(depth: 1))
            }
            take(escape.count + 1)
        } else if isAhead(ending) {
            places.removeLast()
            take(ending.count)
        } else {
            if bytes[at] == Self.newline, !isLong { places.removeLast() }
            take(1)
        }
    }

    private mutating func stepLineComment() {
        if bytes[at] == Self.newline { places.removeLast() }
        take(1, asComment: true)
    }

    private mutating func stepBlockComment(_ depth: Int) {
        if isAhead("*/") {
            places[places.count - 1] = .blockComment(depth: depth - 1)
            if depth == 1 { places.removeLast() }
            take(2, asComment: true)
        } else if language == .swift, isAhead("/*") {
            places[places.count - 1] = .blockComment(depth: depth + 1)
            take(2, asComment: true)
        } else {
            take(1, asComment: true)
        }
    }

    private mutating func openComment() -> Bool {
        let isPython = language == .python
        if isAhead(isPython ? "#" : "//") {
            places.append(.lineComment)
        } else if !isPython, isAhead("/*") {
            places.append(.blockComment(depth: 1))
        } else {
            return false
        }
        take(isPython ? 1 : 2, asComment: true)
        return true
    }

    private mutating func openString() -> Bool {
        var pounds = 0
        while language == .swift, at + pounds < bytes.count,
            bytes[at + pounds] == UInt8(ascii: "#")
        {
            pounds += 1
        }
        guard at + pounds < bytes.count else { return false }
        let quote = bytes[at + pounds]
        let isQuote =
            quote == UInt8(ascii: "\"")
            || (quote == UInt8(ascii: "'") && language != .swift)
            || (quote == UInt8(ascii: "`") && language == .swift && pounds == 0)
        guard isQuote else { return false }
        take(pounds)
        let isLong = language != .c && isAhead([quote, quote, quote])
        take(isLong ? 3 : 1)
        places.append(.string(quote: quote, isLong: isLong, pounds: pounds))
        return true
    }

    private func isAhead(_ text: [UInt8]) -> Bool {
        at + text.count <= bytes.count && bytes[at..<at + text.count].elementsEqual(text)
    }

    private func isAhead(_ text: StaticString) -> Bool {
        isAhead(Array(text.description.utf8))
    }

    private mutating func take(_ count: Int, asCode: Bool = false, asComment: Bool = false) {
        let end = Swift.min(at + count, bytes.count)
        for index in at..<end where bytes[index] != Self.newline {
            if !asCode { code[index] = Self.space }
            if !asComment { comments[index] = Self.space }
        }
        at = end
    }
}
