internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// What a library says about itself, copied out of its static description.
@safe
struct Description: @unchecked Sendable {
    let id: String
    let version: String
    let summary: String
    /// JSON Schema text for the instance's configuration; nil: it takes none.
    let configSchema: String?
    let requires: [String]
    let flags: UInt32
    let operations: sluice_plugin_ops

    var isSingleton: Bool { flags & SLUICE_PLUGIN_SINGLETON != 0 }
    var isGo: Bool { flags & SLUICE_PLUGIN_GO != 0 }

    /// Checks and copies; throws a sentence about what is missing.
    init(_ pointer: UnsafePointer<sluice_plugin_desc>) throws(PluginRefusal) {
        let stampEnd = 8 + MemoryLayout<sluice_stamp>.size
        guard unsafe pointer.pointee.size >= UInt32(stampEnd) else {
            throw unsafe PluginRefusal(
                "its description has size \(pointer.pointee.size), expected at least \(stampEnd)"
            )
        }
        try Stamp.check(unsafe pointer.pointee.stamp)
        let described = unsafe pointer.sized(empty: sluice_plugin_desc())
        guard unsafe described.needs_minor <= UInt16(SLUICE_ABI_MINOR) else {
            throw unsafe PluginRefusal(
                "it needs ABI minor \(described.needs_minor), this host has \(SLUICE_ABI_MINOR)"
            )
        }
        guard let operations = unsafe described.ops else {
            throw PluginRefusal("its description has no ops")
        }
        unsafe self.operations = operations.sized(empty: sluice_plugin_ops())
        unsafe id = described.id.text
        unsafe version = described.version.text
        unsafe summary = described.summary.text
        unsafe configSchema =
            described.config_schema.isPresent
            ? described.config_schema.text : nil
        unsafe flags = described.flags
        var names: [String] = []
        for index in 0..<Int(unsafe described.requires_ids.count) {
            let span: sluice_span = unsafe described.requires_ids.element(
                index,
                empty: sluice_span()
            )
            unsafe names.append(span.text)
        }
        requires = names
        try check()
    }

    private func check() throws(PluginRefusal) {
        guard !id.isEmpty else { throw PluginRefusal("its description has no id") }
        guard unsafe operations.create != nil else { throw PluginRefusal("its ops have no create") }
        let missing = requires.filter { !HostInterface.names.contains($0) }
        guard missing.isEmpty else {
            let list = missing.map { "\"\($0)\"" }.joined(separator: ", ")
            throw PluginRefusal(
                "it requires \(list), which this host does not offer; it offers "
                    + HostInterface.names.joined(separator: ", ")
            )
        }
    }
}

/// The layout stamp of a library against the host's, field by field, so that the one that differs
/// is named.
enum Stamp {
    /// Throws a sentence about the first field that differs; minors are compared elsewhere.
    static func check(_ plugin: sluice_stamp) throws(PluginRefusal) {
        let host = sluice_stamp_make()
        guard plugin.magic == host.magic else {
            throw PluginRefusal(
                "its stamp begins with \(hex(plugin.magic)), host \(hex(host.magic)): "
                    + "it was not built with sluice.h, or with another draft of it"
            )
        }
        let fields: [(String, Int, Int)] = [
            ("abi_major", Int(plugin.abi_major), Int(host.abi_major)),
            ("pointer_bits", Int(plugin.pointer_bits), Int(host.pointer_bits)),
            ("little_endian", Int(plugin.little_endian), Int(host.little_endian)),
            ("sizeof(sluice_span)", Int(plugin.sz_span), Int(host.sz_span)),
            ("sizeof(sluice_chunk)", Int(plugin.sz_chunk), Int(host.sz_chunk)),
            ("sizeof(sluice_header)", Int(plugin.sz_header), Int(host.sz_header)),
            ("sizeof(sluice_list)", Int(plugin.sz_list), Int(host.sz_list)),
            ("sizeof(sluice_error)", Int(plugin.sz_error), Int(host.sz_error)),
        ]
        for (name, theirs, ours) in fields where theirs != ours {
            throw PluginRefusal(
                "\(name) is \(theirs), host \(ours): rebuild it against this host's sluice.h"
            )
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
