import SluiceGatewayAPI
import SluiceShared
import Testing

/// What a faulty BackendTLSPolicy does to its targets.
@Suite struct FaultyPolicyTests {
    private let world = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web}
        spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: s}
        spec: {ports: [{name: http, port: 80}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: r}
        spec: {parentRefs: [{name: web}], rules: [{backendRefs: [{name: s, port: 80}]}]}
        ---

        """

    /// A policy that is right, to be spoilt in one place.
    private static let right = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: p}
        spec:
          targetRefs: [{group: "", kind: Service, name: s}]
          validation: {hostname: s.test, wellKnownCACertificates: System}

        """

    struct Fault: CustomTestStringConvertible {
        let right: String
        let wrong: String
        var testDescription: String { "\(wrong) for \(right)" }
    }

    static let faults: [Fault] = [
        Fault(right: "hostname: s.test", wrong: "hostname: S.test"),
        Fault(right: "hostname: s.test", wrong: "hostname: \"s.test:443\""),
        Fault(right: "hostname: s.test", wrong: "hostnam: s.test"),
        Fault(right: "hostname: s.test, ", wrong: ""),
        Fault(right: ", wellKnownCACertificates: System", wrong: ""),
        Fault(right: "System}", wrong: "system}"),
        Fault(right: "System}", wrong: "System, subjectAltNames: [{type: IP, ip: 10.0.0.1}]}"),
        Fault(right: "validation:", wrong: "tls:"),
        Fault(right: "name: s}", wrong: "name: s, sectionName: https}"),
        Fault(right: "name: s}", wrong: "name: s, sectionName: 80}"),
        Fault(right: "name: s}", wrong: "nam: s}"),
        Fault(right: "group: \"\", ", wrong: ""),
        Fault(right: "group: \"\"", wrong: "group: core"),
        Fault(right: "kind: Service", wrong: "kind: service"),
        Fault(right: "kind: Service", wrong: "kind: Servce"),
        Fault(right: "targetRefs: [{group: \"\", kind: Service, name: s}]", wrong: "targetRefs: s"),
        Fault(right: "[{group: \"\", kind: Service, name: s}]", wrong: "[]"),
        Fault(right: "targetRefs: [", wrong: "targetReferences: ["),
        Fault(right: "spec:", wrong: "specs:"),
        Fault(right: "metadata: {name: p}", wrong: "metadata: {nam: p}"),
        Fault(right: "metadata: {name: p}", wrong: "metadata: {name: P, labels: []}"),
        Fault(right: "kind: BackendTLSPolicy", wrong: "kind: BackendTLSPolicies"),
        Fault(right: "kind: BackendTLSPolicy", wrong: "kind: backendTlsPolicy"),
        Fault(right: "k8s.io/v1", wrong: "k8s.io/v1alpha2"),
        Fault(right: "k8s.io/v1", wrong: "k8s.oi/v1"),
        Fault(right: "apiVersion: gateway.networking.k8s.io/v1\n", wrong: ""),
    ]

    @Test(arguments: faults)
    func `its targets are sent nothing`(fault: Fault) throws {
        let parts = Self.right.split(separator: fault.right, maxSplits: 1)
        let head = Self.right.hasPrefix(fault.right) ? "" : parts[0]
        let text = String(head) + fault.wrong + String(parts[parts.count - 1])
        try #require(text != Self.right)
        let translation = try World(world + text).translation
        let route = translation.documents[DocumentName(.route, "default/r")]
        #expect(route?.content["rules"] == [["backends": [["status": 500]]]])
        #expect(translation.documents[DocumentName(.pool, "default/s/80")] == nil)
        let problem = translation.problems.first { $0.code == "InvalidBackendTLSPolicy" }
        #expect(problem?.text.contains("world.yaml:") == true)
    }

    private func faulty(_ text: String) throws -> [ManifestObject] { try World(text).faulty }

    @Test func `the version that is in force is followed, and speaks of its own targets alone`()
        throws
    {
        let old = try World(world + Self.right).objects
        let bad = Self.right.replacing("s.test", with: "S.test")
        let pool = DocumentName(.pool, "default/s/80")
        let same = Translator.translate(old, faulty: try faulty(bad))
        #expect(same.documents[pool]?.content["tls"]?["sni"] == "s.test")
        let unnamed = Translator.translate(
            old,
            faulty: try faulty(bad.replacing("targetRefs", with: "targets"))
        )
        #expect(unnamed.documents[pool]?.content["tls"]?["sni"] == "s.test")
        let moved = try World(world + Self.right.replacing("name: s}", with: "name: t}")).objects
        let more = Translator.translate(moved, faulty: try faulty(bad))
        #expect(more.documents[pool] == nil)
    }

    @Test func `v1alpha3 is read as v1`() throws {
        let text = Self.right.replacing("k8s.io/v1", with: "k8s.io/v1alpha3")
        let made = try World(world + text)
        #expect(made.refused.isEmpty)
        let pool = made.translation.documents[DocumentName(.pool, "default/s/80")]
        #expect(pool?.content["tls"]?["sni"] == "s.test")
    }
}
