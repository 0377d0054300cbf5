import SluiceFileSource
import SluiceGatewayAPI
import SluiceKit
import SluiceShared
import Testing

@Suite struct PublishTests {
    private func documents(
        _ manifests: String,
        source: String = "a.yaml"
    ) throws -> [DocumentName: RoutingDocument] {
        var objects: [ManifestObject] = []
        for document in try YAML.parse(Array(manifests.utf8), source: source) {
            for case .accepted(let object) in Manifest.read(document) { objects.append(object) }
        }
        return Translator.translate(objects).documents
    }

    private func gateway(port: Int) -> String {
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web}
        spec: {gatewayClassName: sluice, listeners: [{name: http, port: \(port), protocol: HTTP}]}

        """
    }

    private let route = """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: r}
        spec: {parentRefs: [{name: web}], rules: [{backendRefs: [{name: a, port: 80}]}]}

        """

    @Test func `the first publication puts everything, listeners and pools before routes`() throws {
        let world = try documents(gateway(port: 80) + service("a") + route)
        let change = Change(from: [:], to: world)
        #expect(change.puts.map(\.name.kind) == [.listener, .pool, .route])
        #expect(change.removes.isEmpty)
    }

    @Test func `only what differs is put or removed`() throws {
        let old = try documents(gateway(port: 80) + service("a") + route)
        let new = try documents(gateway(port: 81) + service("a"))
        let change = Change(from: old, to: new)
        #expect(change.puts.map(\.name) == [DocumentName(.listener, "default/web/http")])
        #expect(
            change.removes == [
                DocumentName(.pool, "default/a/80"), DocumentName(.route, "default/r"),
            ]
        )
        #expect(Change(from: old, to: old).isEmpty)
    }

    @Test func `an object that moved is put again only when it is in trouble`() throws {
        let old = try documents(gateway(port: 80))
        let new = try documents("# a line more\n" + gateway(port: 80))
        #expect(Change(from: old, to: new).isEmpty)
        let name = DocumentName(.listener, "default/web/http")
        #expect(Change(from: old, to: new, troubled: [name]).puts.map(\.name) == [name])
    }

    @Test func `a part that moved inside its object is put again only when it is in trouble`()
        throws
    {
        let old = try documents(gateway(port: 80) + route)
        let moved = route.replacing("rules: [", with: "rules:\n    [")
        let new = try documents(gateway(port: 80) + moved)
        let name = DocumentName(.route, "default/r")
        #expect(old[name]?.place == new[name]?.place)
        #expect(Change(from: old, to: new).isEmpty)
        #expect(Change(from: old, to: new, troubled: [name]).puts.map(\.name) == [name])
    }

    @Test func `a change of a slice is one document`() throws {
        func world(_ address: String) throws -> [DocumentName: RoutingDocument] {
            let slice = """
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: a-1, labels: {kubernetes.io/service-name: a}}
                addressType: IPv4
                ports: [{port: 3000}]
                endpoints: [{addresses: [\(address)]}]

                """
            return try documents(gateway(port: 80) + service("a") + slice + route)
        }
        let change = Change(from: try world("10.0.0.1"), to: try world("10.0.0.2"))
        #expect(change.puts.map(\.name) == [DocumentName(.endpoints, "default/a/80/a-1")])
        #expect(change.removes.isEmpty)
    }

    @Test func `a problem becomes a note with its place and pointer`() {
        let key = ObjectKey(group: "", kind: "Service", namespace: "a", name: "b")
        let problem = ObjectProblem(
            .object,
            of: key,
            pointer: "/spec",
            source: "x.yaml",
            line: 7,
            code: "type",
            text: "bad"
        )
        let notes = Notes.list([problem])
        #expect(notes.count == 1)
        let expected = Issue(
            severity: .object,
            kind: "pool",
            name: "a/b",
            code: "type",
            place: "x.yaml:7",
            source: "/spec",
            text: "Service a/b: bad"
        )
        #expect(notes.first == expected)
    }

    @Test(arguments: [
        ("Gateway", "listener"), ("Secret", "certificate"), ("ConfigMap", "trust"),
        ("Service", "pool"), ("BackendTLSPolicy", "pool"), ("HTTPRoute", "route"),
        ("EndpointSlice", "endpoints"),
    ])
    func `a note names the kind of document that its object concerns`(
        object: String,
        document: String
    ) {
        let problem = ObjectProblem(
            .warning,
            of: ObjectKey(group: "", kind: object, namespace: "a", name: "b"),
            pointer: "",
            source: "x.yaml",
            line: 1,
            code: "type",
            text: "bad"
        )
        #expect(Notes.list([problem]).map(\.kind) == [document])
    }

    @Test func `a policy that appears changes the pool of its Service`() throws {
        let world = gateway(port: 80) + service("a") + route
        let policy = """
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: {name: p}
            spec:
              targetRefs: [{group: "", kind: Service, name: a}]
              validation: {hostname: a.test, wellKnownCACertificates: System}
            """
        let change = Change(from: try documents(world), to: try documents(world + policy))
        let names = [DocumentName(.trust, "system"), DocumentName(.pool, "default/a/80")]
        #expect(change.puts.map(\.name) == names)
        #expect(change.removes.isEmpty)
    }

    @Test func `more problems than the host keeps end with their number`() {
        let problems = (1...Limits.notesMax + 5).map { line in
            ObjectProblem(
                .object,
                of: nil,
                pointer: "",
                source: "x.yaml",
                line: line,
                code: "type",
                text: "bad"
            )
        }
        let notes = Notes.list(problems)
        #expect(notes.count == Limits.notesMax)
        #expect(notes.last?.text.contains("6 problems more") == true)
    }

    @Test func `notes are said when they are new or other, and taken back when they are gone`() {
        func problem(_ line: Int, _ text: String) -> ObjectProblem {
            ObjectProblem(
                .object,
                of: nil,
                pointer: "",
                source: "x.yaml",
                line: line,
                code: "type",
                text: text
            )
        }
        let old = Notes.of([problem(1, "a"), problem(1, "b"), problem(2, "c")])
        #expect(old.count == 3)
        let new = Notes.of([problem(1, "a"), problem(1, "x"), problem(3, "d")])
        let change = Notes.change(from: old, to: new)
        #expect(change.said.map(\.note.text) == ["x", "d"])
        #expect(change.takenBack == ["x.yaml:2 route x.yaml  type"])
        #expect(Notes.change(from: old, to: old).isEmpty)
    }
}
