import SluiceShared
import Testing

/// YAML 1.2.2, section 10.3.2: which plain scalars are more than texts.
struct YAMLCoreSchemaTests {
    @Test(arguments: [
        ("null", "null"), ("Null", "null"), ("NULL", "null"), ("~", "null"), ("", "null"),
        ("nULL", #""nULL""#), ("true", "true"), ("True", "true"), ("TRUE", "true"),
        ("false", "false"), ("False", "false"), ("FALSE", "false"), ("tRUE", #""tRUE""#),
        ("yes", #""yes""#), ("no", #""no""#), ("on", #""on""#), ("off", #""off""#),
        ("y", #""y""#), ("n", #""n""#), ("0", "0"), ("-0", "0"), ("+12", "12"), ("-12", "-12"),
        ("007", "7"), ("0o14", "12"), ("0xC", "12"), ("0xffffffffffffffff", "18446744073709551615"),
        ("0o1777777777777777777777", "18446744073709551615"), ("0o", #""0o""#), ("0xg", #""0xg""#),
        ("-0x1", #""-0x1""#), ("0b1", #""0b1""#), ("1_000", #""1_000""#), ("1.5", "1.5"),
        (".5", "0.5"), ("-.5", "-0.5"), ("+.5", "0.5"), ("5.", "5"), ("1e3", "1000"),
        ("1.e3", "1000"), ("12e-1", "1.2"), ("1E+2", "100"), ("1e", #""1e""#), (".", #"".""#),
        ("+", #""+""#), (".e1", #"".e1""#), ("1.2.3", #""1.2.3""#),
        ("10:30", #""10:30""#), ("2026-11-21", #""2026-11-21""#), ("1h30m", #""1h30m""#),
        ("10s", #""10s""#), ("*.a", nil), ("'true'", #""true""#), (#""1""#, #""1""#),
        ("9007199254740993", "9007199254740993"), ("!!str 1", #""1""#), ("! 1", #""1""#),
        ("!!int 1", "1"), ("!!int '1'", "1"), ("!!float 1", "1"), ("!!bool true", "true"),
        ("!!null ''", "null"), ("!!str", #""""#), ("!<tag:yaml.org,2002:str> 1", #""1""#),
        ("|\n    1", #""1""#), (">\n    a\n    b", #""a b""#), (".infinity", #"".infinity""#),
    ])
    func `a scalar has the type of the core schema`(text: String, spelling: String?) {
        let documents = try? YAML.parse([UInt8]("value: \(text)".utf8), source: "a.yaml")
        let value = documents?.first?.root["value"]
        #expect((value?.canonical()).map { String(decoding: $0, as: UTF8.self) } == spelling)
    }

    @Test(arguments: [
        (".inf", ".inf is no number that JSON has"), ("-.INF", "-.INF is no number"),
        (".nan", ".nan is no number"), (".NaN", ".NaN is no number"),
        ("!!int 1.5", #""1.5" is not what its tag !!int says"#),
        ("!!int a", #""a" is not what its tag !!int says"#),
        ("!!bool yes", #""yes" is not what its tag !!bool says"#),
        ("!!null x", #""x" is not what its tag !!null says"#),
        ("!!float x", #""x" is not what its tag !!float says"#),
        ("!!binary aGk=", #"the tag "tag:yaml.org,2002:binary" does not belong here"#),
        ("!!timestamp 2026-11-21", "does not belong here"), ("!!map x", "does not belong here"),
        ("!secret x", #"the tag "!secret" does not belong here; remove it"#),
        ("!!str [1]", "does not belong here"), ("!!set {a: b}", "does not belong here"),
        ("!!seq {a: b}", "does not belong here"), ("!!map [a]", "does not belong here"),
        ("!own {a: b}", #"the tag "!own" does not belong here"#),
        ("0x10000000000000000", "larger than 64 bits"), ("1e1000001", "exponent is larger"),
    ])
    func `a scalar that JSON cannot carry is refused`(text: String, problem: String) {
        let failure = #expect(throws: ParseFailure.self) {
            try YAML.parse([UInt8]("value: \(text)".utf8), source: "a.yaml")
        }
        #expect(failure?.description.contains(problem) == true, "\(failure?.description ?? "")")
        #expect(failure?.description.hasPrefix("a.yaml:1:8: /value: ") == true)
    }

    @Test func `collections may carry their own tags`() throws {
        let document = try YAML.parse([UInt8]("!!map {a: !!seq [1], b: ! [2]}".utf8), source: "")
        #expect(document.first?.root.json() == ["a": [1], "b": [2]])
    }
}
