internal import SluiceShared

extension Draft {
    /// Translates one HTTPRoute; nothing is written for a route without a parent of ours.
    ///
    /// It becomes one document, unless its pools differ with the client certificates that its
    /// Gateways present: then one for each certificate.
    mutating func translateRoute(_ route: ManifestObject) {
        let attachments = attach(route)
        guard !attachments.isEmpty else { return }
        let listeners = count(attachments)
        var groups = Dictionary(grouping: listeners.keys) {
            gateways[$0]?.clientCertificate ?? .absent
        }
        // What is wrong with its references is reported even when no listener took the route.
        if groups.isEmpty { groups[.absent] = [] }
        var documents: [String: (rules: [JSON], listeners: [String])] = [:]
        var broken: [Refusal] = []
        for certificate in groups.keys.sorted() {
            let names = groups[certificate] ?? []
            var draft = RouteDraft(route, presenting: certificate)
            let rules = route.spec.list("rules").map { translateRule($0, &draft) }
            for backend in draft.backends {
                reached[backend.target, default: [:]][backend.port, default: []].formUnion(names)
            }
            documents[draft.name, default: (rules, [])].listeners +=
                names.flatMap { listeners[$0] ?? [] }
            broken = draft.broken
        }
        for (name, document) in documents where !document.listeners.isEmpty {
            put(route, name, document.rules, document.listeners)
        }
        var status = ObjectStatus(route)
        status.parents = attachments.map { parent($0, broken) }
        result.statuses[route.key] = status
    }

    private mutating func put(
        _ route: ManifestObject,
        _ name: String,
        _ rules: [JSON],
        _ listeners: [String]
    ) {
        var content: [String: JSON] = [
            "listeners": .array(listeners.sorted().map(JSON.string)), "order": order(route),
            // A route without rules is one rule that matches everything and leads nowhere.
            "rules": .array(rules.isEmpty ? [["backends": [["status": 500]]]] : rules),
        ]
        let hosts = route.spec.texts("hostnames")
        if !hosts.isEmpty { content["hosts"] = .array(hosts.map(JSON.string)) }
        put(.route, name, .object(content), from: route)
    }

    /// Counts the route at the listeners that took it, and names the documents that serve them,
    /// by Gateway.
    private mutating func count(_ attachments: [Attachment]) -> [String: [String]] {
        var documents: [String: [String]] = [:]
        var counted: Set<String> = []
        for attachment in attachments {
            guard case .success(let places) = attachment.outcome else { continue }
            let name = attachment.gateway
            for place in places where counted.insert("\(name) \(place)").inserted {
                gateways[name]?.listeners[place].attachedRoutes += 1
                let listener = gateways[name]?.listeners[place]
                documents[name, default: []] += listener?.documents ?? []
            }
        }
        return documents
    }

    private func parent(_ attachment: Attachment, _ broken: [Refusal]) -> ParentStatus {
        var reference = attachment.reference.json()
        reference["group"] = reference["group"] ?? .string(Group.gateway)
        reference["kind"] = reference["kind"] ?? .string(Kind.gateway)
        let accepted =
            switch attachment.outcome {
            case .success: Condition("Accepted", .yes, "Accepted")
            case .failure(let refusal): Condition("Accepted", .no, refusal.reason, refusal.text)
            }
        let texts = broken.map(\.text).joined(separator: "; ")
        let resolved =
            broken.first.map { Condition("ResolvedRefs", .no, $0.reason, texts) }
            ?? Condition("ResolvedRefs", .yes, "ResolvedRefs")
        return ParentStatus(reference: reference, conditions: [accepted, resolved])
    }

    private mutating func translateRule(
        _ rule: JSONValue,
        _ route: inout RouteDraft
    ) -> JSON {
        var content: [String: JSON] = [:]
        if let name = rule.text("name") { content["name"] = .string(name) }
        let matches = rule.list("matches")
        if !matches.isEmpty { content["matches"] = .array(matches.map(Matches.translate)) }
        let filters = translateFilters(rule, &route)
        if let filters {
            if !filters.isEmpty { content["filters"] = .array(filters) }
            let answers = rule.list("filters").contains { $0.text("type") == "RequestRedirect" }
            let backends = translateBackends(rule, &route)
            if !answers || !backends.isEmpty {
                content["backends"] = .array(backends.isEmpty ? [["status": 500]] : backends)
            }
        } else {
            // A filter that cannot be found must never be skipped (Gateway API, ExtensionRef).
            content["backends"] = [["status": 500]]
        }
        for (name, settings) in Traffic.translate(rule) { content[name] = settings }
        return .object(content)
    }

    private mutating func translateBackends(
        _ rule: JSONValue,
        _ route: inout RouteDraft
    ) -> [JSON] {
        rule.list("backendRefs").map { reference in
            var content: [String: JSON] = [:]
            if let weight = reference.integer("weight") { content["weight"] = .integer(weight) }
            let isPlugin =
                reference.text("group") == Group.sluice && reference.text("kind") == Kind.plugin
            let resolution =
                isPlugin ? .found(reference.text("name") ?? "") : pool(reference, from: &route)
            let filters = translateFilters(reference, &route)
            switch (resolution, filters) {
            case (.found(let name), let filters?):
                content[isPlugin ? "plugin" : "pool"] = .string(name)
                if !filters.isEmpty { content["filters"] = .array(filters) }
            case (.found, nil): content["status"] = 500
            case (.failed(let refusal), _):
                content["status"] = 500
                note(refusal, at: reference, &route)
            }
            return .object(content)
        }
    }

    /// Reports a reference of a route that leads nowhere.
    mutating func note(
        _ refusal: Refusal,
        at value: JSONValue,
        _ route: inout RouteDraft
    ) {
        route.note(refusal)
        report(.object, route.object, at: value, refusal.reason, refusal.text)
    }
}
