internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting
internal import SluiceShared

/// The host's own listeners as routing documents: a listener, and a route with a rule for each
/// prefix that one of its services has mounted.
struct HostListeners {
    /// Their owner: no name that the configuration allows, so no instance can be taken for it.
    static let instance = DocumentKey.hostInstance

    private let listeners: [ListenerConfiguration]

    init(_ listeners: [ListenerConfiguration]) {
        self.listeners = listeners
    }

    /// Logs which services a listener names that are not there.
    func warnOfAbsentServices(_ reports: [InstanceReport]) {
        let serving = reports.filter { !$0.mounts.isEmpty }.map(\.name)
        for listener in listeners {
            for name in listener.services where !serving.contains(name) {
                Log.warn(
                    "a listener names a plugin without a service",
                    "listener",
                    listener.name,
                    "plugin",
                    name
                )
            }
        }
    }

    /// The documents of all listeners that can serve, and of the certificates.
    func documents(mounts reports: [InstanceReport], _ material: HostMaterial) -> [Document] {
        material.documents + listeners.flatMap { documents(of: $0, reports, material) }
    }

    private func documents(
        of listener: ListenerConfiguration,
        _ reports: [InstanceReport],
        _ material: HostMaterial
    ) -> [Document] {
        let name = "\(Self.instance)/\(listener.name)"
        let offered = reports.filter { listener.services.contains($0.name) }
        let rules = offered.flatMap { service in
            service.mounts.map { rule(prefix: $0, service: service.name) }
        }
        var socket = listener.options
        socket["port"] = .integer(Int64(listener.address.port))
        socket["protocol"] = "HTTP"
        if let tls = listener.tls {
            guard let settings = material.settings(of: listener, tls) else { return [] }
            socket["protocol"] = "HTTPS"
            socket["tls"] = settings
        }
        if listener.address.address != .any {
            socket["address"] = .string(listener.address.address.description)
        }
        let route: JSON = ["listeners": [.string(name)], "rules": .array(rules)]
        return [Document(own: .listener, name, socket), Document(own: .route, name, route)]
            .compactMap(\.self)
    }

    /// A mount's prefix counts by whole segments, as a route's does, but for a final slash.
    private func rule(prefix: String, service: String) -> JSON {
        let isSlashed = prefix.count > 1 && prefix.hasSuffix("/")
        let path = isSlashed ? String(prefix.dropLast()) : prefix
        return [
            "matches": [["path": ["prefix": .string(path.isEmpty ? "/" : path)]]],
            "backends": [["plugin": .string(service)]],
        ]
    }
}
