internal import SluiceBase

/// Merges the routes of each listener into tables by host and path, in the Gateway API's order.
struct RouteTables {
    /// The rules' actions, the same on every listener a route is attached to.
    private var hosts: [DocumentKey: [HostPattern: [HostPattern: PathChoices]]] = [:]

    /// Attaches a route to a listener; whether one of its hosts lies within the listener's.
    ///
    /// Call in the order of precedence: older routes first. `actions` has one for each rule.
    mutating func attach(_ route: RouteForm, to listener: ListenerForm, actions: [Int32]) -> Bool {
        var isAttached = false
        for host in route.hosts {
            guard let served = listener.hostname.intersection(host) else { continue }
            isAttached = true
            for (rule, action) in zip(route.rules, actions) {
                for path in rule.matches {
                    hosts[listener.key, default: [:]][served, default: [:]][host, default: .init()]
                        .offer(path, action: action)
                }
            }
        }
        return isAttached
    }

    /// Lays out the host table of a listener.
    ///
    /// Sets of paths form chains: a host's own, then those of less specific patterns that have the
    /// host, so that a path nobody has under the exact name is asked of the wildcard.
    func table(of listener: ListenerForm, in builder: inout SnapshotBuilder) -> HostTable {
        var heads: [HostPattern: Int32] = [:]
        let served = (hosts[listener.key] ?? [:]).sorted {
            HostPattern.isMoreSpecific($1.key, $0.key)
        }
        for (pattern, layers) in served {
            var next = RouteTables.nearest(heads, covering: pattern)
            let ordered = layers.sorted { HostPattern.isMoreSpecific($1.key, $0.key) }
            for (_, choices) in ordered { next = builder.pathSet(choices, next: next) }
            heads[pattern] = next
        }
        let sorted = heads.sorted { HostPattern.isMoreSpecific($0.key, $1.key) }
        return builder.hostTable(sorted.map { ($0.key, $0.value) })
    }

    /// The value of the most specific pattern that has every host of `pattern`, or -1.
    static func nearest(_ values: [HostPattern: Int32], covering pattern: HostPattern) -> Int32 {
        for wider in pattern.wider {
            if let value = values[wider] { return value }
        }
        return -1
    }
}

/// The paths of the routes with one host on one listener, each with the rule that wins it.
struct PathChoices {
    struct Choice {
        let action: Int32
        /// The length of the prefix as written: of `/v2/` and `/v2` the longer wins.
        let written: Int
    }

    private(set) var exact: [String: Choice] = [:]
    /// By prefix without its trailing slash; the prefix `/` is empty.
    private(set) var prefix: [String: Choice] = [:]

    /// Takes a match; of equals the first offered wins, so offer in the order of precedence.
    mutating func offer(_ path: RouteForm.Path, action: Int32) {
        switch path {
        case .exact(let text):
            if exact[text] == nil { exact[text] = Choice(action: action, written: text.utf8.count) }
        case .prefix(let text):
            let bare = text.hasSuffix("/") ? String(text.dropLast()) : text
            let choice = Choice(action: action, written: text.utf8.count)
            if let known = prefix[bare], known.written >= choice.written { return }
            prefix[bare] = choice
        }
    }

    /// The segments of a prefix without its trailing slash: `/a//b` has three, `` has none.
    static func segments(_ prefix: String) -> [String] {
        prefix.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .dropFirst().map { String(decoding: $0, as: UTF8.self) }
    }
}
