internal import SluiceBase

/// Filters: from the names of a rule to the chains that its requests pass.
extension Compiling {
    /// Tells plugins what they will be asked to take, so that they work side by side.
    func prepareFilters() {
        guard let configurations else { return }
        for route in routes {
            for filter in route.rules.flatMap({ $0.filters + $0.shares.flatMap(\.filters) }) {
                guard let slot = world.filters[filter.plugin]?.slot else { continue }
                configurations.prepare(filter: slot, filter.configuration)
            }
        }
    }

    /// The entries of filters with their claims; nil when one of them cannot serve, which is
    /// reported: `outcome` says what becomes of the requests.
    mutating func entries(
        _ filters: [FilterForm],
        of route: RouteForm,
        _ outcome: String
    ) -> [(entry: FilterEntry, claim: UInt64)]? {
        var entries: [(entry: FilterEntry, claim: UInt64)] = []
        for filter in filters {
            guard let found = entry(filter, of: route, outcome) else {
                release(entries)
                return nil
            }
            entries.append(found)
        }
        return entries
    }

    private mutating func entry(
        _ filter: FilterForm,
        of route: RouteForm,
        _ outcome: String
    ) -> (entry: FilterEntry, claim: UInt64)? {
        let pointer = filter.pointer + "/plugin"
        guard let known = world.filters[filter.plugin], let configurations else {
            report(
                .unknownPlugin,
                .warning,
                route.key,
                pointer: pointer,
                "there is no plugin \"\(filter.plugin)\" with a filter: \(outcome) 500"
            )
            return nil
        }
        guard known.admits(namespace: route.namespace) else {
            report(
                .notPermitted,
                .warning,
                route.key,
                pointer: pointer,
                "plugin \"\(filter.plugin)\" is not exposed to namespace \"\(route.namespace)\": "
                    + "\(outcome) 500; add the namespace to its expose setting"
            )
            return nil
        }
        switch configurations.resolve(filter: known.slot, filter.configuration) {
        case .ready(let value, let claim):
            filterHash = filterHash &* 31 &+ claim
            let entry = FilterEntry(kind: .plugin, index: known.slot, configuration: value)
            return (entry, claim)
        case .pending:
            filterHash = filterHash &* 31 &+ 1
            report(
                .filterPending,
                .warning,
                route.key,
                pointer: pointer,
                "plugin \"\(filter.plugin)\" has not taken the configuration yet: \(outcome) 500 "
                    + "until it has"
            )
        case .refused(let text, let inner):
            filterHash = filterHash &* 31 &+ 2
            report(
                .badFilter,
                .warning,
                route.key,
                pointer: filter.pointer + "/config" + inner,
                "plugin \"\(filter.plugin)\" refuses the configuration: \(text): \(outcome) 500"
            )
        }
        return nil
    }

    mutating func reportTooManyFilters(_ route: RouteForm, at pointer: String, _ what: String) {
        report(
            .tooMany,
            .warning,
            route.key,
            pointer: pointer,
            "expected at most \(FilterChain.entriesMax) filters of a rule and a backend together: "
                + "\(what) answered 500"
        )
    }

    /// Gives claims back that no chain has.
    func release(_ entries: [(entry: FilterEntry, claim: UInt64)]) {
        for (_, claim) in entries { configurations?.release(claim) }
    }

    /// A chain of a rule's entries and a backend's, with claims of its own.
    mutating func chain(
        _ rule: [(entry: FilterEntry, claim: UInt64)],
        _ backend: [(entry: FilterEntry, claim: UInt64)]
    ) -> FilterChain {
        let all = rule + backend
        guard !all.isEmpty else { return .none }
        let chain = FilterChain(all.map(\.entry))
        for (_, claim) in all { configurations?.retain(claim) }
        chains.add(chain, claims: all.map(\.claim))
        return chain
    }
}
