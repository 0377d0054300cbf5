public import SluiceABI
internal import SluiceKit

/// The exported half; the compiler holds it against the header.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(
    _ hello: UnsafePointer<sluice_hello>!,
    _ error: UnsafeMutablePointer<sluice_error>!
) -> UnsafePointer<sluice_plugin_desc>! {
    PluginEntry.describe(Greeter.self, to: hello, error)
}
