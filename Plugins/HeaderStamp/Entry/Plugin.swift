// Alone because: the exported symbol is a target of its own, outside the tested one.

public import SluiceABI
internal import SluiceHeaderStamp
internal import SluiceKit

/// The one symbol of libheader-stamp.so.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(
    _ hello: UnsafePointer<sluice_hello>!,
    _ error: UnsafeMutablePointer<sluice_error>!
) -> UnsafePointer<sluice_plugin_desc>! {
    PluginEntry.describe(HeaderStamp.self, to: hello, error)
}
