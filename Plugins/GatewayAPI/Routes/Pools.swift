internal import SluiceShared

extension Draft {
    /// A pool before it is known how it is spoken to.
    private struct PoolDraft {
        let origin: ManifestObject
        var content: [String: JSON]
        var trail = Trail()
        /// The port of a Service, whose slices have the endpoints.
        var port: JSONValue?
        /// The BackendTLSPolicy that applies; nil: it is spoken to in the clear.
        let policy: ManifestObject?
    }

    /// The pool that a reference leads to; it is put with its first mention.
    mutating func pool(_ reference: JSONValue, from route: inout RouteDraft) -> Resolution {
        let group = reference.text("group") ?? Group.core
        let kind = reference.text("kind") ?? Kind.service
        let target = target(of: reference, group: group, kind: kind, from: route.object)
        switch (group, kind) {
        case (Group.core, Kind.service), (Group.sluice, Kind.backend): break
        default:
            let found = subject(of: reference, kind)
            let text = "expected a Service, Backend or Plugin, found \(found)"
            return .failed(Refusal("InvalidKind", text))
        }
        guard index.isGranted(from: route.object.key, to: target) else {
            return .failed(denied(target))
        }
        let port = kind == Kind.service ? reference.integer("port") : nil
        let backend = BackendPort(target: target, port: port)
        let key = backend.name + route.certificate.suffix
        let resolution = pools[key] ?? resolve(backend, presenting: route.certificate)
        pools[key] = resolution
        route.lead(to: backend, resolution)
        return resolution
    }

    /// Puts the pool of a backend; pools that present different certificates differ in name.
    private mutating func resolve(
        _ backend: BackendPort,
        presenting certificate: ClientCertificate
    ) -> Resolution {
        do throws(Refusal) {
            var pool =
                if let port = backend.port {
                    try servicePool(backend.target, port)
                } else {
                    try backendPool(backend.target)
                }
            var name = backend.name
            // Only a pool without a policy is spoken to in the clear.
            if let policy = pool.policy {
                var tls = try policies[policy.key]?.tls() ?? [:]
                switch certificate {
                case .absent: break
                case .document(let document): tls["clientCertificate"] = .string(document)
                case .unresolved: throw Self.noClientCertificate
                }
                name += certificate.suffix
                pool.content["tls"] = .object(tls)
                if let own = policies[policy.key]?.trail { pool.trail.append(own) }
            }
            put(.pool, name, .object(pool.content), from: pool.origin, pool.trail)
            if let port = pool.port { putEndpoints(of: pool.origin, port, pool: name) }
            return .found(name)
        } catch {
            return .failed(error)
        }
    }

    private static let noClientCertificate = Refusal(
        Refusal.noClientCertificate,
        "the clientCertificateRef of its Gateway does not resolve, so backends under TLS are sent "
            + "nothing"
    )

    private mutating func servicePool(
        _ target: ObjectKey,
        _ number: Int64
    ) throws(Refusal) -> PoolDraft {
        guard let service = index.object(Kind.service, target.path) else {
            throw Refusal("BackendNotFound", "there is no Service \(target.path)")
        }
        if service.spec.text("type") == "ExternalName" {
            let text = "Service \(target.path) is of type ExternalName, which is not followed"
            throw Refusal("BackendNotFound", text)
        }
        let ports = service.spec.list("ports")
        guard let place = ports.firstIndex(where: { $0.integer("port") == number }) else {
            let known = ports.compactMap { $0.integer("port").map(String.init) }
            let text =
                "Service \(target.path) has no port \(number); it has "
                + (known.isEmpty ? "none" : known.joined(separator: ", "))
            throw Refusal("BackendNotFound", text)
        }
        let port = ports[place]
        let policy = try policyIndex.policy(target, section: port.text("name") ?? "")
        let spoken = try Self.spoken(port, of: target, isTLS: policy != nil)
        var pool = PoolDraft(
            origin: service,
            content: ["endpoints": []],
            port: port,
            policy: policy
        )
        if spoken != "http1" { pool.content["protocol"] = .string(spoken) }
        let passage = Passage("", "/spec/ports/\(place)")
        pool.trail.note(passage, port)
        pool.trail.note(passage.inside("protocol", "appProtocol"), port["appProtocol"])
        return pool
    }

    /// What the endpoints of a port speak, under TLS where a policy says so.
    private static func spoken(
        _ port: JSONValue,
        of target: ObjectKey,
        isTLS: Bool
    ) throws(Refusal) -> String {
        let transport = port.text("protocol") ?? "TCP"
        let application = transport == "TCP" ? port.text("appProtocol") ?? "http" : transport
        switch application.lowercased() {
        case "http", "kubernetes.io/http": return "http1"
        case "kubernetes.io/ws": return "ws"
        case "kubernetes.io/h2c": return "h2c"
        case "https" where isTLS: return "http1"
        case "kubernetes.io/wss" where isTLS: return "ws"
        default: break
        }
        let number = port.integer("port") ?? 0
        var text = "port \(number) of \(target) speaks \(application), not HTTP"
        if ["https", "kubernetes.io/wss"].contains(application.lowercased()) {
            text += "; target the Service with a BackendTLSPolicy"
        }
        throw Refusal("UnsupportedProtocol", text)
    }

    private func backendPool(_ target: ObjectKey) throws(Refusal) -> PoolDraft {
        guard let backend = index.object(Kind.backend, target.path) else {
            throw Refusal("BackendNotFound", "there is no Backend \(target.path)")
        }
        let listed = backend.spec.list("endpoints")
        let endpoints = listed.map { endpoint -> JSON in
            var content: [String: JSON] = [:]
            if let address = endpoint.text("ip") { content["address"] = .string(address) }
            if let path = endpoint.text("unix") { content["address"] = .string("unix:\(path)") }
            if let host = endpoint.text("host") { content["host"] = .string(host) }
            if let port = endpoint.integer("port") { content["port"] = .integer(port) }
            return .object(content)
        }
        var pool = PoolDraft(
            origin: backend,
            content: ["endpoints": .array(endpoints)],
            policy: try policyIndex.policy(target, section: "")
        )
        pool.trail.note(Passage("/endpoints", "/spec/endpoints"), items: listed)
        return pool
    }
}
