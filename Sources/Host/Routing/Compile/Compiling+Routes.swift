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

    private mutating func add(_ rule: RouteForm.Rule, of route: RouteForm) -> Int32 {
        let first = builder.picks.count
        var total: UInt64 = 0
        for share in rule.shares {
            let target = target(of: share, route)
            guard share.weight > 0 else { continue }
            total += share.weight
            builder.picks.append(PickRecord(upTo: total, target: target))
        }
        builder.actions.append(
            ActionRecord(
                routeName: builder.keep(route.key.name),
                requestTimeout: rule.requestTimeoutNanoseconds ?? world.requestTimeoutNanoseconds,
                backendTimeout: rule.backendTimeoutNanoseconds ?? Clock.never,
                firstPick: Int32(first),
                pickCount: Int32(builder.picks.count - first),
                weightTotal: total
            )
        )
        return Int32(builder.actions.count - 1)
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
