/// The header as text: what it declares, found without a compiler.
struct HeaderText {
    /// "sluice_span" and "sluice_span.len".
    private(set) var members: Set<String> = []
    /// Names of `#define`s that have a value.
    private(set) var constants: Set<String> = []
    /// The function pointers of the tables: of `sluice_host`, `*_api` and `*_ops`.
    private(set) var entries: [Entry] = []

    init(_ text: String) {
        let code = HeaderText.withoutComments(text)
        collectConstants(code)
        var rest = code[...]
        while let start = rest.firstRange(of: "typedef struct ") {
            rest = rest[start.upperBound...]
            let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            guard let brace = rest.firstIndex(of: "{"), let semicolon = rest.firstIndex(of: ";")
            else { break }
            if semicolon < brace { continue }
            guard let end = rest.firstRange(of: "} \(name);") else { break }
            members.insert(name)
            collectMembers(of: name, rest[rest.index(after: brace)..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
    }

    private mutating func collectMembers(of type: String, _ body: Substring) {
        for declaration in body.split(separator: ";") {
            let words = declaration.split { " \n*".contains($0) }
            guard let last = words.last else { continue }
            if let function = declaration.firstRange(of: "(*") {
                members.insert(
                    "\(type).\(declaration[function.upperBound...].prefix { $0 != ")" })"
                )
                let isTable = ["_api", "_ops", "_host"].contains(where: type.hasSuffix)
                if isTable, let function = CFunction(declaration) {
                    entries.append(Entry(table: type, function: function))
                }
            } else {
                members.insert("\(type).\(last.prefix { $0 != "[" })")
            }
        }
    }

    private mutating func collectConstants(_ code: String) {
        for line in code.split(separator: "\n") where line.hasPrefix("#define ") {
            let words = line.split(separator: " ")
            if words.count > 2, !words[1].contains("("), !words[2].hasPrefix("__attribute__") {
                constants.insert(String(words[1]))
            }
        }
    }

    static func withoutComments(_ text: String) -> String {
        var code = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "/*") {
            code += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "*/") else { return code }
            rest = rest[close.upperBound...]
        }
        return code + rest
    }
}
