import SluiceShared
import Testing

/// RFC 8259, its edges.
struct JSONGrammarTests {
    @Test(arguments: [
        ("null", "null"), ("true", "true"), (" [ ] ", "[]"), ("{\r\n\t}", "{}"),
        (#""""#, #""""#), (#""\u00e9\/""#, #""é/""#), (#""\b\f\n\r\t\"\\""#, #""\b\f\n\r\t\"\\""#),
        (#""\u0000\u001F""#, #""\u0000\u001f""#), (#""\uD834\uDD1E""#, #""𝄞""#),
        (#""\uFFFF\uffff""#, "\"\u{FFFF}\u{FFFF}\""), ("\"\u{7F}\u{2028}\"", "\"\u{7F}\u{2028}\""),
        (#"{"b":1,"a":{"":[]}}"#, #"{"a":{"":[]},"b":1}"#),
        ("{\"\u{E000}\":1,\"😀\":2,\"a\":3}", "{\"a\":3,\"😀\":2,\"\u{E000}\":1}"),
        ("[1,2 , 3]", "[1,2,3]"), ("\n\n7\n", "7"),
    ])
    func `a valid text is read and written in one spelling`(text: String, spelling: String) throws {
        let document = try JSONDocument(parsing: text)
        #expect(String(decoding: document.root.canonical(), as: UTF8.self) == spelling)
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("-0.0e9", "0"), ("1.0", "1"), ("1e2", "100"), ("10E-1", "1"),
        ("0.1", "0.1"), ("-1.50", "-1.5"), ("1e20", "100000000000000000000"), ("1e21", "1e+21"),
        ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("12345e-10", "0.0000012345"),
        ("9007199254740993", "9007199254740993"), ("1e400", "1e+400"),
        ("123456789012345678901234567890", "1.2345678901234567890123456789e+29"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ])
    func `a number keeps its exact value`(text: String, spelling: String) throws {
        let number = try JSONDocument(parsing: text).root
        #expect(number.numberText == text)
        #expect(String(decoding: number.canonical(), as: UTF8.self) == spelling)
    }

    @Test(arguments: [
        ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("1.0", 1),
        ("1e2", 100), ("-0", 0), ("120e-1", 12), ("9223372036854775808", nil), ("0.5", nil),
        ("-9223372036854775809", nil), ("1e19", nil), ("1e1000000", nil), ("1e-1000000", nil),
    ])
    func `an integer is exact or nothing`(text: String, value: Int64?) throws {
        #expect(try JSONDocument(parsing: text).root.int64 == value)
    }

    @Test func `a number beyond the doubles has no double`() throws {
        #expect(try JSONDocument(parsing: "1e309").root.double == nil)
        #expect(try JSONDocument(parsing: "1e308").root.double == 1e308)
        #expect(try JSONDocument(parsing: "-2.5").root.double == -2.5)
    }

    @Test(arguments: [
        ("", "1:1: expected a value, found the end of the text"),
        (" ", "1:2: expected a value, found the end of the text"),
        ("[1,]", "1:4: /1: a comma before the end; remove it"),
        (#"{"a":1,}"#, "1:8: a comma before the end; remove it"),
        ("[1 2]", #"1:4: /1: expected , or ], found "2""#),
        ("[", "1:2: /0: expected a value, found the end of the text"),
        (#"{"a""#, "1:5: /a: expected : behind the key, found the end of the text"),
        (#"{"a" 1}"#, #"1:6: /a: expected : behind the key, found "1""#),
        (#"{a:1}"#, #"1:2: expected a key in double quotes, found "a""#),
        (#"{"a":}"#, #"1:6: /a: expected a value, found "}""#),
        ("{\"a\":\n {\"b/c\": nul}}", "2:10: /a/b~1c: expected true, false, null"),
        ("[1]]", #"1:4: "]" behind the end of the document; remove it"#),
        ("1 2", #"1:3: "2" behind the end of the document; remove it"#),
        ("[}", #"1:2: /0: expected a value, found "}""#),
        ("'a'", #"1:1: expected a value, found "'""#),
        ("NaN", #"1:1: expected a value, found "NaN""#),
        ("truely", #"found "truely""#),
        ("// x\n1", #"1:1: expected a value, found "/""#),
        ("\u{C}1", #"1:1: expected a value, found "\f""#),
    ])
    func `a bad text is refused with its place`(text: String, problem: String) {
        expectRefusal([UInt8](text.utf8), problem)
    }

    @Test(arguments: [
        ("01", "1:1: a number must not start with 0"),
        ("-", "1:2: expected a digit, found the end"),
        ("-01", "1:2: a number must not start with 0"), ("1.", "expected a digit behind the point"),
        (".5", #"expected a value, found ".""#), ("+1", #"expected a value, found "+""#),
        ("1e", "expected a digit in the exponent"), ("1e+", "expected a digit in the exponent"),
        ("1.e1", "expected a digit behind the point"), ("0x1", #""x" behind the end"#),
        ("-a", "1:2: expected a digit"), ("1e1000001", "the exponent is larger than 1000000"),
        ("1e99999999999999999999", "the exponent is larger than 1000000"),
        (String(repeating: "1", count: 1_025), "longer than 1024 characters"),
    ])
    func `a bad number is refused`(text: String, problem: String) {
        expectRefusal([UInt8](text.utf8), problem)
    }

    @Test(arguments: [
        (#""\ud800""#, "1:2: half of a surrogate pair"), (#""\udc00""#, "half of a surrogate pair"),
        (#""\ud800\n""#, "half of a surrogate pair"), (#""\ud800\ud800""#, "half of a surrogate"),
        (#""é\ud800x""#, "1:3: half of a surrogate pair"), (#""\u12""#, "four hexadecimal digits"),
        (#""\u12g4""#, "four hexadecimal digits"), (#""\x41""#, "1:2: an unknown escape"),
        (#""\"#, "an unknown escape"), (#""abc"#, "1:5: the text ends inside a string"),
        ("\"a\nb\"", "1:3: a control character"), ("\"\u{0}\"", "a control character"),
        ("\"\u{1F}\"", "a control character"), ("\"\t\"", "a control character"),
        (#""a\u0062"#, "the text ends inside a string"),
    ])
    func `a bad string is refused`(text: String, problem: String) {
        expectRefusal([UInt8](text.utf8), problem)
    }

    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80],
        [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        expectRefusal([0x22] + bytes + [0x22], "1:2: not UTF-8")
    }

    @Test func `a byte order mark is refused by name`() {
        expectRefusal([0xEF, 0xBB, 0xBF, 0x31], "1:1: a byte order mark")
    }

    private func expectRefusal(
        _ bytes: [UInt8],
        _ problem: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let failure = #expect(throws: ParseFailure.self, sourceLocation: location) {
            try JSONDocument(parsing: bytes)
        }
        let text = failure?.description ?? "accepted"
        #expect(text.contains(problem), "\(text)", sourceLocation: location)
    }
}
