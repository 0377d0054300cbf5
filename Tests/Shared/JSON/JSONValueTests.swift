import SluiceShared
import Testing

/// Reading a tree, and building a value.
struct JSONValueTests {
    private static let text = """
        {
          "name": "wéb", "ports": [80, {"https": 443}],
          "é": true, "none": null
        }
        """

    @Test func `values are found by key and position`() throws {
        let root = try JSONDocument(parsing: Self.text, source: "conf/a.json").root
        #expect(root.kind == .object)
        #expect(root.count == 4)
        #expect(root["name"]?.string == "wéb")
        #expect(root["ports"]?[0]?.int64 == 80)
        #expect(root["ports"]?[1]?["https"]?.int64 == 443)
        #expect(root["ports"]?[2] == nil)
        #expect(root["ports"]?[-1] == nil)
        #expect(root["port"] == nil)
        #expect(root["é"]?.bool == true)
        #expect(root["none"]?.isNull == true)
        #expect(root["name"]?["x"] == nil)
        #expect(root["name"]?.count == 0)
        #expect(root.members.map(\.key) == ["name", "ports", "é", "none"])
        #expect(root["ports"]?.elements.map(\.kind) == [.number, .object])
    }

    @Test func `a value knows its place`() throws {
        let root = try JSONDocument(parsing: Self.text, source: "conf/a.json").root
        let port = try #require(root["ports"]?[1]?["https"])
        #expect(port.source == "conf/a.json")
        #expect(port.pointer == "/ports/1/https")
        #expect(port.mark == Mark(line: 2, column: 42))
        #expect(root.pointer == "")
        let marks = root.members.map(\.keyMark)
        #expect(marks[2] == Mark(line: 3, column: 3))
        #expect(marks[3] == Mark(line: 3, column: 14))
    }

    @Test func `a pointer escapes its tokens`() throws {
        let root = try JSONDocument(parsing: #"{"a/b":{"~c":[0]}}"#).root
        #expect(root["a/b"]?["~c"]?[0]?.pointer == "/a~1b/~0c/0")
    }

    @Test(arguments: [
        ("[1, 1.0, 10e-1]", "[1,1,1]", true), (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, true),
        ("[1,2]", "[2,1]", false), ("1", #""1""#, false), ("0", "false", false),
        ("{}", "[]", false), (#"{"a":1}"#, #"{"a":1,"b":null}"#, false), ("-0", "0", true),
        ("9007199254740993", "9007199254740992", false),
    ])
    func `equality is of values`(one: String, other: String, isEqual: Bool) throws {
        let (one, other) = (try JSONDocument(parsing: one), try JSONDocument(parsing: other))
        #expect((one.root == other.root) == isEqual)
        #expect((one.root.canonical() == other.root.canonical()) == isEqual)
    }

    @Test func `a value is built from literals and members`() {
        var value: JSON = ["b": [1, true, nil, "x\n"], "a": .number("2.50")]
        value["c"] = ["d": -1]
        value["c"]?["e"] = "f"
        value["gone"] = 1
        value["gone"] = nil
        #expect(value.text() == #"{"a":2.5,"b":[1,true,null,"x\n"],"c":{"d":-1,"e":"f"}}"#)
        #expect(value["c"]?["d"] == -1)
        var empty: JSON = nil
        empty["a"] = []
        #expect(empty == ["a": []])
    }

    @Test func `people get an indented text`() {
        let value: JSON = ["b": [], "a": [1, ["c": [:]]]]
        #expect(
            value.text(pretty: true) == """
                {
                  "a": [
                    1,
                    {
                      "c": {}
                    }
                  ],
                  "b": []
                }
                """
        )
    }

    @Test func `a copy keeps the value`() throws {
        let root = try JSONDocument(parsing: #"{"a":[1.0,1e30,"x",null,true]}"#).root
        #expect(root.json() == ["a": [1, .number("1e+30"), "x", nil, true]])
        #expect(root.json().canonical() == root.canonical())
    }
}
