/// The hosts a listener or a route is for.
enum HostPattern: Hashable, Sendable {
    case exact(String)
    /// The name after `*.`: it has one or more labels before it.
    case wildcard(String)
    case any

    /// The longest name, without the trailing dot (RFC 1035 2.3.4).
    static let bytesMax = 253

    /// Reads `a.test` or `*.a.test`; letters are folded.
    ///
    /// Nil when it is neither.
    init?(_ text: String) {
        let name = text.lowercased()
        let isWildcard = name.hasPrefix("*.")
        let rest = isWildcard ? String(name.dropFirst(2)) : name
        let labels = rest.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { !$0.isEmpty && $0.allSatisfy(HostPattern.isLabelByte) }
        guard isName, name.utf8.count <= HostPattern.bytesMax else { return nil }
        self = isWildcard ? .wildcard(rest) : .exact(rest)
    }

    var text: String {
        switch self {
        case .exact(let name): name
        case .wildcard(let suffix): "*." + suffix
        case .any: "*"
        }
    }

    /// Whether every host of `other` is one of this pattern.
    func covers(_ other: HostPattern) -> Bool {
        switch (self, other) {
        case (.any, _): true
        case (.exact, _): self == other
        case (.wildcard(let suffix), .exact(let name)): name.hasSuffix("." + suffix)
        case (.wildcard(let suffix), .wildcard(let inner)):
            inner == suffix || inner.hasSuffix("." + suffix)
        case (.wildcard, .any): false
        }
    }

    /// The hosts of both: the more specific of the two, or nil when they have none in common.
    func intersection(_ other: HostPattern) -> HostPattern? {
        if covers(other) { return other }
        return other.covers(self) ? self : nil
    }

    /// The patterns that have all hosts of this one and more, the most specific first.
    var wider: [HostPattern] {
        let name: String
        switch self {
        case .any: return []
        case .exact(let exact): name = exact
        case .wildcard(let suffix): name = suffix
        }
        var wider: [HostPattern] = []
        var rest = name[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            wider.append(.wildcard(String(rest)))
        }
        return wider + [.any]
    }

    /// Sorts the more specific first; a total order, so that the result never depends on chance.
    static func isMoreSpecific(_ left: HostPattern, _ right: HostPattern) -> Bool {
        let (a, b) = (left.rank, right.rank)
        return a == b ? left.text < right.text : a > b
    }

    private var rank: Int {
        switch self {
        case .exact(let name): 1000 + name.utf8.count
        case .wildcard(let suffix): 1 + suffix.utf8.count
        case .any: 0
        }
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
