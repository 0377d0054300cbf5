import SluiceShared

extension JSONValue {
    /// The value that a JSON Pointer (RFC 6901) names, or nil.
    func at(_ pointer: String) -> JSONValue? {
        var value = self
        for part in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let key = part.unescaped
            let next = value.kind == .array ? Int(key).flatMap { value[$0] } : value[key]
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// Calls `visit` with every schema in this schema, conditions and definitions included.
    func eachSchema(_ visit: (JSONValue) -> Void) {
        guard kind == .object else { return }
        visit(self)
        for key in ["properties", "patternProperties", "$defs"] {
            for member in self[key].map({ Array($0.members) }) ?? [] {
                member.value.eachSchema(visit)
            }
        }
        for key in ["items", "not", "if", "then", "else"] { self[key]?.eachSchema(visit) }
        for key in ["allOf", "anyOf", "oneOf"] {
            for schema in self[key].map({ Array($0.elements) }) ?? [] { schema.eachSchema(visit) }
        }
    }

    /// Every key of every object in this value.
    var keys: Set<String> {
        switch kind {
        case .object:
            members.reduce(into: []) { found, member in
                found.insert(member.key)
                found.formUnion(member.value.keys)
            }
        case .array: elements.reduce(into: []) { $0.formUnion($1.keys) }
        case .null, .bool, .number, .string: []
        }
    }
}

extension Substring {
    /// One part of a JSON Pointer with `~1` and `~0` written out.
    fileprivate var unescaped: String {
        var text = ""
        var isEscape = false
        for letter in self {
            if isEscape {
                text += letter == "1" ? "/" : "~"
            } else if letter != "~" {
                text.append(letter)
            }
            isEscape = letter == "~"
        }
        return text
    }
}
