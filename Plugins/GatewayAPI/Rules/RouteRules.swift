internal import SluiceShared

extension Rules {
    /// Matches of all rules of one route together.
    static let matchesMax = 128

    static let httpRoute = [
        Rule("Rule name must be unique within the route") { spec in
            repeated(spec.list("rules")) { $0.text("name") }
        },
        Rule(
            "While 16 rules and 64 matches per rule are allowed, the total number of matches "
                + "across all rules in a route must be less than \(matchesMax)"
        ) { spec in
            let total = spec.list("rules").reduce(0) { $0 + ($1["matches"]?.count ?? 0) }
            return total > matchesMax ? spec["rules"] : nil
        },
        Rule(
            "sectionName or port must be specified when parentRefs includes 2 or more references "
                + "to the same parent"
        ) { spec in
            sharedParents(spec).first {
                $0.present("sectionName") == nil && $0.present("port") == nil
            }
        },
        Rule(
            "sectionName or port must be unique when parentRefs includes 2 or more references to "
                + "the same parent"
        ) { spec in
            repeated(spec.list("parentRefs")) { reference in
                "\(parent(reference)) \(reference.text("sectionName") ?? "")"
                    + " \(reference.integer("port") ?? 0)"
            }
        },
    ]

    /// The references whose parent is named by another reference of the route too.
    private static func sharedParents(_ spec: JSONValue) -> [JSONValue] {
        var counts: [String: Int] = [:]
        let references = spec.list("parentRefs")
        for reference in references { counts[parent(reference), default: 0] += 1 }
        return references.filter { counts[parent($0)] ?? 0 > 1 }
    }

    private static func parent(_ reference: JSONValue) -> String {
        let group = reference.text("group") ?? Group.gateway
        let kind = reference.text("kind") ?? Kind.gateway
        let namespace = reference.text("namespace") ?? ""
        return "\(group) \(kind) \(namespace) \(reference.text("name") ?? "")"
    }

    static let httpRule =
        filterLists("filters") + [
            Rule("RequestRedirect filter must not be used together with backendRefs") { rule in
                !rule.list("backendRefs").isEmpty
                    ? rule.list("filters").first { $0.text("type") == "RequestRedirect" } : nil
            },
            prefixReplacement("RequestRedirect", "requestRedirect", within: nil),
            prefixReplacement("URLRewrite", "urlRewrite", within: nil),
            prefixReplacement("RequestRedirect", "requestRedirect", within: "backendRefs"),
            prefixReplacement("URLRewrite", "urlRewrite", within: "backendRefs"),
        ]

    static let backendRef = [servicePort] + filterLists("filters")

    /// What holds for each list of filters, of a rule and of a backend alike.
    private static func filterLists(_ list: String) -> [Rule] {
        let union = Rule(
            "May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, "
                + "but not both"
        ) { owner in
            let filters = owner.list(list)
            guard filters.contains(where: { $0.text("type") == "RequestRedirect" }) else {
                return nil
            }
            return filters.first { $0.text("type") == "URLRewrite" }
        }
        return [union]
            + HTTPFilters.onlyOnce.map { type in
                Rule("\(type) filter cannot be repeated") { owner in
                    repeated(owner.list(list)) { $0.text("type") == type ? type : nil }
                }
            }
    }

    private static func prefixReplacement(
        _ type: String,
        _ member: String,
        within: String?
    ) -> Rule {
        let place = within.map { "Within \($0), when" } ?? "When"
        return Rule(
            "\(place) using \(type) filter with path.replacePrefixMatch, exactly one PathPrefix "
                + "match must be specified"
        ) { rule in
            let owners = within.map { rule.list($0) } ?? [rule]
            let culprit = owners.lazy.flatMap { $0.list("filters") }.first { filter in
                filter[member]?["path"]?.text("type") == "ReplacePrefixMatch"
            }
            guard let culprit else { return nil }
            let matches = rule.list("matches")
            let isPrefix =
                matches.count == 1
                && (matches[0]["path"]?.text("type") ?? "PathPrefix") == "PathPrefix"
            return isPrefix ? nil : culprit
        }
    }

    static let path =
        [
            plain("value must be an absolute path and start with '/'") { !$0.hasPrefix("/") }
        ]
        + ["//", "/./", "/../", "%2f", "%2F", "#"].map { part in
            plain("must not contain '\(part)'") { $0.contains(part) }
        }
        + ["/..", "/."].map { end in
            plain("must not end with '\(end)'") { $0.hasSuffix(end) }
        }
        + [
            plain(
                "must only contain valid characters (matching "
                    + "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$)"
            ) { !isPathText($0) }
        ]

    /// A rule for the values of Exact and PathPrefix matches.
    private static func plain(
        _ message: String,
        _ isBroken: @escaping @Sendable (String) -> Bool
    ) -> Rule {
        Rule("\(message) when type one of ['Exact', 'PathPrefix']") { path in
            guard path.text("type") != "RegularExpression",
                let value = path["value"], let text = value.string, isBroken(text)
            else { return nil }
            return value
        }
    }

    static let timeouts = [
        Rule("backendRequest timeout cannot be longer than request timeout") { timeouts in
            guard let request = timeouts.text("request").flatMap(milliseconds), request > 0,
                let backend = timeouts.text("backendRequest").flatMap(milliseconds),
                backend > request
            else { return nil }
            return timeouts["backendRequest"]
        }
    ]

    static let session = [
        Rule("AbsoluteTimeout must be specified when cookie lifetimeType is Permanent") { session in
            session["cookieConfig"]?.text("lifetimeType") == "Permanent"
                && session.present("absoluteTimeout") == nil ? session : nil
        },
        Rule("cookieConfig can only be set with type Cookie") { session in
            session.text("type") == "Header" ? session.present("cookieConfig") : nil
        },
    ]
}

/// Whether every byte may stand in a path and every escape is whole (RFC 3986 section 3.3).
func isPathText(_ text: String) -> Bool {
    var escape = 0
    for byte in text.utf8 {
        if escape > 0 {
            guard isDigit(byte) || (byte | 0x20) &- 97 < 6 else { return false }
            escape -= 1
        } else if byte == UInt8(ascii: "%") {
            escape = 2
        } else {
            guard isAlphanumeric(byte) || "-/._~!$&'()*+,;=:@".utf8.contains(byte) else {
                return false
            }
        }
    }
    return escape == 0
}
