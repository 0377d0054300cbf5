internal import SluiceShared

/// Matches of an HTTPRoute rule.
enum Matches {
    static func translate(_ match: JSONValue) -> JSON {
        var content: [String: JSON] = [:]
        if let path = match.present("path") {
            let value = path.text("value") ?? "/"
            content["path"] = [kind(path.text("type") ?? "PathPrefix"): .string(value)]
        }
        if let method = match.text("method") { content["method"] = .string(method) }
        let headers = conditions(match.list("headers")) { $0.lowercased() }
        if !headers.isEmpty { content["headers"] = .array(headers) }
        let query = conditions(match.list("queryParams")) { $0 }
        if !query.isEmpty { content["query"] = .array(query) }
        return .object(content)
    }

    /// Conditions on headers or parameters; of several with one name only the first counts.
    private static func conditions(
        _ items: [JSONValue],
        _ identity: (String) -> String
    ) -> [JSON] {
        var seen: Set<String> = []
        return items.compactMap { item in
            let name = item.text("name") ?? ""
            guard seen.insert(identity(name)).inserted else { return nil }
            let value = JSON.string(item.text("value") ?? "")
            return ["name": .string(name), kind(item.text("type") ?? "Exact"): value]
        }
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
    static func translate(_ rule: JSONValue) -> [(String, JSON)] {
        var members: [(String, JSON)] = []
        if let timeouts = rule.present("timeouts") {
            let pairs = [("request", "request"), ("backendRequest", "backend")]
            let named = pairs.compactMap { name, member in
                timeouts.text(name).map { (member, JSON.string($0)) }
            }
            members.append(("timeouts", .object(Dictionary(uniqueKeysWithValues: named))))
        }
        if let retry = rule.present("retry") { members.append(("retry", translate(retry: retry))) }
        if let session = rule.present("sessionPersistence") {
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
