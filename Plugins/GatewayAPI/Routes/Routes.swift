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
        var documents: [String: RouteContent] = [:]
        var broken: [Refusal] = []
        for certificate in groups.keys.sorted() {
            let names = groups[certificate] ?? []
            var draft = RouteDraft(route, presenting: certificate)
            var content = RouteContent()
            for (place, rule) in route.spec.list("rules").enumerated() {
                let passage = Passage("/rules/\(place)", "/spec/rules/\(place)")
                content.rules.append(translateRule(rule, at: passage, &draft))
            }
            content.trail = draft.trail
            for backend in draft.backends {
                reached[backend.target, default: [:]][backend.port, default: []].formUnion(names)
            }
            documents[draft.name, default: content].listeners +=
                names.flatMap { listeners[$0] ?? [] }
            broken = draft.broken
        }
        for (name, document) in documents where !document.listeners.isEmpty {
            put(route, name, document)
        }
        var status = ObjectStatus(route)
        status.parents = attachments.map { parent($0, broken) }
        result.statuses[route.key] = status
    }

    private mutating func put(
        _ route: ManifestObject,
        _ name: String,
        _ document: RouteContent
    ) {
        let rules = document.rules
        let listeners = document.listeners.sorted { $0.document < $1.document }
        var content: [String: JSON] = [
            "listeners": .array(listeners.map { .string($0.document) }), "order": order(route),
            // A route without rules is one rule that matches everything and leads nowhere.
            "rules": .array(rules.isEmpty ? [["backends": [["status": 500]]]] : rules),
        ]
        var trail = document.trail
        for (place, listener) in listeners.enumerated() {
            let parent = listener.attachment
            let source = "/spec/parentRefs/\(parent.place)"
            trail.note(Passage("/listeners/\(place)", source), parent.reference)
        }
        let hosts = route.spec.list("hostnames")
        if !hosts.isEmpty {
            content["hosts"] = .array(hosts.compactMap { $0.string.map(JSON.string) })
            trail.note(Passage("/hosts", "/spec/hostnames"), route.spec["hostnames"])
            trail.note(Passage("/hosts", "/spec/hostnames"), items: hosts)
        }
        put(.route, name, .object(content), from: route, trail)
    }

    /// Counts the route at the listeners that took it, and names the documents that serve them,
    /// by Gateway.
    private mutating func count(_ attachments: [Attachment]) -> [String: [RouteContent.Listener]] {
        var documents: [String: [RouteContent.Listener]] = [:]
        var counted: Set<String> = []
        for attachment in attachments {
            guard case .success(let places) = attachment.outcome else { continue }
            let name = attachment.gateway
            for place in places where counted.insert("\(name) \(place)").inserted {
                gateways[name]?.listeners[place].attachedRoutes += 1
                let listener = gateways[name]?.listeners[place]
                documents[name, default: []] += (listener?.documents ?? []).map { document in
                    RouteContent.Listener(document: document, attachment: attachment)
                }
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
        at passage: Passage,
        _ route: inout RouteDraft
    ) -> JSON {
        route.trail.note(passage, rule)
        var content: [String: JSON] = [:]
        if let name = rule.text("name") { content["name"] = .string(name) }
        let matches = rule.list("matches")
        if !matches.isEmpty {
            let translated = matches.enumerated().map { place, match in
                let passage = passage.inside("matches/\(place)")
                return Matches.translate(match, at: passage, &route.trail)
            }
            content["matches"] = .array(translated)
        }
        let filters = translateFilters(rule, at: passage, &route)
        if let filters {
            if !filters.isEmpty { content["filters"] = .array(filters) }
            let answers = rule.list("filters").contains { $0.text("type") == "RequestRedirect" }
            let backends = translateBackends(rule, at: passage, &route)
            if !answers || !backends.isEmpty {
                content["backends"] = .array(backends.isEmpty ? [["status": 500]] : backends)
            }
        } else {
            // A filter that cannot be found must never be skipped (Gateway API, ExtensionRef).
            content["backends"] = [["status": 500]]
        }
        for (name, settings) in Traffic.translate(rule, at: passage, &route.trail) {
            content[name] = settings
        }
        return .object(content)
    }

    private mutating func translateBackends(
        _ rule: JSONValue,
        at passage: Passage,
        _ route: inout RouteDraft
    ) -> [JSON] {
        rule.list("backendRefs").enumerated().map { place, reference in
            let passage = passage.inside("backends/\(place)", "backendRefs/\(place)")
            route.trail.note(passage, reference)
            var content: [String: JSON] = [:]
            if let weight = reference.integer("weight") { content["weight"] = .integer(weight) }
            let isPlugin =
                reference.text("group") == Group.sluice && reference.text("kind") == Kind.plugin
            let resolution =
                isPlugin ? .found(reference.text("name") ?? "") : pool(reference, from: &route)
            let filters = translateFilters(reference, at: passage, &route)
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
