internal import Glibc
internal import SluiceBase
internal import SluiceHTTP
internal import SluiceShared

/// What takes bytes from outside, by the name that `FUZZ` in the environment gives.
private let targets: [(name: String, run: @Sendable (Bytes) -> Void)] = [
    ("request", requestHead), ("response", responseHead), ("chunks", chunks), ("path", path),
    ("json", json), ("yaml", yaml), ("schema", schema),
]

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The start of the program, as SwiftPM calls `main` of the product `fuzz`.
@c(fuzz_main)
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    var count = count
    var arguments = unsafe arguments
    return unsafe runDriver(&count, &arguments, fuzzOne)
}

private let chosen: @Sendable (Bytes) -> Void = {
    let name = unsafe getenv("FUZZ").map { unsafe String(cString: $0) } ?? ""
    guard let target = targets.first(where: { $0.name == name }) else {
        preconditionFailure("FUZZ is one of \(targets.map(\.name).joined(separator: ", "))")
    }
    return target.run
}()

private func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data = unsafe data else { return 0 }
    unsafe chosen(Bytes(start: data, count: count))
    return 0
}

private let fieldsMax = 64
private let targetMax = 8_192
private let overheadMax = 4_096

private func requestHead(_ bytes: Bytes) {
    var head = RequestHead(fieldsMax: fieldsMax, targetMax: targetMax)
    guard case .complete(let length) = head.parse(bytes) else { return }
    precondition(length == head.length && length <= bytes.count)
    precondition(bytes.slice(length - 4, 4).equals("\r\n\r\n"))
    _ = bytes.slice(head.pathStart, head.pathLength)
    _ = bytes.slice(head.hostStart, head.hostLength)
}

private func responseHead(_ bytes: Bytes) {
    var head = ResponseHead(fieldsMax: fieldsMax)
    guard case .complete(let length) = head.parse(bytes) else { return }
    precondition(length == head.length && length <= bytes.count)
    precondition((100...999).contains(head.status))
}

/// Cutting the bytes in two changes nothing about where the body ends.
private func chunks(_ bytes: Bytes) {
    var whole = ChunkScanner(overheadMax: overheadMax)
    let taken = whole.scan(bytes)
    let cut = bytes.isEmpty ? 0 : Int(bytes[0]) % bytes.count
    var parts = ChunkScanner(overheadMax: overheadMax)
    let first = parts.scan(bytes.prefix(cut))
    let second = first == cut ? parts.scan(bytes.from(cut)) : 0
    precondition(whole.isDone == parts.isDone && whole.isBroken == parts.isBroken)
    precondition(!whole.isDone || taken == first + second)
}

/// A written path is in its form: writing it again changes nothing.
private func path(_ bytes: Bytes) {
    guard bytes.count > 0, bytes[0] == UInt8(ascii: "/") else { return }
    guard let once = written(bytes) else { return }
    unsafe once.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        let again = unsafe written(Bytes(start: start, count: buffer.count))
        precondition(again == once)
    }
}

private func written(_ path: Bytes) -> [UInt8]? {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: path.count + 1) { room in
        guard let start = room.baseAddress else { return nil }
        var writer = unsafe ByteWriter(start: start, capacity: room.count)
        guard PathForm.write(path, to: &writer) else { return nil }
        return (0..<writer.count).map { writer.written(at: $0) }
    }
}

private func array(_ bytes: Bytes) -> [UInt8] { (0..<bytes.count).map { bytes[$0] } }

/// A canonical text reads back to an equal value with the same canonical text.
private func json(_ bytes: Bytes) {
    guard let document = try? JSONDocument(parsing: array(bytes)) else { return }
    let text = document.root.canonical()
    guard let again = try? JSONDocument(parsing: text) else {
        preconditionFailure("canonical text does not parse")
    }
    precondition(again.root == document.root && again.root.canonical() == text)
}

private func yaml(_ bytes: Bytes) {
    for document in (try? YAML.parse(array(bytes), source: "fuzz")) ?? [] {
        precondition((try? JSONDocument(parsing: document.root.canonical())) != nil)
    }
}

/// The bytes are a schema and a value in one array.
private func schema(_ bytes: Bytes) {
    guard let document = try? JSONDocument(parsing: array(bytes)),
        let rules = document.root[0], let value = document.root[1],
        let schema = try? Schema(rules)
    else { return }
    precondition(schema.validate(value).count <= Schema.problemsMax)
}
