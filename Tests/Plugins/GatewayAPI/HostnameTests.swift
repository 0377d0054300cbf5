import SluiceGatewayAPI
import Testing

/// Hostname intersection (Gateway API, HTTPRouteHostnameIntersection): a route attaches to a
/// listener when any of its hosts lies within the listener's, or the other way round.
@Suite struct HostnameTests {
    struct Row: CustomTestStringConvertible {
        let listener: String
        let hosts: [String]
        let attaches: Bool
        var testDescription: String { "\(listener) and \(hosts): \(attaches)" }
    }

    static let rows: [Row] = [
        Row(listener: "", hosts: [], attaches: true),
        Row(listener: "", hosts: ["a.test"], attaches: true),
        Row(listener: "a.test", hosts: [], attaches: true),
        Row(listener: "a.test", hosts: ["a.test"], attaches: true),
        Row(listener: "a.test", hosts: ["b.test"], attaches: false),
        Row(listener: "very.specific.com", hosts: ["*.specific.com"], attaches: true),
        Row(
            listener: "very.specific.com",
            hosts: ["non.matching.com", "*.nonmatching.io"],
            attaches: false
        ),
        Row(
            listener: "very.specific.com",
            hosts: ["wildcard.io", "very.specific.com"],
            attaches: true
        ),
        Row(listener: "*.wildcard.io", hosts: ["foo.wildcard.io"], attaches: true),
        Row(listener: "*.wildcard.io", hosts: ["foo.bar.wildcard.io"], attaches: true),
        Row(listener: "*.wildcard.io", hosts: ["*.foo.wildcard.io"], attaches: true),
        Row(listener: "*.foo.wildcard.io", hosts: ["*.wildcard.io"], attaches: true),
        Row(listener: "*.wildcard.io", hosts: ["wildcard.io"], attaches: false),
        Row(listener: "*.wildcard.io", hosts: ["foowildcard.io"], attaches: false),
        Row(listener: "wildcard.io", hosts: ["*.wildcard.io"], attaches: false),
        Row(listener: "*.anotherwildcard.io", hosts: ["*.wildcard.io"], attaches: false),
    ]

    @Test(arguments: rows)
    func `a route attaches where its hosts and the listener's meet`(row: Row) throws {
        let hostname = row.listener.isEmpty ? "" : ", hostname: \"\(row.listener)\""
        let hosts = row.hosts.map { "\"\($0)\"" }.joined(separator: ", ")
        let world = try World(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: sluice
              listeners: [{name: l, port: 80, protocol: HTTP\(hostname)}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r}
            spec: {parentRefs: [{name: web}], hostnames: [\(hosts)]}
            """
        )
        try #require(world.refused.isEmpty)
        let translation = world.translation
        let status = translation.statuses.values.first { $0.key.kind == "HTTPRoute" }
        let accepted = status?.parents.first?.conditions.first
        #expect(accepted?.truth == (row.attaches ? .yes : .no))
        #expect(accepted?.reason == (row.attaches ? "Accepted" : "NoMatchingListenerHostname"))
        let isPublished = translation.documents[DocumentName(.route, "default/r")] != nil
        #expect(isPublished == row.attaches)
    }
}
