import SluiceGatewayAPI
import SluiceShared
import Testing

/// BackendTLSPolicy: which policy a pool follows, and what its status says.
@Suite struct PolicyTests {
    private func policy(_ name: String, _ metadata: String = "", host: String? = nil) -> String {
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: \(name)\(metadata)}
        spec:
          targetRefs: [{group: "", kind: Service, name: s}]
          validation: {hostname: \(host ?? "\(name).test"), wellKnownCACertificates: System}

        """
    }

    private func gateway(_ name: String) -> String {
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: \(name)}
        spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}

        """
    }

    private func service(reachedFrom gateways: [String]) -> String {
        let parents = gateways.map { "{name: \($0)}" }.joined(separator: ", ")
        return """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            spec: {ports: [{port: 443}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r}
            spec: {parentRefs: [\(parents)], rules: [{backendRefs: [{name: s, port: 443}]}]}

            """
    }

    private func status(_ world: World, _ name: String) -> ObjectStatus? {
        world.translation.statuses.values.first {
            $0.key.kind == "BackendTLSPolicy" && $0.key.name == name
        }
    }

    struct Rank: CustomTestStringConvertible {
        let first: String
        let second: String
        let winner: String
        var testDescription: String { "\(first) and \(second): \(winner)" }
    }

    private static func created(_ time: String) -> String { ", creationTimestamp: \"\(time)\"" }

    static let ranks: [Rank] = [
        Rank(first: "", second: "", winner: "a"),
        Rank(
            first: created("2026-01-02T00:00:00Z"),
            second: created("2026-01-01T00:00:00Z"),
            winner: "b"
        ),
        Rank(first: "", second: created("2026-01-01T00:00:00Z"), winner: "b"),
        Rank(
            first: created("2026-01-01T00:00:00Z"),
            second: created("2026-01-01T00:00:00Z"),
            winner: "a"
        ),
    ]

    @Test(arguments: ranks)
    func `of two policies for one target the older wins, then the first by name`(
        rank: Rank
    ) throws {
        let world = try World(
            gateway("web") + service(reachedFrom: ["web"]) + policy("b", rank.second)
                + policy("a", rank.first)
        )
        let pool = world.translation.documents[DocumentName(.pool, "default/s/443")]
        #expect(pool?.content["tls"]?["sni"] == .string("\(rank.winner).test"))
        for name in ["a", "b"] {
            let condition = status(world, name)?.ancestors.first?.conditions.first
            #expect(condition?.reason == (name == rank.winner ? "Accepted" : "Conflicted"))
        }
    }

    @Test func `status is written for each Gateway as the Gateway API writes it`() throws {
        let world = try World(
            gateway("web") + gateway("idle") + service(reachedFrom: ["web"])
                + policy("a", ", generation: 9")
        )
        let conditions = [("Accepted", "Accepted"), ("ResolvedRefs", "ResolvedRefs")].map { row in
            JSON.object([
                "type": .string(row.0), "status": "True", "reason": .string(row.1),
                "message": "", "observedGeneration": 9,
            ])
        }
        let ancestor: JSON = [
            "ancestorRef": [
                "group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "default",
                "name": "web",
            ],
            "controllerName": "sluice.dev/gateway", "conditions": .array(conditions),
        ]
        #expect(status(world, "a")?.json == ["ancestors": [ancestor]])
    }

    @Test func `a policy that no route reaches has no status`() throws {
        let unreached = try World(gateway("web") + service(reachedFrom: []) + policy("a"))
        #expect(status(unreached, "a") == nil)
        let missing = try World(gateway("web") + policy("a"))
        #expect(status(missing, "a") == nil)
        #expect(missing.translation.problems.map(\.code) == ["TargetNotFound"])
    }

    @Test func `status names sixteen Gateways and the problem says that there are more`() throws {
        let names = (10..<30).map { "g\($0)" }
        let world = try World(
            names.map(gateway).joined() + service(reachedFrom: names) + policy("a")
        )
        let ancestors = status(world, "a")?.ancestors ?? []
        #expect(ancestors.map { $0.reference["name"] } == names.prefix(16).map { .string($0) })
        #expect(world.translation.problems.contains { $0.code == "too-many" })
    }
}
