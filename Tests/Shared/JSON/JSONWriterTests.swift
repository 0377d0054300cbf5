import SluiceShared
import Testing

private struct Port: JSONRepresentable {
    let number: Int

    func json() -> JSON { .object { "port" => number } }
}

struct JSONWriterTests {
    private func text(pretty: Bool = false, _ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(pretty: pretty)
        body(&writer)
        #expect(writer.isWhole)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `members and elements are written in their order`() {
        let found = text { writer in
            writer.object { writer in
                writer.member("b", 1)
                writer.member("a", ["x", "y"])
                writer.key("list")
                writer.array { writer in
                    writer.value(Port(number: 80))
                    writer.value(nil as Int?)
                    writer.value(text: "[ 1]".utf8)
                    writer.object { _ in }
                }
            }
        }
        #expect(found == #"{"b":1,"a":["x","y"],"list":[{"port":80},null,[ 1],{}]}"#)
    }

    @Test func `an indented text is read by people`() {
        let found = text(pretty: true) { writer in
            writer.object { writer in
                writer.member("a", [1, 2])
                writer.member("b", [Int]())
            }
        }
        #expect(found == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": []\n}")
    }

    @Test func `numbers are exact, and strings escaped`() throws {
        #expect(text { $0.value(UInt64.max) } == "18446744073709551615")
        #expect(text { $0.value(Int64.min) } == "-9223372036854775808")
        #expect(text { $0.value(Int8(0)) } == "0")
        #expect(text { $0.value(0.1) } == "0.1")
        #expect(text { $0.value(-1e300) } == "-1e+300")
        #expect(text { $0.value(Double.nan) } == "null")
        #expect(text { $0.value("a\"\\\n\u{1}\u{1F}\u{E9}") } == #""a\"\\\n\u0001\u001f\#u{E9}""#)
        #expect(UInt64.max.json() == .number("18446744073709551615"))
        #expect(Int64.min.json() == .integer(.min))
    }

    @Test func `a text is taken in pieces`() {
        var writer = JSONWriter()
        var pieces: [UInt8] = []
        writer.openArray()
        for number in 0..<3 {
            writer.value(number)
            pieces += writer.take()
            #expect(writer.bytes.isEmpty && !writer.isWhole)
        }
        writer.close()
        #expect(pieces + writer.take() == Array("[0,1,2]".utf8) && writer.isWhole)
    }

    @Test func `an object is built of members, conditions and loops`() {
        let isNew = true
        let note: String? = nil
        let json = JSON.object {
            "name" => "web"
            "ports" => [Port(number: 80), Port(number: 443)]
            "labels" => ["a": "b"]
            if isNew { "new" => true } else { "old" => true }
            if let note { "note" => note }
            "note2" => note
            for number in 1...2 { "n\(number)" => number }
            "inner" => JSON.object { "x" => 1.5 }
            "sum" => 1 + 1
        }
        let wanted: JSON = [
            "name": "web", "ports": [["port": 80], ["port": 443]], "labels": ["a": "b"],
            "new": true, "note2": nil, "n1": 1, "n2": 2, "inner": ["x": .number("1.5")], "sum": 2,
        ]
        #expect(json == wanted)
    }

    @Test func `a value is written as its tree is`() throws {
        for seed in UInt64(0)..<2_000 {
            var choices = Seeded(seed: seed)
            let value = JSONRoundTripTests.value(&choices, depth: 4)
            #expect(Array(text { $0.value(value) }.utf8) == value.canonical(), "seed \(seed)")
            let document = try JSONDocument(parsing: value.canonical())
            let copy = text { $0.value(document.root) }
            #expect(Array(copy.utf8) == value.canonical(), "seed \(seed)")
        }
    }

    @Test func `mistakes of the caller stop the program`() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.object { $0.value(1) }
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.array { $0.key("a") }
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.object { $0.key("a") }
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.value(1)
            writer.value(2)
        }
    }
}
