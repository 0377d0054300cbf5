internal import SluiceShared

extension Draft {
    /// Puts the endpoints of a port of a Service: one document for each of its slices, so that a
    /// change of a slice is a change of one document.
    mutating func putEndpoints(of service: ManifestObject, _ port: JSONValue, pool: String) {
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
        for slice in slices {
            guard let number = Self.number(of: port, in: slice.value) else { continue }
            put(slice, "\(pool)/\(slice.key.name)", pool, number)
        }
    }

    /// The endpoints of a slice at one port, by address: their order has no meaning.
    private mutating func put(
        _ slice: ManifestObject,
        _ name: String,
        _ pool: String,
        _ port: Int64
    ) {
        let member = slice.value.text("addressType") == "FQDN" ? "host" : "address"
        var found: [(address: String, place: Int, value: JSONValue)] = []
        for (place, endpoint) in slice.value.list("endpoints").enumerated() {
            // Further addresses of one endpoint are other ways to the same place.
            guard let address = endpoint.texts("addresses").first else { continue }
            found.append((address, place, endpoint))
        }
        found.sort { ($0.address, $0.place) < ($1.address, $1.place) }
        var endpoints: [JSON] = []
        var trail = Trail()
        for (address, place, value) in found {
            trail.note(Passage("/endpoints/\(endpoints.count)", "/endpoints/\(place)"), value)
            endpoints.append(Self.endpoint(value, member, address, port))
        }
        let content: JSON = ["pool": .string(pool), "endpoints": .array(endpoints)]
        put(.endpoints, name, content, from: slice, trail)
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
}
