internal import SluiceShared

extension Draft {
    /// The filters of a rule or backend in order; nil when one of them cannot be found.
    mutating func translateFilters(
        _ owner: JSONValue,
        at passage: Passage,
        _ route: inout RouteDraft
    ) -> [JSON]? {
        var filters: [JSON] = []
        let list = passage.inside("filters")
        route.trail.note(list, owner.present("filters"))
        for (place, filter) in owner.list("filters").enumerated() {
            let type = filter.text("type") ?? ""
            let member = HTTPFilters.members.first { $0.0 == type }?.1 ?? ""
            guard let settings = filter.present(member) else { continue }
            do throws(Refusal) {
                for made in try translateFilter(type, settings, &route) {
                    route.trail.note(list.inside("\(filters.count)", "\(place)"), filter)
                    filters.append(made)
                }
            } catch {
                note(error, at: settings, &route)
                // A mirror that leads nowhere takes nothing from the request itself.
                if type != "RequestMirror" { return nil }
            }
        }
        return filters
    }

    private mutating func translateFilter(
        _ type: String,
        _ settings: JSONValue,
        _ route: inout RouteDraft
    ) throws(Refusal) -> [JSON] {
        switch type {
        case "RequestHeaderModifier": return Self.headers(settings, "")
        case "ResponseHeaderModifier": return Self.headers(settings, "Response")
        case "RequestRedirect": return [["redirect": Self.redirect(settings)]]
        case "URLRewrite":
            let rewrite = Self.rewrite(settings)
            return rewrite.isEmpty ? [] : [["rewrite": .object(rewrite)]]
        case "CORS": return Self.cors(settings)
        case "RequestMirror": return [["mirror": try mirror(settings, &route)]]
        case "ExternalAuth": return [["externalAuth": try externalAuth(settings, &route)]]
        default: return [try extensionFilter(settings, route.object)]
        }
    }

    private static func headers(_ settings: JSONValue, _ side: String) -> [JSON] {
        var filters: [JSON] = []
        for verb in ["set", "add"] {
            let pairs = settings.list(verb).compactMap { header in
                header.text("name").map { ($0, JSON.string(header.text("value") ?? "")) }
            }
            guard !pairs.isEmpty else { continue }
            let headers = Dictionary(pairs) { first, _ in first }
            filters.append(["\(verb)\(side)Headers": .object(headers)])
        }
        let removed = settings.texts("remove")
        if !removed.isEmpty {
            filters.append(["remove\(side)Headers": .array(removed.map(JSON.string))])
        }
        return filters
    }

    private static func rewrite(_ settings: JSONValue) -> [String: JSON] {
        var content: [String: JSON] = [:]
        content["host"] = settings.text("hostname").map(JSON.string)
        content["path"] = settings.present("path").map(path)
        return content
    }

    private static func redirect(_ settings: JSONValue) -> JSON {
        var content = rewrite(settings)
        content["scheme"] = settings.text("scheme").map(JSON.string)
        content["port"] = settings.integer("port").map(JSON.integer)
        content["status"] = settings.integer("statusCode").map(JSON.integer)
        return .object(content)
    }

    private static func path(_ change: JSONValue) -> JSON {
        if let full = change.text("replaceFullPath") { return ["full": .string(full)] }
        return ["prefix": .string(change.text("replacePrefixMatch") ?? "")]
    }

    /// Without an allowed origin the filter allows nothing, which is what no filter does too.
    private static func cors(_ settings: JSONValue) -> [JSON] {
        var content: [String: JSON] = [:]
        for name in ["allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders"] {
            let items = settings.texts(name)
            if !items.isEmpty { content[name] = .array(items.map(JSON.string)) }
        }
        content["allowCredentials"] = settings["allowCredentials"]?.bool.map(JSON.bool)
        content["maxAge"] = settings.integer("maxAge").map(JSON.integer)
        return content["allowOrigins"] == nil ? [] : [["cors": .object(content)]]
    }

    private mutating func mirror(
        _ settings: JSONValue,
        _ route: inout RouteDraft
    ) throws(Refusal) -> JSON {
        var content: [String: JSON] = ["pool": .string(try poolName(settings, &route))]
        content["percent"] = settings.integer("percent").map(JSON.integer)
        content["fraction"] = settings.present("fraction")?.json()
        return .object(content)
    }

    private mutating func externalAuth(
        _ settings: JSONValue,
        _ route: inout RouteDraft
    ) throws(Refusal) -> JSON {
        var content: [String: JSON] = ["pool": .string(try poolName(settings, &route))]
        content["protocol"] = settings.text("protocol").map(JSON.string)
        let details = settings.present("http") ?? settings.present("grpc")
        if let path = details?.text("path"), !path.isEmpty { content["path"] = .string(path) }
        for name in ["allowedHeaders", "allowedResponseHeaders"] {
            let items = details?.texts(name) ?? []
            if !items.isEmpty { content[name] = .array(items.map(JSON.string)) }
        }
        if let size = settings["forwardBody"]?.integer("maxSize") {
            content["forwardBody"] = ["maxSize": .integer(size)]
        }
        return .object(content)
    }

    private mutating func poolName(
        _ settings: JSONValue,
        _ route: inout RouteDraft
    ) throws(Refusal) -> String {
        guard let reference = settings.present("backendRef") else { return "" }
        switch pool(reference, from: &route) {
        case .found(let name): return name
        case .failed(let refusal): throw refusal
        }
    }

    /// A plugin filter: our Filter object of the route's own namespace.
    private func extensionFilter(
        _ reference: JSONValue,
        _ route: ManifestObject
    ) throws(Refusal) -> JSON {
        let kind = reference.text("kind") ?? ""
        guard reference.text("group") == Group.sluice, kind == Kind.filter else {
            throw Refusal(
                "InvalidKind",
                "expected an extensionRef to a \(Group.sluice) Filter, found \(kind)"
            )
        }
        let path = "\(route.key.namespace)/\(reference.text("name") ?? "")"
        guard let filter = index.object(kind, path) else {
            throw Refusal("BackendNotFound", "there is no Filter \(path)")
        }
        var content: [String: JSON] = ["plugin": .string(filter.spec.text("plugin") ?? "")]
        content["config"] = filter.spec.present("config")?.json()
        return .object(content)
    }
}
