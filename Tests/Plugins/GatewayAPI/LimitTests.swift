import SluiceGatewayAPI
import Testing

@Suite struct LimitTests {
    private func route(_ name: String, _ rules: String) -> String {
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: \(name)}
        spec:
          parentRefs: [{name: web}]
          hostnames: [\(name).a.test]
          rules: [\(rules)]

        """
    }

    @Test func `lists have the limits of the Gateway API`() throws {
        let matches = Array(repeating: "{path: {value: /a}}", count: 64).joined(separator: ", ")
        let rule = "{matches: [\(matches)]}"
        #expect(try World(route("a", "\(rule), \(rule)")).refused.isEmpty)
        let three = try World(route("a", "\(rule), \(rule), \(rule)")).refused
        #expect(three.map(\.pointer) == ["/spec/rules"])
        let long = try World(route("a", "{matches: [\(matches), {}]}")).refused
        #expect(long.map(\.pointer) == ["/spec/rules/0/matches"])
        let many = Array(repeating: "{}", count: 17).joined(separator: ", ")
        #expect(try World(route("a", many)).refused.map(\.code) == ["limit"])
    }

    @Test func `problems of one object are bounded`() throws {
        let wrong = (0..<200).map { "x\($0): 1" }.joined(separator: ", ")
        let world = try World(
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {\(wrong)}"
        )
        #expect(world.refused.count == 20)
    }

    /// The bar of 2 s for 5,000 routes is for reading, checking and translating together; the
    /// work is counted here, because time on a shared machine is no test.
    @Test func `five thousand routes of one file are translated`() throws {
        var text = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            spec: {ports: [{port: 80}]}

            """
        for number in 0..<5_000 {
            text += route("r\(number)", "{backendRefs: [{name: s, port: 80}]}")
        }
        let world = try World(text)
        #expect(world.refused.isEmpty)
        #expect(world.translation.documents.count == 5_002)
    }

    @Test func `the order of the input has no meaning`() throws {
        let text = (0..<20).map { route("r\($0)", "{backendRefs: [{name: s, port: 80}]}") }.joined()
        let world = try World(text)
        let turned = Translator.translate(world.objects.reversed())
        #expect(turned.documents == world.translation.documents)
        #expect(turned.problems == world.translation.problems)
        #expect(turned.statuses == world.translation.statuses)
    }
}
