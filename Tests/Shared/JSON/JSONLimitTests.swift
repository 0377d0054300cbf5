import SluiceShared
import Testing

/// What a text may cost, and what it may say twice.
struct JSONLimitTests {
    @Test func `nesting stops at the limit`() throws {
        let limits = ParseLimits(depthMax: 3)
        _ = try JSONDocument(parsing: #"[{"a":[]}]"#, limits: limits)
        expectRefusal(#"[{"a":[[]]}]"#, limits, "1:8: /0/a/0: nested deeper than 3 levels")
    }

    @Test func `a hundred thousand brackets are refused without recursion`() {
        let brackets = String(repeating: "[", count: 100_000)
        expectRefusal(brackets, .standard, "1:65: ")
        expectRefusal(brackets, ParseLimits(depthMax: .max), "1:100001: ")
    }

    @Test func `the size is limited before anything is read`() throws {
        _ = try JSONDocument(parsing: "[100]", limits: ParseLimits(bytesMax: 5))
        expectRefusal("[1000", ParseLimits(bytesMax: 4), "1:1: the text has 5 bytes, more than")
    }

    @Test func `values and keys are counted`() throws {
        _ = try JSONDocument(parsing: #"{"a":[1]}"#, limits: ParseLimits(nodesMax: 4))
        expectRefusal(
            #"{"a":[1,2]}"#,
            ParseLimits(nodesMax: 4),
            "1:9: /a/1: more than 4 values; split"
        )
    }

    @Test(arguments: [1, 7, 8, 9, 100])
    func `a key said twice is refused where it is repeated`(count: Int) {
        let members = (0..<count).map { "\"k\($0)\": 0" }.joined(separator: ", ")
        let text = "{\"x\": {\(members),\n  \"k0\": 1}}"
        expectRefusal(text, .standard, #"2:3: /x: duplicate key "k0""#)
    }

    @Test func `an escaped key is the same key`() {
        expectRefusal(#"{"a":1,"\u0061":2}"#, .standard, #"1:8: duplicate key "a""#)
    }

    @Test func `keys that only look alike are two keys`() throws {
        let document = try JSONDocument(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(document.root.count == 2)
        #expect(document.root["\u{E9}"]?.int64 == 1)
        #expect(document.root["e\u{301}"]?.int64 == 2)
    }

    private func expectRefusal(
        _ text: String,
        _ limits: ParseLimits,
        _ problem: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let failure = #expect(throws: ParseFailure.self, sourceLocation: location) {
            try JSONDocument(parsing: text, source: "", limits: limits)
        }
        let text = failure?.description ?? "accepted"
        #expect(text.contains(problem), "\(text)", sourceLocation: location)
    }
}
