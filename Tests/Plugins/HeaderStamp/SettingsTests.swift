import SluiceHeaderStamp
import SluiceKit
import SluiceShared
import Testing

@Suite struct SettingsTests {
    private let facts = StampFacts(requestID: "id-1", route: "default/r", peer: "10.0.0.1:80")

    @Test(arguments: [
        ("plain", "plain"), ("${request_id}", "id-1"), ("a ${route} b", "a default/r b"),
        ("${peer}${peer}", "10.0.0.1:8010.0.0.1:80"), ("", ""), ("$5 {x}", "$5 {x}"),
    ])
    func `a value has its facts in place`(value: String, text: String) throws {
        #expect(try #require(Template(value)).text(facts) == text)
    }

    @Test(arguments: ["${}", "${host}", "${route", "x ${peer}${Peer}"])
    func `a place for what is not known is refused`(value: String) {
        #expect(Template(value) == nil)
    }

    @Test func `changes are made in the order remove, set, add`() throws {
        let settings = try StampSettings(
            #"{"request":{"add":{"a":"1"},"remove":["b"],"set":{"c":"2"}}}"#
        )
        let values = try ["1", "2"].map { try #require(Template($0)) }
        #expect(settings.request == [.remove("b"), .set("c", values[1]), .add("a", values[0])])
        #expect(settings.response.isEmpty)
    }

    @Test(arguments: [
        (#"{"response":{"set":{"x":"${what}"}}}"#, "/response/set/x"),
        (#"{"request":{"remove":["ok","Content-Length"]}}"#, "/request/remove/1"),
        (#"{"request":{"add":{"Connection":"close"}}}"#, "/request/add/Connection"),
    ])
    func `what cannot be is refused at its place`(text: String, pointer: String) {
        let error = #expect(throws: PluginError.self) { try StampSettings(text) }
        #expect(error?.pointer == pointer)
    }

    @Test(arguments: [
        (#"{}"#, true), (#"{"request":{"set":{"x-a":"1"}},"response":{"remove":["x"]}}"#, true),
        (#"{"requests":{}}"#, false), (#"{"request":{"set":{"x y":"1"}}}"#, false),
        (#"{"request":{"set":{"x":1}}}"#, false), (#"{"request":{"set":{"x":"a\r\nb"}}}"#, false),
    ])
    func `the schema takes what can be`(text: String, isRight: Bool) throws {
        let schema = try Schema(JSONDocument(parsing: StampSettings.schema).root)
        #expect(schema.validate(try JSONDocument(parsing: text).root).isEmpty == isRight)
    }
}
