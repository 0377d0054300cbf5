import SluiceShared
import Testing

private enum Mode: String, CaseIterable, JSONReadable {
    case fast, careful
}

private struct Place: JSONReadable, Equatable {
    let mode: Mode
    let ports: [UInt16]

    init(json: JSONReader) throws(ParseFailure) {
        mode = try json["mode"].choice(Mode.self)
        ports = try json["ports"].array(of: UInt16.self)
    }
}

struct JSONReaderTests {
    private let json: JSONReader

    init() throws {
        let text = """
            {"name": "web", "spec": {"replicas": 3, "ratio": 0.5, "debug": true, "mode": "fast",
              "ports": [80, 443], "nothing": null, "a/b~": {"c": "d"}},
             "large": 18446744073709551615, "small": -9223372036854775808, "far": 1e2}
            """
        json = try JSONReader(parsing: text.utf8, source: "a.json")
    }

    /// The place and the sentence of the failure.
    private func failure<Answer>(
        _ read: (JSONReader) throws(ParseFailure) -> Answer
    ) -> String? {
        do throws(ParseFailure) {
            _ = try read(json)
            return nil
        } catch {
            return "\(error.pointer): \(error.text)"
        }
    }

    @Test func `what is there is read`() throws {
        #expect(try json["name"].string() == "web")
        #expect(try json["spec"]["replicas"].int() == 3)
        #expect(try json["spec"]["ratio"].double() == 0.5)
        #expect(try json["spec"]["debug"].bool())
        #expect(try json["spec"]["mode"].choice(Mode.self) == .fast)
        #expect(try json["spec"]["ports"].array().count == 2)
        #expect(try json["spec"]["ports"].array(of: Int.self) == [80, 443])
        #expect(try json["spec"]["ports"][1].int() == 443)
        #expect(try json["spec"]["a/b~"]["c"].string() == "d")
        #expect(try json["spec"]["a/b~"].members().map(\.key) == ["c"])
        #expect(json["spec"].value?.count == 7 && json["no"].value == nil)
    }

    @Test func `types of one's own are read, alone and in arrays`() throws {
        let text = #"[{"mode": "fast", "ports": [1]}, {"mode": "careful", "ports": [70000]}]"#
        let places = try JSONReader(parsing: text.utf8)
        let first = try Place(json: places[0])
        #expect(first.mode == .fast && first.ports == [1])
        let error = #expect(throws: ParseFailure.self) { try places.array(of: Place.self) }
        #expect(error?.pointer == "/1/ports/0")
        let words = try JSONReader(parsing: #"["careful", "fast"]"#.utf8)
        #expect(try words.array(of: Mode.self) == [.careful, .fast])
        #expect(try JSONReader(parsing: "[0.5, 2]".utf8).array(of: Double.self) == [0.5, 2])
    }

    @Test func `integers are exact for every type, and refused where they do not fit`() throws {
        #expect(try json["large"].integer(UInt64.self) == .max)
        #expect(try json["small"].integer(Int64.self) == .min)
        #expect(try json["far"].integer(Int8.self) == 100)
        #expect(
            failure { j throws(ParseFailure) in try j["large"].int() }
                == "/large: expected an integer from -9223372036854775808 to "
                + "9223372036854775807, found 18446744073709551615"
        )
        #expect(
            failure { j throws(ParseFailure) in try j["small"].integer(UInt8.self) }
                == "/small: expected an integer from 0 to 255, found -9223372036854775808"
        )
        #expect(
            failure { j throws(ParseFailure) in try j["spec"]["ratio"].int() }?
                .hasSuffix("found 0.5") == true
        )
    }

    @Test func `a failure names the place, what was expected and what is there`() {
        #expect(
            failure { j throws(ParseFailure) in try j["name"].int() }
                == "/name: expected an integer, found a string"
        )
        #expect(
            failure { j throws(ParseFailure) in try j["spec"]["ports"][0].string() }
                == "/spec/ports/0: expected a string, found a number"
        )
        #expect(
            failure { j throws(ParseFailure) in try j["spec"]["a/b~"].array() }
                == "/spec/a~1b~0: expected an array, found an object"
        )
        #expect(
            failure { j throws(ParseFailure) in
                try j["spec"]["ports"].array(of: String.self)
            } == "/spec/ports/0: expected a string, found a number"
        )
        #expect(
            failure { j throws(ParseFailure) in try j["spec"]["nothing"].members() }
                == "/spec/nothing: expected an object, found null"
        )
    }

    @Test func `what is missing is named with its nearest neighbour`() {
        #expect(
            failure { j throws(ParseFailure) in try j["spec"]["replica"].int() }
                == "/spec/replica: expected an integer, found nothing; did you mean \"replicas\"?"
        )
        #expect(
            failure { j throws(ParseFailure) in try j["status"]["a/b"][0].string() }
                == "/status/a~1b/0: expected a string, found nothing"
        )
        #expect(
            failure { j throws(ParseFailure) in try j["spec"]["ports"][2].int() }
                == "/spec/ports/2: expected an integer, found nothing"
        )
        #expect(
            failure { j throws(ParseFailure) in try j["name"]["x"]["y"].int() }
                == "/name: expected an object or array, found a string"
        )
    }

    @Test func `a word that is none of an enumeration is told the words`() throws {
        let other = try JSONReader(parsing: #"{"mode": "carefull"}"#.utf8)
        let error = #expect(throws: ParseFailure.self) { try other["mode"].choice(Mode.self) }
        #expect(
            error?.text == "expected one of \"fast\", \"careful\", found \"carefull\"; "
                + "did you mean \"careful\"?"
        )
    }

    @Test func `null and absent values are optional, wrong ones are not`() throws {
        #expect(try json["spec"]["nothing"].optional?.int() == nil)
        #expect(try json["spec"]["no"].optional?.int() == nil)
        #expect(try json["no"]["no"].optional?.int() == nil)
        #expect(try json["spec"]["replicas"].optional?.int() == 3)
        #expect(try json["spec"]["no"].int(or: 7) == 7)
        #expect(try json["spec"]["no"].string(or: "a") == "a")
        #expect(try json["spec"]["no"].bool(or: true))
        #expect(try json["spec"]["no"].double(or: 1.5) == 1.5)
        #expect(try json["spec"]["no"].arrayOrNone().isEmpty)
        #expect(try json["spec"]["ports"].arrayOrNone().count == 2)
        #expect(throws: ParseFailure.self) { try json["name"].int(or: 7) }
        #expect(throws: ParseFailure.self) { try json["name"]["x"].int(or: 7) }
        #expect(throws: ParseFailure.self) { try json["name"].arrayOrNone() }
    }

    @Test func `a rule of one's own fails at its place`() {
        let failure = json["spec"]["ports"][1].failure("is taken")
        #expect(failure.description == "a.json:2:17: /spec/ports/1: is taken")
    }
}
