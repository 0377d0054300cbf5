import SluiceABI
import SluiceKit
import SluiceKitTesting
import Synchronization
import Testing

/// Stamps headers, hides a word of bodies, and answers some paths itself.
actor Stamp: FilterPlugin {
    static let description = PluginDescription(
        id: "dev.sluice.stamp",
        version: "1.0.0",
        summary: "Stamps."
    )
    static let wants: FilterWants = [.requestBody, .response, .trailers]

    let host: Host
    var routes = 0

    init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
    }

    func settings(_ configuration: String) throws(PluginError) -> String {
        if configuration == "bad" { throw PluginError(.invalid, "no such stamp", at: "/stamp") }
        routes += 1
        return configuration
    }

    nonisolated func open(
        _ request: borrowing InlineRequest,
        _ passing: Passing,
        _ settings: String
    ) -> (passage: Passage, flow: Flow)? {
        switch request.path {
        case "/not-mine": return nil
        case "/answer":
            try? passing.respond(.text(403, "no"))
            return (Passage(settings), .answered)
        default:
            try? passing.set(.request, "x-stamp", settings)
            try? passing.remove(.request, "x-secret")
            try? passing.path("/stamped" + request.path, query: request.query)
            return (Passage(settings), .hold)
        }
    }

    final class Passage: FilterPassage {
        static let closed = Mutex<[Int]>([])
        private let stamp: String

        init(_ stamp: String) {
            self.stamp = stamp
        }

        func body(_ side: Side, _ piece: [UInt8], isLast: Bool, _ passing: Passing) -> Flow {
            guard isLast, let held = try? passing.held(side) else { return .hold }
            try? passing.body(side, held + piece)
            try? passing.resume(side)
            return .go
        }

        func response(
            _ status: Int,
            _ headers: Headers,
            isLast: Bool,
            _ passing: Passing
        ) -> Flow {
            try? passing.add(.response, Header("x-stamp", stamp))
            if status == 404 { try? passing.status(410) }
            return .go
        }

        func close(_ summary: ExchangeSummary) {
            Self.closed.withLock { $0.append(summary.status) }
        }
    }
}

@Suite struct FilterTests {
    let host = SimulatedHost()
    let instance: SimulatedInstance<Stamp>

    init() throws {
        instance = try host.make(Stamp.self)
    }

    @Test func `a route's configuration is read on the lane`() throws {
        _ = try instance.route("a")
        #expect(try instance.with { $0.routes } == 1)
        #expect(throws: PluginError(.invalid, "no such stamp", at: "/stamp")) {
            try instance.route("bad")
        }
    }

    @Test func `a message is changed on its way`() throws {
        let route = try instance.route("blue")
        let passage = route.open(
            SimulatedRequest("GET", "/a?b=1", headers: ["x-secret": "1", "accept": "*/*"])
        )
        #expect(passage.opened == .hold)
        #expect(passage.headers[.request] == ["accept": "*/*", "x-stamp": "blue"])
        #expect(passage.path == "/stamped/a?b=1")
        #expect(passage.body(.request, [1]) == .hold)
        passage.held[.request] = [1]
        #expect(passage.body(.request, [2], isLast: true) == .go)
        #expect(passage.bodies[.request] == [1, 2])
        #expect(passage.resumed == [.request])
        #expect(passage.response(404, headers: ["etag": "x"]) == .go)
        #expect(passage.headers[.response] == ["etag": "x", "x-stamp": "blue"])
        #expect(passage.status == 410)
        #expect(passage.trailers(.response, ["x": "y"]) == .go)
        passage.close(status: 499)
        #expect(Stamp.Passage.closed.withLock { $0 }.contains(499))
    }

    @Test func `a filter may take no part, or answer itself`() throws {
        let route = try instance.route()
        #expect(route.open(SimulatedRequest("GET", "/not-mine")).opened == .skip)
        let answered = route.open(SimulatedRequest("GET", "/answer"))
        #expect(answered.opened == .answered)
        #expect(answered.response?.status == 403)
        answered.close()
    }
}
