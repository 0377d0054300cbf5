import SluiceABI
import Testing

@Suite struct LayoutTests {
    private let header = HeaderText(Repository.text("Plugins/ABI/include/sluice.h") ?? "")
    private let checkedByC = CTable(
        ["layout.c", "constants.c"].map { Repository.text("Plugins/ABI/\($0)") ?? "" }.joined()
    )

    @Test func `every struct and member of the header has a row that the C compiler checks`() {
        #expect(header.members.count > 200)
        #expect(header.members == Set(checkedByC.layout.keys))
    }

    @Test func `Swift sees every size and offset as C does`() {
        let seen = LayoutTable.header().bytes
        #expect(Set(seen.keys) == header.members)
        for (name, bytes) in checkedByC.layout.sorted(by: { $0.key < $1.key }) {
            #expect(seen[name] == bytes, "\(name): C has \(bytes)")
        }
    }

    @Test func `Swift sees every constant as C does`() {
        let seen = constants
        let named = header.constants.subtracting(identifiers.keys)
        #expect(named.subtracting(["SLUICE_NEVER"]) == Set(seen.keys))
        #expect(seen == checkedByC.values)
    }

    @Test func `constants of one family differ`() {
        let families = [
            "SLUICE_CALL_", "SLUICE_PLUGIN_", "SLUICE_REQ_", "SLUICE_M_", "SLUICE_WANTS_",
            "SLUICE_E_", "SLUICE_LOG_", "SLUICE_METRIC_", "SLUICE_HEALTH_", "SLUICE_CLOSE_",
            "SLUICE_BODY_", "SLUICE_ISSUE_", "SLUICE_OP_", "SLUICE_ON_", "SLUICE_FAIL_",
        ]
        for family in families {
            let members = constants.filter { $0.key.hasPrefix(family) }
            #expect(members.count > 1, "\(family) has no members")
            #expect(Set(members.values).count == members.count, "\(family): \(members)")
        }
    }

    @Test func `ids are the ones that plugins compiled long ago ask for`() {
        #expect(
            identifiers == [
                "SLUICE_ENTRY_SYMBOL": "sluice_plugin_entry",
                "SLUICE_IF_BYTES": "sluice.bytes/0", "SLUICE_IF_LOG": "sluice.log/0",
                "SLUICE_IF_METRICS": "sluice.metrics/0", "SLUICE_IF_HEALTH": "sluice.health/0",
                "SLUICE_IF_EXEC": "sluice.exec/0", "SLUICE_IF_CLIENT": "sluice.client/0",
                "SLUICE_IF_HTTP": "sluice.http/0", "SLUICE_IF_ROUTING": "sluice.routing/0",
                "SLUICE_IF_REPLY": "sluice.reply/0", "SLUICE_ROLE_SERVICE": "sluice.service/0",
                "SLUICE_ROLE_FILTER": "sluice.filter/0", "SLUICE_ROLE_SOURCE": "sluice.source/0",
                "SLUICE_ROLE_ADMIN": "sluice.admin/0",
            ]
        )
    }

    @Test func `the magic spells SLU1 in memory`() {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: SLUICE_MAGIC >> (8 * UInt32($0))) }
        #expect(bytes == Array("SLU1".utf8))
    }

    @Test func `a sentence that is too long is cut between two characters`() {
        let room = UInt32(SLUICE_ERROR_TEXT_MAX)
        let text = Array((String(repeating: "a", count: Int(room) - 1) + "é").utf8)
        let length = unsafe text.withUnsafeBufferPointer { bytes in
            unsafe sluice_fit(sluice_bytes(bytes.baseAddress, bytes.count), room)
        }
        #expect(text.count == Int(room) + 1)
        #expect(length == room - 1)
    }

    @Test func `the stamp names this header's own sizes`() {
        let stamp = sluice_stamp_make()
        #expect(stamp.magic == SLUICE_MAGIC)
        #expect(stamp.pointer_bits == 64)
        #expect(stamp.little_endian == 1)
        #expect(Int(stamp.sz_span) == checkedByC.layout["sluice_span"])
        #expect(Int(stamp.sz_chunk) == checkedByC.layout["sluice_chunk"])
        #expect(Int(stamp.sz_header) == checkedByC.layout["sluice_header"])
        #expect(Int(stamp.sz_list) == checkedByC.layout["sluice_list"])
        #expect(Int(stamp.sz_error) == checkedByC.layout["sluice_error"])
    }
}
