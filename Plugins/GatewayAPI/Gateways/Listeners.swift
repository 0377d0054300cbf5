internal import SluiceShared

extension Draft {
    /// Route kinds by protocol; an empty list belongs to a protocol whose routes are not read.
    private static let routeKinds = [
        "HTTP": [Kind.httpRoute], "HTTPS": [Kind.httpRoute], "TLS": [], "TCP": [], "UDP": [],
    ]

    /// Decides for each listener whether it can be served, and by which kinds of route.
    func judge(_ gateway: inout GatewayDraft) {
        for place in gateway.listeners.indices {
            judgeProtocol(&gateway.listeners[place])
        }
        judgeConflicts(&gateway.listeners)
        judgeOverlaps(&gateway.listeners)
    }

    private func judgeProtocol(_ listener: inout ListenerDraft) {
        guard let kinds = Self.routeKinds[listener.protocol] else {
            let known = Self.routeKinds.keys.sorted()
            var text = "unknown protocol \(quoted(listener.protocol))"
            text += "; expected one of \(known.joined(separator: ", "))"
            listener.rejected = Refusal("UnsupportedProtocol", text)
            return
        }
        listener.supportedKinds = kinds
        let asked = listener.value["allowedRoutes"]?.list("kinds") ?? []
        guard !asked.isEmpty else { return }
        let isKnown = { (kind: JSONValue) in
            (kind.text("group") ?? Group.gateway) == Group.gateway
                && kinds.contains(kind.text("kind") ?? "")
        }
        let named = Set(asked.filter(isKnown).compactMap { $0.text("kind") })
        listener.supportedKinds = kinds.filter(named.contains)
        guard let stranger = asked.first(where: { !isKnown($0) }) else { return }
        let text =
            "routes of kind \(quoted(stranger.text("kind") ?? "")) cannot attach to a listener of "
            + "protocol \(listener.protocol)"
        listener.unresolved = Refusal("InvalidRouteKinds", text)
    }

    /// Listeners of one port must speak one thing, and may not claim the same hosts twice.
    private func judgeConflicts(_ listeners: inout [ListenerDraft]) {
        let sharers = Dictionary(grouping: listeners.indices.filter { listeners[$0].isUsable }) {
            "\(listeners[$0].port) \(listeners[$0].protocol == "UDP" ? "UDP" : "TCP")"
        }
        for places in sharers.values where places.count > 1 {
            let names = places.map { listeners[$0].name }.joined(separator: ", ")
            let hosts = Dictionary(grouping: places) { listeners[$0].hostname }
            let isMixed = Set(places.map { listeners[$0].transport }).count > 1
            for place in places {
                let port = listeners[place].port
                if isMixed {
                    listeners[place].conflicted = Refusal(
                        "ProtocolConflict",
                        "listeners \(names) ask for different protocols on port \(port)"
                    )
                } else if hosts[listeners[place].hostname]?.count ?? 0 > 1 {
                    listeners[place].conflicted = Refusal(
                        "HostnameConflict",
                        "listeners \(names) ask for the same hostname on port \(port)"
                    )
                }
            }
        }
    }

    /// Finds the HTTPS listeners of one port that share hosts.
    ///
    /// They are served; but a client may use one connection for hosts of both.
    private func judgeOverlaps(_ listeners: inout [ListenerDraft]) {
        let places = listeners.indices.filter { listeners[$0].protocol == "HTTPS" }
        for place in places {
            let listener = listeners[place]
            let others = places.filter { other in
                other != place && listeners[other].port == listener.port
                    && Hostname.overlap(listeners[other].hostname, listener.hostname)
            }
            listeners[place].overlapping = others.map { listeners[$0].name }
        }
    }

    /// Puts the documents of one listener: one for each address that the Gateway requests.
    mutating func publish(
        _ listener: inout ListenerDraft,
        _ gateway: ManifestObject
    ) {
        if let cause = listener.rejected ?? listener.conflicted ?? listener.unresolved {
            report(.object, gateway, at: listener.value, cause.reason, cause.text)
        }
        guard listener.isUsable else { return }
        var content: [String: JSON] = [
            "port": .integer(listener.port), "protocol": .string(listener.protocol),
            "order": order(gateway),
        ]
        listener.trail.note(listener.passage, listener.value)
        for member in ["port", "protocol", "hostname"] {
            listener.trail.note(listener.passage.inside(member), listener.value[member])
        }
        if !listener.hostname.isEmpty { content["hostname"] = .string(listener.hostname) }
        if let tls = listener.value.present("tls") {
            guard let settings = terminate(tls, &listener, gateway) else { return }
            content["tls"] = settings
        }
        let name = "\(gateway.key.path)/\(listener.name)"
        let addresses = gateway.spec.list("addresses").enumerated().compactMap { place, value in
            value.text("value").flatMap { $0.isEmpty ? nil : (place, value, $0) }
        }
        guard !addresses.isEmpty else {
            return put(&listener, name, .object(content), gateway, listener.trail)
        }
        for (place, value, address) in addresses {
            content["address"] = .string(address)
            var trail = listener.trail
            trail.note(Passage("/address", "/spec/addresses/\(place)"), value)
            let document = addresses.count > 1 ? "\(name)@\(address)" : name
            put(&listener, document, .object(content), gateway, trail)
        }
    }

    private mutating func put(
        _ listener: inout ListenerDraft,
        _ name: String,
        _ content: JSON,
        _ gateway: ManifestObject,
        _ trail: Trail
    ) {
        put(.listener, name, content, from: gateway, at: listener.value, trail)
        listener.documents.append(name)
    }

    /// Age and name, by which the host settles ties.
    func order(_ object: ManifestObject) -> JSON {
        var order: [String: JSON] = ["name": .string(object.key.path)]
        if !object.created.isEmpty { order["created"] = .string(object.created) }
        return .object(order)
    }
}
