import SluiceGatewayAPI
import SluiceShared
import Testing

/// Where the parts of documents come from.
@Suite struct OriginTests {
    /// `pointer file:line source`, one a line, of one document.
    private func origins(_ kind: DocumentKind, _ name: String, _ manifests: String) throws
        -> [String]
    {
        let documents = try World(manifests, source: "w.yaml").translation.documents
        let document = try #require(documents[DocumentName(kind, name)], "\(documents.keys)")
        return document.origins.map { "\($0.pointer) \($0.place.dropFirst(7)) \($0.source)" }
    }

    /// Lines 1 to 11.
    private let start = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web}
        spec:
          gatewayClassName: sluice
          addresses: [{value: ""}, {value: 127.0.0.1}]
          listeners:
          - {name: a, port: 80, protocol: HTTP}
          - name: b
            port: 81
            protocol: HTTP
        ---

        """

    private func route(_ rules: String) -> String {
        start + """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r}
            spec:
              parentRefs:
              - {name: web, sectionName: b}
              - {name: web, sectionName: a}
              hostnames: [a.test,
                b.test]
              rules:
            \(rules)
            """
    }

    @Test func `a listener comes from its place in the Gateway`() throws {
        #expect(
            try origins(.listener, "default/web/b", start) == [
                " 9 /spec/listeners/1", "/port 10 /spec/listeners/1/port",
                "/protocol 11 /spec/listeners/1/protocol", "/address 6 /spec/addresses/1",
            ]
        )
    }

    @Test func `a route's parts are those of the HTTPRoute, though the order differs`() throws {
        let rules = """
              - backendRefs: [{name: x, port: 1}]
              - matches:
                - path: {value: /a}
                - method: GET
                  headers: [{name: X, value: "1"}, {name: x, value: "2"},
                    {name: y, value: "3"}]
                  queryParams: [{name: q, value: v}]
                filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier: {set: [{name: a, value: b}], remove: [c]}
                - type: ResponseHeaderModifier
                  responseHeaderModifier: {remove: [d]}
                backendRefs:
                - {group: sluice.dev, kind: Plugin, name: echo}
                - {name: y, port: 2}
                timeouts:
                  request: 9s
                  backendRequest: 1s
            """
        #expect(
            try origins(.route, "default/r", route(rules)) == [
                "/rules/0 23 /spec/rules/0", "/rules/0/backends/0 23 /spec/rules/0/backendRefs/0",
                "/rules/1 24 /spec/rules/1", "/rules/1/matches/0 25 /spec/rules/1/matches/0",
                "/rules/1/matches/0/path 25 /spec/rules/1/matches/0/path",
                "/rules/1/matches/1 26 /spec/rules/1/matches/1",
                "/rules/1/matches/1/method 26 /spec/rules/1/matches/1/method",
                "/rules/1/matches/1/headers 27 /spec/rules/1/matches/1/headers",
                "/rules/1/matches/1/headers/0 27 /spec/rules/1/matches/1/headers/0",
                "/rules/1/matches/1/headers/1 28 /spec/rules/1/matches/1/headers/2",
                "/rules/1/matches/1/query 29 /spec/rules/1/matches/1/queryParams",
                "/rules/1/matches/1/query/0 29 /spec/rules/1/matches/1/queryParams/0",
                "/rules/1/filters 31 /spec/rules/1/filters",
                "/rules/1/filters/0 31 /spec/rules/1/filters/0",
                "/rules/1/filters/1 31 /spec/rules/1/filters/0",
                "/rules/1/filters/2 33 /spec/rules/1/filters/1",
                "/rules/1/backends/0 36 /spec/rules/1/backendRefs/0",
                "/rules/1/backends/1 37 /spec/rules/1/backendRefs/1",
                "/rules/1/timeouts 39 /spec/rules/1/timeouts",
                "/rules/1/timeouts/request 39 /spec/rules/1/timeouts/request",
                "/rules/1/timeouts/backend 40 /spec/rules/1/timeouts/backendRequest",
                "/listeners/0 19 /spec/parentRefs/1", "/listeners/1 18 /spec/parentRefs/0",
                "/hosts 20 /spec/hostnames", "/hosts/0 20 /spec/hostnames/0",
                "/hosts/1 21 /spec/hostnames/1",
            ]
        )
    }

    /// Behind a route to port 80 of Service `s`: 23 lines.
    private func service(_ more: String) -> String {
        route("  - backendRefs: [{name: s, port: 80}]\n---\n\(more)")
    }

    @Test func `a pool comes from its port, its policy and its slices`() throws {
        let world = service(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            spec:
              ports:
              - {name: z, port: 81}
              - {name: h, port: 80,
                 appProtocol: kubernetes.io/ws}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: {name: p}
            spec:
              targetRefs: [{group: "", kind: Service, name: s}]
              options: {sluice.dev/min-version: "1.3"}
              validation:
                hostname: s.test
                wellKnownCACertificates: System
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: s-1, labels: {kubernetes.io/service-name: s}}
            addressType: IPv4
            ports: [{name: h, port: 8080}]
            endpoints:
            - {addresses: [10.0.0.2]}
            - {addresses: [10.0.0.1]}
            """
        ).replacing("kubernetes.io/ws", with: "http")
        #expect(
            try origins(.pool, "default/s/80", world) == [
                " 31 /spec/ports/1", "/protocol 32 /spec/ports/1/appProtocol",
                "/tls 41 /spec/validation",
                "/tls/minVersion 39 /spec/options/sluice.dev~1min-version",
                "/tls/sni 41 /spec/validation/hostname",
            ]
        )
        #expect(
            try origins(.trust, "system", world) == [
                " 42 /spec/validation/wellKnownCACertificates"
            ]
        )
        #expect(
            try origins(.endpoints, "default/s/80/s-1", world) == [
                "/endpoints/0 51 /endpoints/1", "/endpoints/1 50 /endpoints/0",
            ]
        )
    }

    @Test func `certificates and authorities come from the keys of their objects`() throws {
        let world = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: sluice
              listeners:
              - name: https
                port: 443
                protocol: HTTPS
                tls:
                  options: {sluice.dev/certificate: self-signed}
                  certificateRefs: [{name: none},
                    {name: c}]
              tls:
                frontend:
                  default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: m}]}}
            ---
            apiVersion: v1
            kind: Secret
            type: kubernetes.io/tls
            metadata: {name: c}
            stringData:
              tls.crt: "-----BEGIN CERTIFICATE-----"
              tls.key: "-----BEGIN PRIVATE KEY-----"
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: m}
            data:
              ca.crt: "-----BEGIN CERTIFICATE-----"
            """
        #expect(
            try origins(.certificate, "default/c", world) == [
                "/chain 23 /stringData/tls.crt", "/key 24 /stringData/tls.key",
            ]
        )
        #expect(
            try origins(.trust, "default/m", world) == ["/certificates 30 /data/ca.crt"]
        )
        let tls = try origins(.listener, "default/web/https", world).filter {
            $0.hasPrefix("/tls")
        }
        #expect(
            tls == [
                "/tls 11 /spec/listeners/0/tls",
                "/tls/certificates 11 /spec/listeners/0/tls/options/sluice.dev~1certificate",
                "/tls/certificates/0 13 /spec/listeners/0/tls/certificateRefs/1",
                "/tls/clientValidation 16 /spec/tls/frontend/default/validation",
                "/tls/clientValidation/trust/0 16 "
                    + "/spec/tls/frontend/default/validation/caCertificateRefs/0",
            ]
        )
    }
}
