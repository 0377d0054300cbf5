internal import SluiceConfig
internal import SluiceRouting

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
