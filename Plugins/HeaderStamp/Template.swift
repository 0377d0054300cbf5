/// What is known of an exchange when it is stamped.
package struct StampFacts: Sendable, Equatable {
    /// The X-Request-Id, as origins see it.
    package var requestID: String
    /// The name of the matched route; empty for a listener of the host's own.
    package var route: String
    /// "ip:port" of the client.
    package var peer: String

    /// The facts of one exchange.
    package init(requestID: String, route: String, peer: String) {
        self.requestID = requestID
        self.route = route
        self.peer = peer
    }
}

/// A value with places for facts: `${request_id}`, `${route}` and `${peer}`.
package struct Template: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case text(String)
        case requestID, route, peer
    }

    private var parts: [Part] = []

    /// Names that a value may have between `${` and `}`.
    package static let names = ["request_id", "route", "peer"]

    /// Reads a value; nil: it has a name that is not among `names`, or one without an end.
    package init?(_ value: String) {
        var rest = Substring(value)
        while let start = rest.firstRange(of: "${") {
            if start.lowerBound > rest.startIndex {
                parts.append(.text(String(rest[..<start.lowerBound])))
            }
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { return nil }
            switch rest[start.upperBound..<end] {
            case "request_id": parts.append(.requestID)
            case "route": parts.append(.route)
            case "peer": parts.append(.peer)
            default: return nil
            }
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
    }

    /// The value with the facts in place.
    package func text(_ facts: StampFacts) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let words): text += words
            case .requestID: text += facts.requestID
            case .route: text += facts.route
            case .peer: text += facts.peer
            }
        }
        return text
    }
}
