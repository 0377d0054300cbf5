import SluiceABI
import Testing

/// `sluice_call.h` has what `sluice.h` has, word for word.
@Suite struct CallerTests {
    private let entries = HeaderText(Repository.text("Plugins/ABI/include/sluice.h") ?? "").entries
    private let callers = Caller.all(Repository.text("Plugins/ABI/include/sluice_call.h") ?? "")

    @Test func `every entry of every table has its caller, and no caller is left over`() {
        let tables = Set(entries.map(\.table))
        #expect(tables.count > 12)
        #expect(entries.count > 80)
        #expect(Set(callers.map(\.function.name)).count == callers.count)
        #expect(
            Set(callers.map(\.function.name))
                == Set(entries.compactMap { $0.caller(calling: "table")?.name })
        )
    }

    @Test func `a caller takes and hands over what its entry does`() throws {
        for entry in entries {
            let name = try #require(entry.caller(calling: "table")).name
            let caller = try #require(
                callers.first { $0.function.name == name },
                "\(entry.table).\(entry.function.name) has no caller \(name)"
            )
            let table = CFunction.name(of: caller.function.parameters.first ?? "")
            #expect(caller.function == entry.caller(calling: table))
            #expect(caller.body == entry.body(calling: table))
        }
    }

    @Test func `a caller reaches the entry`() {
        var table = unsafe sluice_log_api()
        unsafe table.write = { table, level, _, fields, count in
            unsafe #expect(table != nil && fields == nil && count == 7)
            #expect(level == SLUICE_LOG_WARN)
        }
        unsafe sluice_log_write(&table, SLUICE_LOG_WARN, sluice_text("text"), nil, 7)
    }
}

/// One `static inline` function.
private struct Caller {
    let function: CFunction
    let body: String

    static func all(_ text: String) -> [Caller] {
        let code = HeaderText.withoutComments(text)
        return code.split(separator: "static inline ").compactMap { part in
            guard let open = part.firstIndex(of: "{"), let close = part.firstIndex(of: "}"),
                let function = CFunction(part[..<open])
            else { return nil }
            let words = part[part.index(after: open)..<close].split { " \n".contains($0) }
            return Caller(function: function, body: words.joined(separator: " "))
        }
    }
}
