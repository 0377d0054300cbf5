internal import SluiceShared

extension Draft {
    /// The pool that a reference leads to; it is put with its first mention.
    mutating func pool(_ reference: JSONValue, from route: ManifestObject) -> Resolution {
        let group = reference.text("group") ?? Group.core
        let kind = reference.text("kind") ?? Kind.service
        let target = target(of: reference, group: group, kind: kind, from: route)
        switch (group, kind) {
        case (Group.core, Kind.service), (Group.sluice, Kind.backend): break
        default:
            let subject = group.isEmpty ? kind : "\(group)/\(kind)"
            return .failed(
                Refusal("InvalidKind", "expected a Service, Backend or Plugin, found \(subject)")
            )
        }
        guard index.isGranted(from: route.key, to: target) else { return .failed(denied(target)) }
        let port = kind == Kind.service ? reference.integer("port") : nil
        let name = "\(target.path)/\(port.map(String.init) ?? "backend")"
        if let known = pools[name] { return known }
        let resolution = port.map { servicePool(name, target, $0) } ?? backendPool(name, target)
        pools[name] = resolution
        return resolution
    }

    private mutating func servicePool(
        _ name: String,
        _ target: ObjectKey,
        _ number: Int64
    ) -> Resolution {
        guard let service = index.object(Kind.service, target.path) else {
            return .failed(Refusal("BackendNotFound", "there is no Service \(target.path)"))
        }
        if service.spec.text("type") == "ExternalName" {
            let text = "Service \(target.path) is of type ExternalName, which is not followed"
            return .failed(Refusal("BackendNotFound", text))
        }
        let ports = service.spec.list("ports")
        guard let port = ports.first(where: { $0.integer("port") == number }) else {
            let known = ports.compactMap { $0.integer("port").map(String.init) }
            let text =
                "Service \(target.path) has no port \(number); it has "
                + (known.isEmpty ? "none" : known.joined(separator: ", "))
            return .failed(Refusal("BackendNotFound", text))
        }
        guard let spoken = Self.spoken(port) else {
            let text =
                "port \(number) of Service \(target.path) speaks "
                + "\(port.text("appProtocol") ?? port.text("protocol") ?? ""), not HTTP"
            return .failed(Refusal("UnsupportedProtocol", text))
        }
        var content: [String: JSON] = ["endpoints": .array(endpoints(of: service, port))]
        if spoken != "http1" { content["protocol"] = .string(spoken) }
        put(.pool, name, .object(content), from: service)
        return .found(name)
    }

    /// What the endpoints of a port speak; nil: something that no HTTP request can go to.
    private static func spoken(_ port: JSONValue) -> String? {
        guard port.text("protocol") ?? "TCP" == "TCP" else { return nil }
        return switch port.text("appProtocol") ?? "http" {
        case "http", "kubernetes.io/http": "http1"
        case "kubernetes.io/ws": "ws"
        case "kubernetes.io/h2c": "h2c"
        default: nil
        }
    }

    /// Endpoints of all slices of a Service for one of its ports, found by the port's name.
    private mutating func endpoints(of service: ManifestObject, _ port: JSONValue) -> [JSON] {
        let slices = index.slices(of: service.key.path)
        if slices.isEmpty {
            report(
                .warning,
                service,
                at: service.value,
                "no-endpoints",
                "no EndpointSlice carries the label \(ObjectIndex.serviceLabel): "
                    + "\(service.key.name); requests are answered 503"
            )
        }
        var endpoints: [String: JSON] = [:]
        for slice in slices {
            guard let number = Self.number(of: port, in: slice.value) else { continue }
            let isName = slice.value.text("addressType") == "FQDN"
            for endpoint in slice.value.list("endpoints") {
                // Further addresses of one endpoint are other ways to the same place.
                guard let address = endpoint.texts("addresses").first else { continue }
                endpoints["\(address) \(number)"] = Self.endpoint(
                    endpoint,
                    isName ? "host" : "address",
                    address,
                    number
                )
            }
        }
        return endpoints.keys.sorted().compactMap { endpoints[$0] }
    }

    /// The port number of a slice for a port of the Service: the entry of the same name.
    private static func number(of port: JSONValue, in slice: JSONValue) -> Int64? {
        let name = port.text("name") ?? ""
        let transport = port.text("protocol") ?? "TCP"
        let entry = slice.list("ports").first { entry in
            (entry.text("name") ?? "") == name && (entry.text("protocol") ?? "TCP") == transport
        }
        guard let entry else { return nil }
        // An entry without a number stands for every port: then the Service says which.
        return entry.integer("port") ?? port.integer("targetPort") ?? port.integer("port")
    }

    private static func endpoint(
        _ endpoint: JSONValue,
        _ member: String,
        _ address: String,
        _ port: Int64
    ) -> JSON {
        var content: [String: JSON] = [member: .string(address), "port": .integer(port)]
        let conditions = endpoint["conditions"]
        if conditions?["ready"]?.bool == false { content["ready"] = false }
        if let isServing = conditions?["serving"]?.bool { content["serving"] = .bool(isServing) }
        if conditions?["terminating"]?.bool == true { content["terminating"] = true }
        if let zone = endpoint.text("zone"), !zone.isEmpty { content["zone"] = .string(zone) }
        return .object(content)
    }

    private mutating func backendPool(_ name: String, _ target: ObjectKey) -> Resolution {
        guard let backend = index.object(Kind.backend, target.path) else {
            return .failed(Refusal("BackendNotFound", "there is no Backend \(target.path)"))
        }
        let endpoints = backend.spec.list("endpoints").map { endpoint -> JSON in
            var content: [String: JSON] = [:]
            if let address = endpoint.text("ip") { content["address"] = .string(address) }
            if let path = endpoint.text("unix") { content["address"] = .string("unix:\(path)") }
            if let host = endpoint.text("host") { content["host"] = .string(host) }
            if let port = endpoint.integer("port") { content["port"] = .integer(port) }
            return .object(content)
        }
        put(.pool, name, ["endpoints": .array(endpoints)], from: backend)
        return .found(name)
    }
}
