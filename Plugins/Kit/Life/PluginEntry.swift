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
