import Glibc
import SluiceKit
import SluiceShared
import Testing

// What docs/plugins.md shows of the kit, compiled and run.

func sorted(
    _ lines: String,
    on executor: some DescriptorWatching
) async throws -> String {
    let sort = Command(
        "/usr/bin/sort",
        ["-u"],
        environment: ["LC_ALL": "C"],
        timeLimit: .seconds(10)
    )
    let result = try await Process.run(sort, input: Array(lines.utf8), on: executor)
    guard result.exit.isSuccess else {
        let reason = String(decoding: result.errors, as: UTF8.self)
        throw PluginError(.io, "sort ended with \(result.exit): \(reason)")
    }
    return String(decoding: result.output, as: UTF8.self)
}

func firstLine(
    of script: String,
    on executor: some DescriptorWatching
) async throws -> String {
    let shell = Command("/bin/sh", ["-c", script], timeLimit: nil, grace: .seconds(1))
    let run = try await Process.run(shell, on: executor) { process in
        var line: [UInt8] = []
        for try await piece in process.output {
            line += piece.prefix { $0 != UInt8(ascii: "\n") }
            if piece.contains(UInt8(ascii: "\n")) { break }
        }
        process.end()
        return line
    }
    return String(decoding: run.answer, as: UTF8.self)
}

func uploads(contentType: String, pieces: [[UInt8]]) throws -> [String: Int] {
    var sizes: [String: Int] = [:]
    var name = ""
    var form = try MultipartParser(contentType: contentType)
    for piece in pieces {
        for event in try form.feed(piece) {
            switch event {
            case .begin(let part): name = part.name
            case .piece(let bytes): sizes[name, default: 0] += bytes.count
            case .end: break
            }
        }
    }
    try form.finish()
    return sizes
}

func isGenuine(
    _ body: [UInt8],
    signature: String,
    key: Redacted<[UInt8]>
) throws -> Bool {
    let code = try Hex.decode(signature)
    return key.withValue { HMACSHA256.isValid(code, for: body, key: $0) }
}

enum Policy: String, CaseIterable, JSONReadable {
    case always, never
}

struct Job: JSONReadable, JSONRepresentable {
    let name: String
    let replicas: Int
    let policy: Policy
    let ports: [UInt16]

    init(json: JSONReader) throws(ParseFailure) {
        name = try json["metadata"]["name"].string()
        replicas = try json["spec"]["replicas"].int(or: 1)
        policy = try json["spec"]["policy"].optional?.choice(Policy.self) ?? .always
        ports = try json["spec"]["ports"].array(of: UInt16.self)
    }

    func json() -> JSON {
        .object {
            "name" => name
            "ports" => ports
            if replicas != 1 { "replicas" => replicas }
        }
    }
}

func list(_ jobs: [Job]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
        writer.member("kind", "JobList")
        writer.key("items")
        writer.array { writer in
            for job in jobs { writer.value(job) }
        }
    }
    return writer.bytes
}

struct DocumentedTests {
    @Test func `each example of the section is code of this file`() throws {
        let here = try text(#filePath)
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let page = try text("/\(root)/docs/plugins.md")
        let start = try #require(page.firstRange(of: "\n### What the kit has besides\n"))
        let section = page[start.upperBound...].split(separator: "\n##")[0]
        let examples = section.split(separator: "```swift\n").dropFirst()
        #expect(examples.count == 6)
        for example in examples {
            let code = try #require(example.split(separator: "```").first)
            #expect(here.contains(code), "\(code)")
        }
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Files.read(path, bytesMax: 1 << 20), as: UTF8.self)
    }

    @Test func `programs are run and read`() async throws {
        let found = try await PollingLane.run { lane in
            [
                try await sorted("b\na\nb\n", on: lane),
                try await firstLine(of: "echo one; while :; do echo two; done", on: lane),
            ]
        }
        #expect(found == ["a\nb\n", "one"])
    }

    @Test func `a form is measured`() throws {
        var writer = MultipartWriter()
        let contentType = writer.contentType
        let pieces = [try writer.field("a", "123"), try writer.field("b", ""), writer.finish()]
        #expect(try uploads(contentType: contentType, pieces: pieces) == ["a": 3])
    }

    @Test func `a signature is checked`() throws {
        let key = Redacted(Array("Jefe".utf8))
        let body = Array("what do ya want for nothing?".utf8)
        let code = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        #expect(try isGenuine(body, signature: code, key: key))
        #expect(try !isGenuine(body + [0], signature: code, key: key))
    }

    @Test func `a job is read, named and written`() throws {
        let text = #"{"metadata": {"name": "a"}, "spec": {"ports": [80], "replicas": 2}}"#
        let job = try Job(json: try JSONReader(parsing: text.utf8))
        let listed = #"{"kind":"JobList","items":[{"name":"a","ports":[80],"replicas":2}]}"#
        #expect(String(decoding: list([job]), as: UTF8.self) == listed)
        let wrong = try JSONReader(parsing: #"{"metadata": {"name": 7}}"#.utf8, source: "a.json")
        let error = #expect(throws: ParseFailure.self) { try Job(json: wrong) }
        #expect(
            error?.description
                == "a.json:1:23: /metadata/name: expected a string, found a number"
        )
        #expect(
            error.map { PluginError($0) }
                == PluginError(.invalid, "expected a string, found a number", at: "/metadata/name")
        )
    }
}
