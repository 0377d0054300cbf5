internal import SluiceShared

/// Matches of an HTTPRoute rule.
enum Matches {
    static func translate(
        _ match: JSONValue,
        at passage: Passage,
        _ trail: inout Trail
    ) -> JSON {
        trail.note(passage, match)
        var content: [String: JSON] = [:]
        if let path = match.present("path") {
            trail.note(passage.inside("path"), path)
            let value = path.text("value") ?? "/"
            content["path"] = [kind(path.text("type") ?? "PathPrefix"): .string(value)]
        }
        if let method = match.text("method") {
            trail.note(passage.inside("method"), match["method"])
            content["method"] = .string(method)
        }
        for (member, source) in [("headers", "headers"), ("query", "queryParams")] {
            let place = passage.inside(member, source)
            trail.note(place, match.present(source))
            let found = conditions(match.list(source), at: place, &trail) {
                member == "headers" ? $0.lowercased() : $0
            }
            if !found.isEmpty { content[member] = .array(found) }
        }
        return .object(content)
    }

    /// Conditions on headers or parameters; of several with one name only the first counts.
    private static func conditions(
        _ items: [JSONValue],
        at passage: Passage,
        _ trail: inout Trail,
        _ identity: (String) -> String
    ) -> [JSON] {
        var seen: Set<String> = []
        var found: [JSON] = []
        for (place, item) in items.enumerated() {
            let name = item.text("name") ?? ""
            guard seen.insert(identity(name)).inserted else { continue }
            trail.note(passage.inside("\(found.count)", "\(place)"), item)
            let value = JSON.string(item.text("value") ?? "")
            found.append(["name": .string(name), kind(item.text("type") ?? "Exact"): value])
        }
        return found
    }

    private static func kind(_ type: String) -> String {
        switch type {
        case "PathPrefix": "prefix"
        case "RegularExpression": "regex"
        default: "exact"
        }
    }
}

/// Timeouts, retries and session persistence of a rule.
enum Traffic {
    /// The header that carries a session when the rule names none.
    static let sessionHeader = "x-sluice-session"

    /// The members of a rule document, by name.
    static func translate(
        _ rule: JSONValue,
        at passage: Passage,
        _ trail: inout Trail
    ) -> [(String, JSON)] {
        var members: [(String, JSON)] = []
        if let timeouts = rule.present("timeouts") {
            let place = passage.inside("timeouts")
            trail.note(place, timeouts)
            var content: [String: JSON] = [:]
            for (name, member) in [("request", "request"), ("backendRequest", "backend")] {
                guard let text = timeouts.text(name) else { continue }
                trail.note(place.inside(member, name), timeouts[name])
                content[member] = .string(text)
            }
            members.append(("timeouts", .object(content)))
        }
        if let retry = rule.present("retry") {
            trail.note(passage.inside("retry"), retry)
            members.append(("retry", translate(retry: retry)))
        }
        if let session = rule.present("sessionPersistence") {
            trail.note(passage.inside("session", "sessionPersistence"), session)
            members.append(("session", translate(session: session)))
        }
        return members
    }

    private static func translate(retry: JSONValue) -> JSON {
        // The Gateway API leaves the number open when only codes are given: one more try.
        var content: [String: JSON] = ["attempts": .integer(retry.integer("attempts") ?? 1)]
        let codes = retry.list("codes").compactMap(\.int64)
        if !codes.isEmpty { content["codes"] = .array(codes.map(JSON.integer)) }
        if let backoff = retry.text("backoff") { content["backoff"] = .string(backoff) }
        return .object(content)
    }

    private static func translate(session: JSONValue) -> JSON {
        var content: [String: JSON] = [:]
        let name = session.text("sessionName")
        if session.text("type") == "Header" {
            content["header"] = ["name": .string(name ?? sessionHeader)]
        } else {
            var cookie: [String: JSON] = [:]
            cookie["name"] = name.map(JSON.string)
            cookie["lifetimeType"] = session["cookieConfig"]?.text("lifetimeType").map(JSON.string)
            content["cookie"] = .object(cookie)
        }
        content["absoluteTimeout"] = session.text("absoluteTimeout").map(JSON.string)
        return .object(content)
    }
}
