internal import SluiceABI

/// The plugin type of a library and its C description, which live as long as the process.
@safe
struct Registration: @unchecked Sendable {
    let plugin: any Plugin.Type
    let table: UnsafePointer<sluice_plugin_desc>

    /// Lays the description out in memory that is never freed: a library is never closed.
    init(_ plugin: any Plugin.Type) {
        let description = plugin.description
        let ops = UnsafeMutablePointer<sluice_plugin_ops>.allocate(capacity: 1)
        unsafe ops.initialize(to: lifeCycle())
        let requires = UnsafeMutablePointer<sluice_span>.allocate(
            capacity: max(description.requires.count, 1)
        )
        for (index, interface) in description.requires.enumerated() {
            unsafe (requires + index).initialize(to: permanent(interface.rawValue))
        }
        var table = unsafe sluice_plugin_desc()
        unsafe table.size = UInt32(MemoryLayout<sluice_plugin_desc>.size)
        let flags = SLUICE_PLUGIN_SWIFT | (description.isSingleton ? SLUICE_PLUGIN_SINGLETON : 0)
        unsafe table.flags = flags
        unsafe table.stamp = sluice_stamp_make()
        unsafe table.needs_minor = UInt16(SLUICE_ABI_MINOR)
        unsafe table.id = permanent(description.id)
        unsafe table.version = permanent(description.version)
        unsafe table.summary = permanent(description.summary)
        if let schema = description.configurationSchema {
            unsafe table.config_schema = permanent(schema)
        }
        unsafe table.requires_ids = sluice_items(
            requires,
            UInt32(description.requires.count),
            UInt32(MemoryLayout<sluice_span>.stride)
        )
        unsafe table.ops = UnsafePointer(ops)
        let place = UnsafeMutablePointer<sluice_plugin_desc>.allocate(capacity: 1)
        unsafe place.initialize(to: table)
        self.plugin = plugin
        unsafe self.table = UnsafePointer(place)
    }
}

/// A span over a copy of `text` that is never freed.
private func permanent(_ text: String) -> sluice_span {
    let bytes = Array(text.utf8)
    let place = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    for (index, byte) in bytes.enumerated() {
        unsafe (place + index).initialize(to: byte)
    }
    return unsafe sluice_span(data: UnsafePointer(place), len: bytes.count)
}
