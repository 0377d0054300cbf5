import SluiceBase
import SluiceHTTP
import Testing

/// Heads as they go on, byte for byte, from `Tests/Golden/http`.
struct ForwardTests {
    private static let roomBytes = 4_096

    @Test(
        arguments: [
            "plain", "hop-by-hop", "chunked-nominated", "absolute", "absolute-bare",
            "absolute-options", "star", "empty-line-first", "1.0", "1.0-absolute",
        ]
    )
    func `a request goes on as its golden bytes`(name: String) throws {
        let golden = try Golden("request-\(name)")
        #expect(
            text(try forwarded(golden.input, roomBytes: Self.roomBytes)) == text(golden.expected)
        )
    }

    @Test(arguments: ["plain", "hop-by-hop", "no-reason", "interim", "closing"])
    func `a response goes on as its golden bytes`(name: String) throws {
        let golden = try Golden("response-\(name)")
        var head = ResponseHead(fieldsMax: 16)
        try #require(
            golden.input.withBytes { Verdict(head.parse($0)) } == .complete(golden.input.count)
        )
        let memory = Table<UInt8>(repeating: 0, count: Self.roomBytes)
        let date = DateLine()
        var output = memory.writer()
        golden.input.withBytes {
            Forward.response(
                head,
                $0,
                closing: name == "closing",
                date: date.bytes,
                to: &output
            )
        }
        #expect(text(output.bytes.array) == text(golden.expected))
    }

    @Test func `a head that does not fit says so`() throws {
        let golden = try Golden("request-hop-by-hop")
        let count = golden.expected.count
        #expect(throws: Overflow.self) { try forwarded(golden.input, roomBytes: count - 1) }
        #expect(try forwarded(golden.input, roomBytes: count) == golden.expected)
    }

    private struct Overflow: Error {}

    private func forwarded(_ bytes: [UInt8], roomBytes: Int) throws -> [UInt8] {
        var head = RequestHead(fieldsMax: 20, lineMax: 128)
        try #require(bytes.withBytes { Verdict(head.parse($0)) } == .complete(bytes.count))
        let memory = Table<UInt8>(repeating: 0, count: roomBytes)
        let pathMemory = Table<UInt8>(repeating: 0, count: 128)
        var output = memory.writer()
        var path = pathMemory.writer()
        bytes.withBytes { bytes in
            let sent = bytes.slice(head.pathStart, head.pathLength)
            if PathForm.isNormal(sent) {
                path.append(sent)
            } else {
                #expect(PathForm.write(sent, to: &path))
            }
            Forward.request(head, bytes, path: path.bytes, to: &output)
        }
        guard !output.overflowed else { throw Overflow() }
        return output.bytes.array
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
