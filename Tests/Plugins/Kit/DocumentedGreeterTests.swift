import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct DocumentedGreeterTests {
    let host = SimulatedHost()
    let instance: SimulatedInstance<Greeter>

    init() throws {
        instance = try host.make(Greeter.self)
        try instance.start()
    }

    private func greet(_ suffix: String, headers: Headers = [:]) throws -> SimulatedExchange {
        var request = SimulatedRequest("GET", "/greet/\(suffix)", headers: headers)
        request.suffix = suffix
        return try instance.request(request)
    }

    @Test func `the greeter of the documentation is this one`() throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        func text(_ path: String) throws -> String {
            String(decoding: try Files.read("/\(root)/\(path)", bytesMax: 1 << 20), as: UTF8.self)
        }
        let code = try text("Tests/Plugins/Kit/DocumentedGreeter.swift")
        #expect(try text("docs/plugins.md").contains("```swift\n\(code)```"))
    }

    @Test func `it greets at once`() throws {
        let exchange = try greet("ada")
        #expect(exchange.outcome == .answered)
        #expect(exchange.text == "hello, ada\n")
    }

    @Test func `it greets late, from the pool and in pieces`() throws {
        let late = try greet("late")
        #expect(late.status == nil)
        host.advance(by: .seconds(1))
        #expect(late.text == "good evening\n")
        #expect(try greet("sum").text == "the sum is 500000500000\n")
        let stream = try greet("stream")
        #expect(stream.pieces.count == 3)
        #expect(stream.isFinished)
    }

    @Test func `it relays what another server says`() throws {
        let exchange = try greet("relay", headers: ["x-url": "http://a.test/"])
        let call = try #require(host.calls.first)
        #expect(call.url == "http://a.test/")
        call.answer(203)
        call.send("there")
        #expect(exchange.status == 203)
        #expect(exchange.text == "there")
        #expect(!exchange.isFinished)
        call.end()
        #expect(exchange.isFinished)
    }

    @Test func `it says how it goes`() throws {
        _ = try greet("ada")
        host.advance(by: .seconds(120))
        #expect(host.lines.map(\.fields) == [["greeted": "1"], ["greeted": "1"]])
    }
}
