// Alone because: the exported symbol is a target of its own, outside the tested one.

public import SluiceABI
internal import SluiceFileSource
internal import SluiceKit

/// The one symbol of libfile-source.so.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(
    _ hello: UnsafePointer<sluice_hello>!,
    _ error: UnsafeMutablePointer<sluice_error>!
) -> UnsafePointer<sluice_plugin_desc>! {
    PluginEntry.describe(FileSource.self, to: hello, error)
}
