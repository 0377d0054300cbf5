import SluiceBase
import SluiceRouting
import Testing

/// Endpoints of a pool that come in documents of their own.
struct EndpointsTests {
    /// `10.0.0.n` at port 1, with other members behind a comma.
    private static func endpoint(_ number: Int, _ members: String = "") -> String {
        #"{"address":"10.0.0.\#(number)","port":1\#(members)}"#
    }

    private static func slice(_ pool: String, _ endpoints: String...) -> String {
        #"{"pool":"\#(pool)","endpoints":[\#(endpoints.joined(separator: ","))]}"#
    }

    /// The addresses of the only pool.
    private func addresses(_ test: TestWorld) throws -> [String] {
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.words == [])
        let view = compilation.snapshot.view
        let pool = try view.pool(slot: 0)
        return (0..<pool.endpointCount).map {
            view.endpoint(pool.endpoint(at: $0).slot).authority.text
        }
    }

    @Test func `a pool has its own endpoints and those of its slices, each once`() throws {
        var test = TestWorld()
        try test.put(.pool, "p", #"{"endpoints":[\#(Self.endpoint(1)),\#(Self.endpoint(2))]}"#)
        try test.put(.endpoints, "b", Self.slice("p", Self.endpoint(4), Self.endpoint(3)))
        try test.put(.endpoints, "a", Self.slice("p", Self.endpoint(3), Self.endpoint(2)))
        #expect(
            try addresses(test) == ["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1"]
        )
        test.world.remove(DocumentKey(instance: "routes", kind: .endpoints, name: "b"))
        #expect(try addresses(test) == ["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"])
    }

    @Test func `one that is ready in some slice is ready, and leaving ones are for when none is`()
        throws
    {
        let leaving = #","ready":false,"serving":true,"terminating":true"#
        var test = TestWorld()
        try test.put(.pool, "p", #"{"endpoints":[]}"#)
        try test.put(
            .endpoints,
            "a",
            Self.slice("p", Self.endpoint(1, leaving), Self.endpoint(2, leaving))
        )
        #expect(try addresses(test) == ["10.0.0.1:1", "10.0.0.2:1"])
        try test.put(.endpoints, "b", Self.slice("p", Self.endpoint(1)))
        #expect(try addresses(test) == ["10.0.0.1:1"])
    }

    @Test func `a slice of no pool is left out, and one of a pool that is left out is silent`()
        throws
    {
        var test = TestWorld()
        try test.put(.pool, "h2c", #"{"endpoints":[],"protocol":"h2c"}"#)
        try test.put(.endpoints, "a", Self.slice("h2c", Self.endpoint(1)))
        try test.put(.endpoints, "b", Self.slice("none", Self.endpoint(1)))
        test.instance = "other"
        try test.put(.endpoints, "c", Self.slice("h2c", Self.endpoint(1)))
        let compilation = test.compile()
        #expect(
            compilation.words == [
                "endpoints b unknown-pool /pool", "pool h2c not-supported /protocol",
                "endpoints c unknown-pool /pool",
            ]
        )
        #expect(compilation.problems.allSatisfy { $0.severity == .object })
    }

    @Test func `what is wrong with an endpoint is told of its slice`() throws {
        var test = TestWorld()
        try test.put(.pool, "p", #"{"endpoints":[\#(Self.endpoint(1))]}"#)
        try test.put(
            .endpoints,
            "a",
            Self.slice("p", #"{"host":"a.test","port":1}"#, Self.endpoint(300), Self.endpoint(2))
        )
        let compilation = test.compile(Compiler(endpointsMax: 1))
        #expect(
            compilation.words == [
                "endpoints a not-supported /endpoints/0/host",
                "endpoints a bad-address /endpoints/1/address",
                "endpoints a too-many /endpoints/2",
            ]
        )
        #expect(compilation.problems.allSatisfy { $0.severity == .warning })
    }

    @Test func `equal content has an equal hash, and a change of a slice another`() throws {
        var test = TestWorld()
        try test.put(.pool, "p", #"{"endpoints":[]}"#)
        try test.put(.endpoints, "a", Self.slice("p", Self.endpoint(1)))
        let hash = test.compile().contentHash
        try test.put(.endpoints, "a", " " + Self.slice("p", Self.endpoint(1)))
        #expect(test.compile().contentHash == hash)
        try test.put(.endpoints, "a", Self.slice("p", Self.endpoint(2)))
        #expect(test.compile().contentHash != hash)
    }
}
