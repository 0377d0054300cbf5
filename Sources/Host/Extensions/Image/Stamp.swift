internal import SluiceABI

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
