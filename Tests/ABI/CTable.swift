/// The rows of Plugins/ABI/layout.c and constants.c, which the C compiler has checked.
struct CTable {
    private(set) var layout: [String: Int] = [:]
    private(set) var values: [String: Int64] = [:]

    init(_ source: String) {
        for line in source.split(separator: "\n") {
            guard let open = line.firstIndex(of: "("), line.hasSuffix(");") else { continue }
            let words = line[line.index(after: open)...].dropLast(2).split(separator: ",").map {
                String($0.filter { $0 != " " && $0 != "(" && $0 != ")" })
            }
            switch (String(line[..<open]), words.count) {
            case ("SIZE", 2): layout[words[0]] = Int(words[1])
            case ("AT", 3): layout["\(words[0]).\(words[1])"] = Int(words[2])
            case ("VALUE", 2): values[words[0]] = Int64(words[1])
            default: continue
            }
        }
    }
}
