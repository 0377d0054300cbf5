package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// What the request parser makes of the bytes, as one line of JSON, for comparing it with
    /// other parsers: `{"faulty": status}`, `{"incomplete": true}` or the head.
    package static func description(_ bytes: Bytes) -> String {
        var head = RequestHead(fieldsMax: 100, lineMax: 8_192)
        switch head.parse(bytes) {
        case .incomplete: return #"{"incomplete": true}"#
        case .faulty(let fault): return #"{"faulty": \#(fault.status)}"#
        case .complete(let length):
            let view = head.view(of: bytes)
            let facts = view.facts
            let line = bytes.slice(facts.methodStart, facts.fieldsStart - facts.methodStart)
            let fields = (0..<view.fields.count).map { index in
                "[\(hex(view.fields[index].nameBytes(in: bytes))), \(hex(view.value(at: index)))]"
            }
            return #"{"length": \#(length), "line": \#(hex(line)), "version": \#(facts.version), "#
                + #""keepsAlive": \#(facts.keepsAlive), "#
                + #""body": "\#(facts.bodyFraming)", "fields": [\#(fields.joined(separator: ", "))]}"#
        }
    }

    private static func hex(_ bytes: Bytes) -> String {
        let digits = Array("0123456789abcdef")
        return "\"" + String(bytes.array.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
            + "\""
    }
}
