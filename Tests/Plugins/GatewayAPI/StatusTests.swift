import SluiceGatewayAPI
import SluiceShared
import Testing

@Suite struct StatusTests {
    @Test func `status is written as the Gateway API writes it`() throws {
        let world = try World(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web, generation: 7}
            spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r, generation: 3}
            spec: {parentRefs: [{name: web, sectionName: nope}]}
            """
        )
        let statuses = world.translation.statuses
        let gateway = try #require(statuses.values.first { $0.key.kind == "Gateway" })
        let conditions = [
            condition("Accepted", "True", "Accepted"),
            condition("Programmed", "True", "Programmed"),
            condition("ResolvedRefs", "True", "ResolvedRefs"),
            condition("Conflicted", "False", "NoConflicts"),
        ]
        let listener: JSON = [
            "name": "http", "attachedRoutes": 0, "conditions": .array(conditions),
            "supportedKinds": [["group": "gateway.networking.k8s.io", "kind": "HTTPRoute"]],
        ]
        #expect(gateway.json["listeners"] == [listener])
        let route = try #require(statuses.values.first { $0.key.kind == "HTTPRoute" })
        let text = route.json.text()
        #expect(text.contains(#""controllerName":"sluice.dev/gateway""#))
        #expect(
            text.contains(
                #""parentRef":{"group":"gateway.networking.k8s.io","kind":"Gateway","name":"web","#
                    + #""sectionName":"nope"}"#
            )
        )
        #expect(text.contains(#""observedGeneration":3,"reason":"NoMatchingParent","#))
    }

    private func condition(_ type: String, _ status: String, _ reason: String) -> JSON {
        [
            "type": .string(type), "status": .string(status), "reason": .string(reason),
            "message": "", "observedGeneration": 7,
        ]
    }

    @Test func `a Gateway of another controller is left alone`() throws {
        let world = try World(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: GatewayClass
            metadata: {name: sluice}
            spec: {controllerName: example.com/other}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r}
            spec: {parentRefs: [{name: web}]}
            """
        )
        let translation = world.translation
        #expect(translation.documents.isEmpty)
        #expect(translation.statuses.isEmpty)
        #expect(translation.problems.isEmpty)
    }
}
