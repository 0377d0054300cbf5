internal import SluiceShared

extension Draft {
    /// One reference of a route to a parent that is ours to answer.
    struct Attachment {
        let reference: JSONValue
        /// Its place among the parentRefs.
        let place: Int
        let gateway: String
        /// Places of the listeners that took the route, or why none did.
        let outcome: Result<[Int], Refusal>
    }

    /// What became of each parentRef; those of other controllers are left out.
    mutating func attach(_ route: ManifestObject) -> [Attachment] {
        route.spec.list("parentRefs").enumerated().compactMap { place, reference in
            let target = target(
                of: reference,
                group: reference.text("group") ?? Group.gateway,
                kind: reference.text("kind") ?? Kind.gateway,
                from: route
            )
            guard target.group == Group.gateway, target.kind == Kind.gateway else { return nil }
            guard let gateway = gateways[target.path] else {
                if index.object(Kind.gateway, target.path) == nil {
                    report(
                        .object,
                        route,
                        at: reference,
                        "NoMatchingParent",
                        "there is no Gateway \(target.path)"
                    )
                }
                return nil
            }
            let outcome = Result { () throws(Refusal) in
                try listeners(for: route, reference, of: gateway)
            }
            if case .failure(let refusal) = outcome {
                report(.object, route, at: reference, refusal.reason, refusal.text)
            }
            return Attachment(
                reference: reference,
                place: place,
                gateway: target.path,
                outcome: outcome
            )
        }
    }

    /// The listeners that take the route: chosen by the reference, then by their own rules, then
    /// by host.
    private func listeners(
        for route: ManifestObject,
        _ reference: JSONValue,
        of gateway: GatewayDraft
    ) throws(Refusal) -> [Int] {
        let named = gateway.listeners.indices.filter { place in
            let listener = gateway.listeners[place]
            return (reference.text("sectionName") ?? listener.name) == listener.name
                && (reference.integer("port") ?? listener.port) == listener.port
        }
        guard !named.isEmpty else { throw noMatchingParent(reference, gateway) }
        let allowing = named.filter { allows(gateway.listeners[$0], route, gateway.object) }
        guard !allowing.isEmpty else {
            throw Refusal(
                "NotAllowedByListeners",
                "no listener of Gateway \(gateway.object.key.path) allows a \(route.key.kind) of "
                    + "namespace \(route.key.namespace); see its allowedRoutes"
            )
        }
        let hosts = route.spec.texts("hostnames")
        let fitting = allowing.filter { place in
            hosts.isEmpty
                || hosts.contains {
                    Hostname.intersection(gateway.listeners[place].hostname, $0) != nil
                }
        }
        guard !fitting.isEmpty else {
            throw Refusal(
                "NoMatchingListenerHostname",
                "none of the hostnames \(hosts.joined(separator: ", ")) fits a listener of "
                    + "Gateway \(gateway.object.key.path)"
            )
        }
        return fitting
    }

    private func noMatchingParent(_ reference: JSONValue, _ gateway: GatewayDraft) -> Refusal {
        var wanted: [String] = []
        if let name = reference.text("sectionName") { wanted.append("name \(quoted(name))") }
        if let port = reference.integer("port") { wanted.append("port \(port)") }
        var text =
            "Gateway \(gateway.object.key.path) has no listener with "
            + wanted.joined(separator: " and ")
        let names = gateway.listeners.map(\.name)
        if let name = reference.text("sectionName"), !names.contains(name) {
            if let near = nearest(name, among: names) {
                text += "; did you mean \(quoted(near))?"
            } else {
                text += "; it has \(names.joined(separator: ", "))"
            }
        }
        return Refusal("NoMatchingParent", text)
    }

    /// Whether the listener's own rules let a route of this kind and namespace in.
    private func allows(
        _ listener: ListenerDraft,
        _ route: ManifestObject,
        _ gateway: ManifestObject
    ) -> Bool {
        guard listener.supportedKinds.contains(route.key.kind) else { return false }
        let namespaces = listener.value["allowedRoutes"]?["namespaces"]
        switch namespaces?.text("from") ?? "Same" {
        case "All": return true
        case "Selector":
            guard let selector = namespaces?.present("selector") else { return false }
            let labels = index.labels(ofNamespace: route.key.namespace)
            return Selector.matches(selector, labels)
        default: return route.key.namespace == gateway.key.namespace
        }
    }
}

/// Host names of listeners and routes, of which the first label may be `*`.
enum Hostname {
    /// The hosts that both names stand for, as the more specific of the two; nil: none.
    ///
    /// A wildcard stands for one or more labels and never for the bare domain.
    static func intersection(_ listener: String?, _ route: String) -> String? {
        guard let listener, !listener.isEmpty, listener != route else { return route }
        switch (suffix(listener), suffix(route)) {
        case (nil, nil): return nil
        case (let wide?, nil): return route.hasSuffix(wide) ? route : nil
        case (nil, let wide?): return listener.hasSuffix(wide) ? listener : nil
        case (let left?, let right?):
            if right.hasSuffix(left) { return route }
            return left.hasSuffix(right) ? listener : nil
        }
    }

    /// Whether some host belongs to both listeners; an empty name is every host.
    static func overlap(_ one: String, _ other: String) -> Bool {
        one.isEmpty || other.isEmpty || intersection(one, other) != nil
    }

    /// `.a.test` of `*.a.test`; nil when the name is exact.
    private static func suffix(_ name: String) -> Substring? {
        name.hasPrefix("*.") ? name.dropFirst() : nil
    }
}

/// Label selectors of Kubernetes.
enum Selector {
    /// Whether the labels fit; a selector that says nothing fits everything.
    static func matches(_ selector: JSONValue, _ labels: [String: String]) -> Bool {
        selector.map("matchLabels").allSatisfy { labels[$0.key] == $0.value }
            && selector.list("matchExpressions").allSatisfy { holds($0, labels) }
    }

    private static func holds(_ expression: JSONValue, _ labels: [String: String]) -> Bool {
        let value = labels[expression.text("key") ?? ""]
        let values = expression.texts("values")
        return switch expression.text("operator") {
        case "In": value.map(values.contains) ?? false
        case "NotIn": !(value.map(values.contains) ?? false)
        case "Exists": value != nil
        case "DoesNotExist": value == nil
        default: false
        }
    }
}
