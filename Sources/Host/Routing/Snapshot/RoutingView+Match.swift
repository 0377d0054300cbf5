internal import SluiceBase

/// The walk from host to path; each step is one or a few look-ups in the index.
extension RoutingView {
    /// The value of the most specific name for `host`: exact, longest wildcard, any; or -1.
    func mostSpecific(_ table: HostTable, _ host: Bytes) -> Int32 {
        if table.hasExact {
            let found = index.find(scope: table.scope, host: host)
            if found >= 0 { return found }
        }
        if table.wildcardLabels != 0 {
            var walk = WildcardWalk(table: table, host: host)
            while walk.next() {
                let found = index.find(scope: table.scope &+ 1, host: walk.suffix)
                if found >= 0 { return found }
            }
        }
        return table.any
    }

    /// An exact path, else the longest prefix by whole segments (Gateway API, HTTPPathMatch); when
    /// the set has neither, the same in the next one.
    func match(set: Int32, _ path: Bytes) -> RouteMatch {
        guard !path.isEmpty, path[0] == UInt8(ascii: "/") else { return .notFound }
        var number = set
        while number >= 0 {
            let set = pathSets[Int(number)]
            if path.count <= Int(set.exactBytesMax) {
                let action = index.find(scope: set.scope, path)
                if action >= 0 { return .found(action: action, prefixLength: Int32(path.count)) }
            }
            let match = longestPrefix(from: nodes[Int(set.root)], path)
            if match != .notFound { return match }
            number = set.next
        }
        return .notFound
    }

    private func longestPrefix(from root: PathNode, _ path: Bytes) -> RouteMatch {
        var node = root
        var best = node.action
        var bestEnd = 0
        var slash = 0
        while node.hasChildren && slash < path.count {
            let next = path.index(of: UInt8(ascii: "/"), from: slash &+ 1)
            let end = next < 0 ? path.count : next
            let segment = path.slice(slash &+ 1, end &- slash &- 1)
            let child = index.find(scope: node.scope, segment)
            guard child >= 0 else { break }
            node = nodes[Int(child)]
            slash = end
            if node.action >= 0 {
                best = node.action
                bestEnd = end
            }
        }
        guard best >= 0 else { return .notFound }
        return .found(action: best, prefixLength: Int32(bestEnd))
    }
}

/// Visits the suffixes of a host that some wildcard of the table could have, longest first.
struct WildcardWalk {
    private let wildcardLabels: UInt64
    private let host: Bytes
    private var labels: Int
    private var start = 0

    init(table: HostTable, host: Bytes) {
        wildcardLabels = table.wildcardLabels
        self.host = host
        labels = host.isEmpty || host.count > RoutingView.hostBytesMax ? 0 : HostName.labels(host)
    }

    /// What follows the dot of the present step.
    var suffix: Bytes { host.from(start) }

    /// Goes to the next suffix; false when there is none.
    mutating func next() -> Bool {
        while labels > 1 {
            let dot = host.index(of: UInt8(ascii: "."), from: start)
            start = dot &+ 1
            labels &-= 1
            if dot > 0 && wildcardLabels & HostName.labelsBit(labels) != 0 { return true }
        }
        return false
    }
}

/// How a host is read on the data path.
enum HostName {
    /// The host without its port and without a trailing dot (RFC 9110 7.2, RFC 3986 3.2.2).
    static func bare(_ host: Bytes) -> Bytes {
        var end = host.count
        if end > 0 && host[0] == UInt8(ascii: "[") {
            let bracket = host.index(of: UInt8(ascii: "]"))
            if bracket >= 0 { end = bracket &+ 1 }
        } else {
            let colon = host.index(of: UInt8(ascii: ":"))
            if colon >= 0 { end = colon }
        }
        if end > 1 && host[end &- 1] == UInt8(ascii: ".") { end &-= 1 }
        return host.prefix(end)
    }

    /// One more than the number of dots.
    static func labels(_ host: Bytes) -> Int {
        var count = 1
        var dot = host.index(of: UInt8(ascii: "."))
        while dot >= 0 {
            count &+= 1
            dot = host.index(of: UInt8(ascii: "."), from: dot &+ 1)
        }
        return count
    }

    /// The bit of `HostTable.wildcardLabels` of suffixes with `labels` labels.
    static func labelsBit(_ labels: Int) -> UInt64 { 1 << UInt64(min(labels, 63)) }
}
