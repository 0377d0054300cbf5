// Alone because: the exported symbol stands apart from the plugin.

public import SluiceABI
internal import SluiceKit

/// The one symbol of libkit-probe.so.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(
    _ hello: UnsafePointer<sluice_hello>!,
    _ error: UnsafeMutablePointer<sluice_error>!
) -> UnsafePointer<sluice_plugin_desc>! {
    PluginEntry.describe(KitProbe.self, to: hello, error)
}
