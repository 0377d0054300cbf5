internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// Everything one instance may call: its `sluice_host` and the tables behind `find`.
@safe
struct HostTables: @unchecked Sendable {
    let host: UnsafeMutablePointer<sluice_host>
    private let tables: [HostInterface: UnsafeRawPointer]
    let bridge: Bridge

    /// Mints the bound tables; throws when functions cannot be minted.
    init(instance: Instance, usesFixed: Bool) throws(PluginRefusal) {
        // The tables outlive the instance in the plugin's hands, and so must what they point to.
        let context = unsafe Unmanaged.passRetained(instance).toOpaque()
        let bridge = unsafe Bridge(context: context, usesFixed: usesFixed)
        unsafe tables = [
            .bytes: UnsafeRawPointer(BytesTable.table),
            .http: UnsafeRawPointer(HTTPTable.table),
            .log: UnsafeRawPointer(permanent(LogTable.make(bridge))),
            .metrics: UnsafeRawPointer(permanent(MetricsTable.make(bridge))),
            .health: UnsafeRawPointer(permanent(HealthTable.make(bridge))),
            .exec: UnsafeRawPointer(permanent(ExecTable.make(bridge))),
            .routing: UnsafeRawPointer(permanent(RoutingTable.make(bridge))),
        ]
        var root = sluice_host()
        root.size = UInt32(MemoryLayout<sluice_host>.size)
        root.abi_major = UInt16(SLUICE_ABI_MAJOR)
        root.abi_minor = UInt16(SLUICE_ABI_MINOR)
        typealias Find = @convention(c) (UnsafePointer<CChar>?) -> UnsafeRawPointer?
        unsafe root.find = bridge.mint("p(p)", Self.find, as: Find.self)
        unsafe host = permanent(root)
        self.bridge = bridge
        guard bridge.missing.isEmpty else {
            throw PluginRefusal(
                "functions bound to it cannot be made: the kernel refuses closures and the "
                    + "compiled trampolines are used up"
            )
        }
    }

    private static let find:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> UnsafeRawPointer? = {
            context,
            id in
            guard let instance = unsafe context.instance, let id = unsafe id,
                let name = HostInterface(rawValue: unsafe String(cString: id))
            else { return nil }
            return unsafe instance.tables?.tables[name]
        }
}
