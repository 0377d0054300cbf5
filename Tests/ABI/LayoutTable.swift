/// Sizes and offsets by name: "sluice_span" -> 16, "sluice_span.len" -> 8.
struct LayoutTable {
    private(set) var bytes: [String: Int] = [:]
    private var type = ""

    /// Begins a struct; the members that follow are its.
    mutating func add<Struct>(_ type: Struct.Type, _ name: String) {
        self.type = name
        bytes[name] = MemoryLayout<Struct>.size
    }

    /// Adds a member of the struct begun last.
    mutating func add<Struct, Member>(_ name: String, _ member: KeyPath<Struct, Member>) {
        bytes["\(type).\(name)"] = MemoryLayout<Struct>.offset(of: member) ?? -1
    }

    /// The whole header.
    static func header() -> LayoutTable {
        var table = LayoutTable()
        addEntryRows(&table)
        addHostRows(&table)
        addExchangeRows(&table)
        addRoleRows(&table)
        return table
    }
}
