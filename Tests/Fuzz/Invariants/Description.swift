package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// What the request parser makes of the bytes, as one line of JSON, for comparing it with
    /// other parsers: the bytes, and the status of a fault, or that more is needed, or the head.
    package static func description(_ bytes: Bytes) -> String {
        var head = RequestHead(fieldsMax: 100, lineMax: 8_192)
        switch head.parse(bytes) {
        case .incomplete: return #"{"input": \#(hex(bytes)), "incomplete": true}"#
        case .faulty(let fault): return #"{"input": \#(hex(bytes)), "faulty": \#(fault.status)}"#
        case .complete(let length):
            let view = head.view(of: bytes)
            let facts = view.facts
            let line = bytes.slice(facts.methodStart, facts.fieldsStart - facts.methodStart)
            let fields = (0..<view.fields.count).map { index in
                "[\(hex(view.fields[index].nameBytes(in: bytes))), \(hex(view.value(at: index)))]"
            }
            return #"{"input": \#(hex(bytes)), "length": \#(length), "line": \#(hex(line)), "#
                + #""keepsAlive": \#(facts.keepsAlive), "#
                + #""fields": [\#(fields.joined(separator: ", "))]}"#
        }
    }

    private static func hex(_ bytes: Bytes) -> String {
        let digits = Array("0123456789abcdef")
        return "\"" + String(bytes.array.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
            + "\""
    }
}
