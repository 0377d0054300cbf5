internal import SluiceShared

extension Draft {
    /// Translates one HTTPRoute; nothing is written for a route without a parent of ours.
    mutating func translateRoute(_ route: ManifestObject) {
        let attachments = attach(route)
        guard !attachments.isEmpty else { return }
        var broken: [Refusal] = []
        let rules = route.spec.list("rules").map { translateRule($0, route, &broken) }
        let listeners = count(attachments)
        if !listeners.isEmpty {
            var content: [String: JSON] = [
                "listeners": .array(listeners.map(JSON.string)), "order": order(route),
                // A route without rules is one rule that matches everything and leads nowhere.
                "rules": .array(rules.isEmpty ? [["backends": [["status": 500]]]] : rules),
            ]
            let hosts = route.spec.texts("hostnames")
            if !hosts.isEmpty { content["hosts"] = .array(hosts.map(JSON.string)) }
            put(.route, route.key.path, .object(content), from: route)
        }
        var status = ObjectStatus(route)
        status.parents = attachments.map { parent($0, broken) }
        result.statuses[route.key] = status
    }

    /// Counts the route at the listeners that took it, and names the documents that serve them.
    private mutating func count(_ attachments: [Attachment]) -> [String] {
        var documents: [String] = []
        var counted: Set<String> = []
        for attachment in attachments {
            guard case .success(let places) = attachment.outcome else { continue }
            for place in places where counted.insert("\(attachment.gateway) \(place)").inserted {
                gateways[attachment.gateway]?.listeners[place].attachedRoutes += 1
                let listener = gateways[attachment.gateway]?.listeners[place]
                documents += listener?.documents ?? []
            }
        }
        return documents.sorted()
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
        _ route: ManifestObject,
        _ broken: inout [Refusal]
    ) -> JSON {
        var content: [String: JSON] = [:]
        if let name = rule.text("name") { content["name"] = .string(name) }
        let matches = rule.list("matches")
        if !matches.isEmpty { content["matches"] = .array(matches.map(Matches.translate)) }
        let filters = translateFilters(rule, route, &broken)
        if let filters {
            if !filters.isEmpty { content["filters"] = .array(filters) }
            let answers = rule.list("filters").contains { $0.text("type") == "RequestRedirect" }
            let backends = translateBackends(rule, route, &broken)
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
        _ route: ManifestObject,
        _ broken: inout [Refusal]
    ) -> [JSON] {
        rule.list("backendRefs").map { reference in
            var content: [String: JSON] = [:]
            if let weight = reference.integer("weight") { content["weight"] = .integer(weight) }
            let isPlugin =
                reference.text("group") == Group.sluice && reference.text("kind") == Kind.plugin
            let resolution =
                isPlugin ? .found(reference.text("name") ?? "") : pool(reference, from: route)
            let filters = translateFilters(reference, route, &broken)
            switch (resolution, filters) {
            case (.found(let name), let filters?):
                content[isPlugin ? "plugin" : "pool"] = .string(name)
                if !filters.isEmpty { content["filters"] = .array(filters) }
            case (.found, nil): content["status"] = 500
            case (.failed(let refusal), _):
                content["status"] = 500
                note(refusal, at: reference, route, &broken)
            }
            return .object(content)
        }
    }

    /// Reports a reference of a route that leads nowhere.
    mutating func note(
        _ refusal: Refusal,
        at value: JSONValue,
        _ route: ManifestObject,
        _ broken: inout [Refusal]
    ) {
        if !broken.contains(refusal) { broken.append(refusal) }
        report(.object, route, at: value, refusal.reason, refusal.text)
    }
}
