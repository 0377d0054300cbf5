internal import SluiceBase

/// Routes: the listeners they are attached to, and the actions of their rules.
extension Compiling {
    /// Merges all routes into the tables of their listeners, the older first.
    mutating func attachRoutes(to serving: [DocumentKey: ListenerForm]) -> RouteTables {
        var tables = RouteTables()
        let routes = routes.sorted { (rank($0.key), $0.age) < (rank($1.key), $1.age) }
        for route in routes {
            let listeners = resolve(route, serving)
            guard !listeners.isEmpty else { continue }
            reportPaths(of: route, on: listeners)
            let actions = route.rules.enumerated().map { add($0.element, of: route) }
            var isAttached = false
            for listener in listeners {
                if tables.attach(route, to: listener, actions: actions) { isAttached = true }
            }
            guard !isAttached else { continue }
            let hosts = route.hosts.map(\.text).joined(separator: ", ")
            report(
                .noMatchingHostname,
                .object,
                route.key,
                pointer: "/hosts",
                "none of \(hosts) lies within the hostname of a listener it names: the route is "
                    + "left out"
            )
        }
        return tables
    }

    /// The listeners that serve among those the route names; unknown names are reported.
    private mutating func resolve(
        _ route: RouteForm,
        _ serving: [DocumentKey: ListenerForm]
    ) -> [ListenerForm] {
        var listeners: [ListenerForm] = []
        var unknown: [(pointer: String, name: String)] = []
        var seen: Set<String> = []
        for (index, name) in route.listeners.enumerated() where seen.insert(name).inserted {
            let key = DocumentKey(instance: route.key.instance, kind: .listener, name: name)
            if let listener = serving[key] {
                listeners.append(listener)
            } else if world.documents[key] == nil {
                unknown.append(("/listeners/\(index)", name))
            }
        }
        for (pointer, name) in unknown {
            let isLost = unknown.count == seen.count
            report(
                .unknownListener,
                isLost ? .object : .warning,
                route.key,
                pointer: pointer,
                "there is no listener \"\(name)\": "
                    + (isLost ? "the route is left out" : "the route serves on the others")
            )
        }
        return listeners
    }

    /// Reports each match whose path no request has on one of the listeners: it is left out there.
    private mutating func reportPaths(of route: RouteForm, on listeners: [ListenerForm]) {
        for match in route.rules.flatMap(\.matches) {
            let without = listeners.filter { match.path.canonical($0.pathOptions) == nil }
            guard let first = without.first else { continue }
            let names = without.map { "\"\($0.key.name)\"" }.joined(separator: ", ")
            let refused = first.rejectsEscapedSlashes ? "%00, %2F and %5C" : "%00"
            report(
                .badPath,
                .warning,
                route.key,
                pointer: match.pointer,
                "no request on listener \(names) has the path \"\(match.path.text)\": the match is "
                    + "left out there; expected a path without \(refused), without dot segments "
                    + "that climb above the root and without those beside \";\", %2F or %5C; write "
                    + "the path that requests have, or remove the match"
            )
        }
    }

    private mutating func add(_ rule: RouteForm.Rule, of route: RouteForm) -> Int32 {
        let first = builder.picks.count
        var total: UInt64 = 0
        var filters = entries(rule.filters, of: route, "every request of the rule is answered")
        if let known = filters, known.count > FilterChain.entriesMax {
            release(known)
            filters = nil
            reportTooManyFilters(route, at: rule.pointer, "every request of the rule is")
        }
        for share in rule.shares {
            let target = target(of: share, route)
            guard share.weight > 0, let filters else { continue }
            total += share.weight
            builder.picks.append(pick(share, target, filters, route, upTo: total))
        }
        if let filters, total == 0, !filters.isEmpty {
            // Filters may answer where no backend does.
            total = 1
            let chain = chain(filters, [])
            builder.picks.append(PickRecord(upTo: 1, target: .status(500), chain: chain))
        }
        release(filters ?? [])
        builder.actions.append(
            ActionRecord(
                routeName: builder.keep(route.key.name),
                source: route.key.instance.withBytes { RoutingView.source($0) },
                requestTimeout: rule.requestTimeoutNanoseconds ?? world.requestTimeoutNanoseconds,
                backendTimeout: rule.backendTimeoutNanoseconds ?? Clock.never,
                firstPick: Int32(first),
                pickCount: Int32(builder.picks.count - first),
                weightTotal: total
            )
        )
        return Int32(builder.actions.count - 1)
    }

    /// One backend of a rule with the filters that its requests pass.
    private mutating func pick(
        _ share: RouteForm.Share,
        _ target: Target,
        _ rule: [(entry: FilterEntry, claim: UInt64)],
        _ route: RouteForm,
        upTo total: UInt64
    ) -> PickRecord {
        let own = entries(share.filters, of: route, "its share of the requests is answered")
        guard let own else { return PickRecord(upTo: total, target: .status(500), chain: .none) }
        defer { release(own) }
        guard rule.count + own.count <= FilterChain.entriesMax else {
            reportTooManyFilters(route, at: share.pointer, "its share of the requests is")
            return PickRecord(upTo: total, target: .status(500), chain: .none)
        }
        return PickRecord(upTo: total, target: target, chain: chain(rule, own))
    }

    /// An invalid reference takes its share of the requests to a 500 (Gateway API, BackendRef).
    private mutating func target(of share: RouteForm.Share, _ route: RouteForm) -> Target {
        switch share.backend {
        case .status(let status):
            return .status(status)
        case .pool(let name):
            let key = DocumentKey(instance: route.key.instance, kind: .pool, name: name)
            if let reference = poolReferences[key] { return .pool(reference) }
            let isKnown = world.documents[key] != nil
            report(
                isKnown ? .poolLeftOut : .unknownPool,
                .warning,
                route.key,
                pointer: share.pointer + "/pool",
                (isKnown ? "pool \"\(name)\" is left out" : "there is no pool \"\(name)\"")
                    + ": its share of the requests is answered 500"
            )
        case .plugin(let name):
            let namespace = route.namespace
            if let service = world.services[name] {
                if service.admits(namespace: namespace) { return .service(service.slot) }
                report(
                    .notPermitted,
                    .warning,
                    route.key,
                    pointer: share.pointer + "/plugin",
                    "plugin \"\(name)\" is not exposed to namespace \"\(namespace)\": its share of "
                        + "the requests is answered 500; add the namespace to its expose setting"
                )
            } else {
                report(
                    .unknownPlugin,
                    .warning,
                    route.key,
                    pointer: share.pointer + "/plugin",
                    "there is no plugin \"\(name)\" with a service: its share of the requests is "
                        + "answered 500"
                )
            }
        }
        return .status(500)
    }
}

/// Merges the routes of each listener into tables by host and path, in the Gateway API's order.
struct RouteTables {
    /// The rules' actions, the same on every listener a route is attached to.
    private var hosts: [DocumentKey: [HostPattern: [HostPattern: PathChoices]]] = [:]

    /// Attaches a route to a listener; whether one of its hosts lies within the listener's.
    ///
    /// Its paths get the form that requests on that listener are matched in.
    /// Call in the order of precedence: older routes first. `actions` has one for each rule.
    mutating func attach(_ route: RouteForm, to listener: ListenerForm, actions: [Int32]) -> Bool {
        var isAttached = false
        for host in route.hosts {
            guard let served = listener.hostname.intersection(host) else { continue }
            isAttached = true
            for (rule, action) in zip(route.rules, actions) {
                for match in rule.matches {
                    // What no request has is left out, and reported.
                    guard let path = match.path.canonical(listener.pathOptions) else { continue }
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
