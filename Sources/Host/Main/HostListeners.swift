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

    /// Publishes them, where there are any, and logs what is wrong with one.
    func publish(mounts reports: [InstanceReport], submit: (Transaction) -> Void) {
        guard !listeners.isEmpty else { return }
        submit(
            Transaction(
                instance: Self.instance,
                revision: "host configuration",
                clear: true,
                puts: listeners.flatMap { documents(of: $0, reports) },
                removes: []
            ) { _, _, problems in
                for problem in problems {
                    Log.error(
                        "a listener of the host has a problem",
                        "name",
                        problem.name,
                        "problem",
                        problem.text
                    )
                }
            }
        )
    }

    private func documents(
        of listener: ListenerConfiguration,
        _ reports: [InstanceReport]
    ) -> [Document] {
        let name = "\(Self.instance)/\(listener.name)"
        let offered = reports.filter { listener.services.contains($0.name) }
        let rules = offered.flatMap { service in
            service.mounts.map { rule(prefix: $0, service: service.name) }
        }
        for name in listener.services
        where !offered.contains(where: { $0.name == name && !$0.mounts.isEmpty }) {
            Log.warn(
                "a listener names a plugin without a service",
                "listener",
                listener.name,
                "plugin",
                name
            )
        }
        var socket = listener.options
        socket["port"] = .integer(Int64(listener.address.port))
        socket["protocol"] = "HTTP"
        if listener.address.address != .any {
            socket["address"] = .string(listener.address.address.description)
        }
        let route: JSON = ["listeners": [.string(name)], "rules": .array(rules)]
        return [document(.listener, name, socket), document(.route, name, route)]
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

    private func document(_ kind: DocumentKind, _ name: String, _ value: JSON) -> Document? {
        let key = DocumentKey(instance: Self.instance, kind: kind, name: name)
        guard let parsed = try? JSONDocument(parsing: value.canonical()) else { return nil }
        return Document(key: key, value: parsed)
    }
}

extension HostConfiguration {
    /// The services that routes may name: to the namespaces that the configuration says, and
    /// always to the host's own listeners.
    func services(slots: [String: UInt16]) -> [String: ExposedService] {
        var services: [String: ExposedService] = [:]
        for plugin in plugins {
            guard let slot = slots[plugin.name] else { continue }
            services[plugin.name] = ExposedService(
                slot: slot,
                namespaces: plugin.exposedNamespaces + [HostListeners.instance]
            )
        }
        return services
    }
}
