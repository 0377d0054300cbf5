public import SluiceABI
internal import Synchronization

/// The exported half of a Swift plugin: `sluice_plugin_entry` returns what `describe` answers.
///
///     @c @implementation
///     public func sluice_plugin_entry(
///         _ hello: UnsafePointer<sluice_hello>!, _ error: UnsafeMutablePointer<sluice_error>!
///     ) -> UnsafePointer<sluice_plugin_desc>! {
///         PluginEntry.describe(FileSource.self, to: hello, error)
///     }
public enum PluginEntry {
    /// Answers the host's hello with the description of `plugin`, or with nil and a sentence.
    ///
    /// Pure and repeatable. One library carries one plugin type: a second one is refused, because
    /// the C life cycle has no place for a context before an instance exists.
    @safe
    public static func describe(
        _ plugin: any Plugin.Type,
        to hello: UnsafePointer<sluice_hello>?,
        _ report: UnsafeMutablePointer<sluice_error>?
    ) -> UnsafePointer<sluice_plugin_desc>? {
        do throws(PluginError) {
            try unsafe check(hello)
            return try unsafe registration(of: plugin).table
        } catch {
            return unsafe refuse(error, report)
        }
    }

    /// The plugin type of this library.
    static var registered: (any Plugin.Type)? {
        current.withLock { registration in registration?.plugin }
    }

    private static let current = Mutex<Registration?>(nil)

    private static func registration(
        of plugin: any Plugin.Type
    ) throws(PluginError) -> Registration {
        try current.withLock { (known: inout Registration?) throws(PluginError) in
            guard let known else {
                let fresh = Registration(plugin)
                known = fresh
                return fresh
            }
            if known.plugin == plugin { return known }
            throw PluginError(
                .exists,
                "this library already carries the plugin \(known.plugin.description.id); "
                    + "build \(plugin.description.id) as a library of its own"
            )
        }
    }

    private static func check(_ hello: UnsafePointer<sluice_hello>?) throws(PluginError) {
        guard let hello = unsafe hello else {
            throw PluginError(.invalid, "the host said no hello: sluice_hello is NULL")
        }
        let own = sluice_stamp_make()
        let theirs = unsafe hello.pointee.stamp
        if theirs.magic != own.magic {
            throw PluginError(.invalid, "sluice_hello.stamp.magic is not that of a Sluice host")
        }
        if theirs.abi_major != own.abi_major {
            throw PluginError(
                .unsupported,
                "the host speaks ABI revision \(theirs.abi_major), this plugin was built for "
                    + "\(own.abi_major); rebuild it against the host's header"
            )
        }
    }
}

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
        if let schema = (plugin as? any FilterPlugin.Type)?.routeSchema {
            unsafe table.route_schema = permanent(schema)
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
