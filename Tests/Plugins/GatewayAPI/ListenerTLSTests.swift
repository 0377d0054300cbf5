import SluiceGatewayAPI
import SluiceShared
import Testing

/// What a Gateway says about the TLS of its listeners.
@Suite struct ListenerTLSTests {
    private func gateway(_ frontend: String, _ listeners: String) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web, generation: 4}
        spec:
          gatewayClassName: sluice
          tls: {frontend: \(frontend)}
          listeners: [\(listeners)]
        ---
        apiVersion: v1
        kind: Secret
        type: kubernetes.io/tls
        metadata: {name: cert}
        stringData: {tls.crt: "-----BEGIN CERTIFICATE-----", tls.key: "-----BEGIN PRIVATE KEY-----"}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: ca}
        data: {ca.crt: "-----BEGIN CERTIFICATE-----"}

        """
    }

    private func https(
        _ name: String,
        _ port: Int,
        _ host: String,
        options: String = ""
    ) -> String {
        let hostname = host.isEmpty ? "" : ", hostname: \"\(host)\""
        let tls = "{certificateRefs: [{name: cert}], options: {\(options)}}"
        return "{name: \(name), port: \(port), protocol: HTTPS\(hostname), tls: \(tls)}"
    }

    private func check(_ mode: String) -> String {
        "{validation: {caCertificateRefs: [{group: \"\", kind: ConfigMap, name: ca}]\(mode)}}"
    }

    private func status(_ world: World) throws -> ObjectStatus {
        try #require(world.translation.statuses.values.first { $0.key.kind == "Gateway" })
    }

    @Test(arguments: ["true", "false"])
    func `the client certificate is forwarded where the listener says so`(text: String) throws {
        let option = "sluice.dev/forward-client-certificate: \"\(text)\""
        let listener = https("https", 443, "", options: option)
        let world = try World(gateway("{default: \(check(""))}", listener))
        let document = world.translation.documents[DocumentName(.listener, "default/web/https")]
        let validation = document?.content["tls"]?["clientValidation"]
        #expect(validation?["forward"] == .bool(text == "true"))
        #expect(world.translation.problems.isEmpty)
    }

    @Test(arguments: [
        ("certificateRefs: [{name: cert}], ", ["default/cert", "(host)/self-signed"]),
        ("", ["(host)/self-signed"]),
    ])
    func `a certificate of the host serves behind those of Secrets, or alone`(
        references: String,
        names: [String]
    ) throws {
        let options = "options: {sluice.dev/certificate: self-signed}"
        let listener =
            "{name: https, port: 443, protocol: HTTPS, tls: {\(references)\(options)}}"
        let world = try World(gateway("{default: {}}", listener))
        let document = world.translation.documents[DocumentName(.listener, "default/web/https")]
        #expect(document?.content["tls"]?["certificates"] == .array(names.map(JSON.string)))
        #expect(world.translation.problems.isEmpty)
    }

    @Test(arguments: [
        ("{default: {}}", false),
        ("{default: @}", true),
        ("{default: {}, perPort: [{port: 443, tls: @}]}", true),
    ])
    func `a Gateway that lets clients in unchecked says so`(
        frontend: String,
        isSaid: Bool
    ) throws {
        for (mode, isInsecure) in [("AllowInsecureFallback", true), ("AllowValidOnly", false)] {
            let scope = frontend.split(separator: "@", omittingEmptySubsequences: false)
                .joined(separator: check(", mode: \(mode)"))
            let world = try World(gateway(scope, https("https", 443, "")))
            let condition = try status(world).conditions.first {
                $0.type == "InsecureFrontendValidationMode"
            }
            #expect((condition != nil) == (isSaid && isInsecure), "\(mode)")
            #expect(condition.map { $0.truth == .yes } ?? true)
            #expect(condition.map { $0.reason == "ConfigurationChanged" } ?? true)
        }
    }

    @Test func `HTTPS listeners of one port that share hosts say so, and are served`() throws {
        let listeners = [
            https("wide", 443, "*.a.test"), https("own", 443, "b.a.test"),
            https("apart", 443, "a.test"), https("far", 444, "b.a.test"),
        ]
        let world = try World(gateway("{default: {}}", listeners.joined(separator: ", ")))
        let gateway = try status(world)
        var overlaps: [String: String] = [:]
        for listener in gateway.listeners {
            let condition = listener.conditions.first { $0.type == "OverlappingTLSConfig" }
            overlaps[listener.name] = condition.map { "\($0.truth.rawValue)/\($0.reason)" }
        }
        let said = "True/OverlappingHostnames"
        #expect(overlaps == ["wide": said, "own": said])
        #expect(world.translation.documents.keys.count { $0.kind == .listener } == 4)
    }
}
