import SluiceFileSource
import SluiceGatewayAPI
import SluiceShared
import Testing

@Suite struct ReadTests {
    private let folder: Folder
    private var reader = Reader()

    init() throws {
        folder = try Folder()
    }

    private mutating func read(_ paths: [String]? = nil) -> Reading {
        reader.read(Look(at: paths ?? [folder.path]))
    }

    private func ports(_ reading: Reading) -> [String: String] {
        var ports: [String: String] = [:]
        for object in reading.objects {
            let port = object.value["spec"]?["ports"]?[0]?["port"]?.numberText
            ports[object.key.name] = port
        }
        return ports
    }

    @Test mutating func `objects of all files are in force`() {
        folder.write("a.yaml", service("a") + service("b"))
        folder.write(
            "c.json",
            #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"},"spec":{}}"#
        )
        let reading = read()
        #expect(reading.objects.map(\.key.name) == ["a", "b", "c"])
        #expect(reading.objects.map(\.key.namespace) == ["default", "default", "default"])
        #expect(reading.problems.isEmpty)
    }

    @Test mutating func `a file that does not parse leaves its last version in force`() {
        folder.write("a.yaml", service("a"))
        folder.write("b.yaml", service("b"))
        _ = read()
        folder.write("a.yaml", service("a") + "kind: [\n")
        let broken = read()
        #expect(broken.objects.map(\.key.name) == ["a", "b"])
        #expect(broken.problems.count == 1)
        #expect(broken.problems.first?.source == "\(folder.path)/a.yaml")
        #expect(broken.problems.first?.text.contains("last good version") == true)
        folder.write("a.yaml", service("a2"))
        let mended = read()
        #expect(mended.objects.map(\.key.name) == ["a2", "b"])
        #expect(mended.problems.isEmpty)
    }

    @Test mutating func `a file that never parsed has no objects`() {
        folder.write("a.yaml", "kind: [\n")
        let reading = read()
        #expect(reading.objects.isEmpty)
        #expect(reading.problems.count == 1)
        #expect(reading.problems.first?.text.contains("last good version") == false)
    }

    @Test mutating func `an object that fails its table leaves its last version in force`() {
        folder.write("a.yaml", service("a", port: 1) + service("b", port: 1))
        _ = read()
        folder.write("a.yaml", service("a", port: 70_000) + service("b", port: 2))
        let reading = read()
        #expect(ports(reading) == ["a": "1", "b": "2"])
        #expect(reading.problems.map(\.line) == [5])
        #expect(reading.problems.map(\.pointer) == ["/spec/ports/0/port"])
        #expect(ports(read()) == ["a": "1", "b": "2"], "also at the look after")
    }

    @Test mutating func `after a restart the bad object is absent`() {
        folder.write("a.yaml", service("a", port: 70_000))
        #expect(read().objects.isEmpty)
    }

    @Test mutating func `a removed object and a removed file are gone`() {
        folder.write("a.yaml", service("a") + service("b"))
        folder.write("c.yaml", service("c"))
        _ = read()
        folder.write("a.yaml", service("b"))
        folder.remove("c.yaml")
        #expect(read().objects.map(\.key.name) == ["b"])
    }

    @Test mutating func `a broken file that is removed takes its objects along`() {
        folder.write("a.yaml", service("a"))
        _ = read()
        folder.write("a.yaml", "kind: [\n")
        _ = read()
        folder.remove("a.yaml")
        let reading = read()
        #expect(reading.objects.isEmpty)
        #expect(reading.problems.isEmpty)
    }

    @Test mutating func `the first path wins a duplicate and the other is named`() {
        folder.write("a.yaml", service("x", port: 1))
        folder.write("b.yaml", service("x", port: 2))
        let reading = read()
        #expect(ports(reading) == ["x": "1"])
        #expect(reading.problems.map(\.code) == ["duplicate"])
        #expect(reading.problems.first?.place == "\(folder.path)/b.yaml:2")
        #expect(reading.problems.first?.text.contains("\(folder.path)/a.yaml:2") == true)
        let turned = read(["\(folder.path)/b.yaml", folder.path])
        #expect(ports(turned) == ["x": "2"])
        folder.remove("a.yaml")
        let alone = read()
        #expect(ports(alone) == ["x": "2"])
        #expect(alone.problems.isEmpty)
    }

    @Test mutating func `a folder that is not there leaves its last version in force`() {
        folder.makeFolder("routes")
        folder.write("routes/a.yaml", service("a"))
        folder.write("b.yaml", service("b"))
        let paths = ["\(folder.path)/routes", "\(folder.path)/b.yaml"]
        _ = read(paths)
        folder.rename("routes", "away")
        folder.remove("b.yaml")
        let reading = read(paths)
        #expect(reading.objects.map(\.key.name) == ["a"])
        #expect(reading.problems.count == 2)
        folder.makeFolder("routes")
        #expect(read(paths).objects.isEmpty)
    }

    @Test mutating func `forgetting reads again and keeps what is in force`() {
        folder.write("a.yaml", service("a", port: 1))
        _ = read()
        folder.write("a.yaml", service("a", port: 70_000))
        _ = read()
        reader.forget()
        #expect(ports(read()) == ["a": "1"])
    }

    private func policy(_ host: String, _ targets: String...) -> String {
        let references = targets.map { "{group: \"\", kind: Service, name: \($0)}" }
        return """
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: {name: p}
            spec:
              targetRefs: [\(references.joined(separator: ", "))]
              validation: {hostname: \(host), wellKnownCACertificates: System}

            """
    }

    @Test mutating func `a faulty policy is kept beside the objects and its older version`() {
        folder.write("p.yaml", policy("A.test", "a"))
        let first = read()
        #expect(first.objects.isEmpty)
        #expect(first.faulty.map(\.key.name) == ["p"])
        #expect(first.problems.first?.text.contains("nothing is sent to its targets") == true)
        folder.write("p.yaml", policy("a.test", "a"))
        #expect(read().faulty.isEmpty)
        folder.write("p.yaml", policy("A.test", "a", "b"))
        let third = read()
        #expect(third.objects.map(\.key.name) == ["p"])
        #expect(third.faulty.count == 1)
        #expect(third.problems.first?.text.contains("stays in force") == true)
    }

    @Test mutating func `a policy with the name of another one is not in force`() {
        folder.write("a.yaml", policy("a.test", "a"))
        folder.write("b.yaml", policy("b.test", "b"))
        let reading = read()
        #expect(reading.faulty.map(\.place) == ["\(folder.path)/b.yaml:2"])
        #expect(reading.problems.map(\.code) == ["duplicate"])
    }
}
