/// A function of the header or of `sluice_call.h`, as text with single spaces.
struct CFunction: Equatable, CustomStringConvertible {
    let result: String
    let name: String
    /// "uint32_t flags", in order.
    let parameters: [String]

    var description: String { "\(result) \(name)(\(parameters.joined(separator: ", ")))" }

    /// Reads `result name(parameters)` or `result (*name)(parameters)`; nil: it is neither.
    init?(_ declaration: some StringProtocol) {
        let text = declaration.split { " \n".contains($0) }.joined(separator: " ")
        guard text.hasSuffix(")"), let open = Self.parameterStart(text) else { return nil }
        var head = text[..<open]
        if head.hasSuffix(")") { head = head.dropLast() }
        let name = head.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        self.name = String(name.reversed())
        head = head.dropLast(name.count)
        if head.hasSuffix("(*") { head = head.dropLast(2) }
        result = head.hasSuffix(" ") ? String(head.dropLast()) : String(head)
        let inside = text[text.index(after: open)...].dropLast()
        parameters = Self.split(inside).map { $0 == "void" ? "" : $0 }.filter { !$0.isEmpty }
    }

    /// The parenthesis that the last one closes.
    private static func parameterStart(_ text: String) -> String.Index? {
        var depth = 0
        for index in text.indices.reversed() {
            if text[index] == ")" { depth += 1 }
            if text[index] == "(" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// At commas outside parentheses.
    private static func split(_ list: Substring) -> [String] {
        var parts = [""]
        var depth = 0
        for letter in list {
            depth += letter == "(" ? 1 : letter == ")" ? -1 : 0
            if depth == 0, letter == "," {
                parts.append("")
            } else if letter != " " || !parts[parts.count - 1].isEmpty {
                parts[parts.count - 1].append(letter)
            }
        }
        return parts
    }

    /// The name that a parameter declares.
    static func name(of parameter: String) -> String {
        if let star = parameter.firstRange(of: "(*") {
            return String(parameter[star.upperBound...].prefix { $0 != ")" })
        }
        return String(parameter.split { " *".contains($0) }.last ?? "")
    }
}

/// One function pointer of one table.
struct Entry {
    /// "sluice_log_api".
    let table: String
    let function: CFunction

    /// The caller of `sluice_call.h` that belongs to it, from the rule in that file's head.
    ///
    /// `table` is the name of its first parameter, which is free.
    func caller(calling table: String) -> CFunction? {
        let word = self.table == "sluice_host" ? "host" : String(family)
        let rest = function.parameters.drop { $0.hasSuffix("*self") && $0.contains(self.table) }
        let all = ["const \(self.table) *\(table)"] + rest
        let text = all.map { $0.replacing("struct \(self.table) ", with: "\(self.table) ") }
        let stars = function.result.hasSuffix("*") ? "" : " "
        return CFunction(
            "\(function.result)\(stars)sluice_\(word)_\(function.name)"
                + "(\(text.joined(separator: ", ")))"
        )
    }

    /// The body of that caller.
    func body(calling table: String) -> String {
        let names = function.parameters.map(CFunction.name)
        let isBound = names.first == "self" && function.parameters[0].contains(self.table)
        let arguments = isBound ? [table] + names.dropFirst() : names
        let call = "\(table)->\(function.name)(\(arguments.joined(separator: ", ")));"
        return function.result == "void" ? call : "return \(call)"
    }

    /// "log" of "sluice_log_api".
    private var family: Substring {
        table.dropFirst("sluice_".count).prefix { $0 != "_" }
    }
}
