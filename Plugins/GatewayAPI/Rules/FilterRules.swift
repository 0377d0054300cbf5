internal import SluiceShared

extension Rules {
    /// A filter carries the member of its type, and no other.
    static let filter = HTTPFilters.members.flatMap { type, member in
        [
            Rule("filter.\(member) must be nil if the filter.type is not \(type)") { filter in
                filter.text("type") == type ? nil : filter.present(member)
            },
            Rule("filter.\(member) must be specified for \(type) filter.type") { filter in
                filter.text("type") == type && filter.present(member) == nil ? filter : nil
            },
        ]
    }

    static let fraction = [
        Rule("numerator must be less than or equal to denominator") { fraction in
            (fraction.integer("numerator") ?? 0) > (fraction.integer("denominator") ?? 100)
                ? fraction : nil
        }
    ]

    static let mirror = [
        Rule("Only one of percent or fraction may be specified in HTTPRequestMirrorFilter") {
            $0.present("percent") != nil ? $0.present("fraction") : nil
        }
    ]

    static let pathModifier =
        modifier("ReplaceFullPath", "replaceFullPath")
        + modifier("ReplacePrefixMatch", "replacePrefixMatch")

    private static func modifier(_ type: String, _ member: String) -> [Rule] {
        [
            Rule("\(member) must be specified when type is set to '\(type)'") { path in
                path.text("type") == type && path.present(member) == nil ? path : nil
            },
            Rule("type must be '\(type)' when \(member) is set") { path in
                path.text("type") == type ? nil : path.present(member)
            },
        ]
    }

    static let cors = [
        alone("AllowOrigins", "allowOrigins", "origins"),
        alone("AllowMethods", "allowMethods", "methods"),
        alone("AllowHeaders", "allowHeaders", "headers"),
    ]

    private static func alone(_ title: String, _ member: String, _ noun: String) -> Rule {
        Rule("\(title) cannot contain '*' alongside other \(noun)") { cors in
            let items = cors.list(member)
            return items.count > 1 ? items.first { $0.string == "*" } : nil
        }
    }

    static let externalAuth = [
        Rule("grpc must be specified when protocol is set to 'GRPC'") { auth in
            auth.text("protocol") == "GRPC" && auth.present("grpc") == nil ? auth : nil
        },
        Rule("protocol must be 'GRPC' when grpc is set") { auth in
            auth.text("protocol") == "GRPC" ? nil : auth.present("grpc")
        },
        Rule("http must be specified when protocol is set to 'HTTP'") { auth in
            auth.text("protocol") == "HTTP" && auth.present("http") == nil ? auth : nil
        },
        Rule("protocol must be 'HTTP' when http is set") { auth in
            auth.text("protocol") == "HTTP" ? nil : auth.present("http")
        },
    ]
}
