internal import Glibc
internal import HTTPInvariants
internal import SluiceBase
internal import SluiceShared

/// What takes bytes from outside, by the name that `FUZZ` in the environment gives.
private let targets: [(name: String, run: @Sendable (Bytes) -> Void)] = [
    ("request", { hold(HTTPInvariants.request($0)) }),
    ("response", { hold(HTTPInvariants.response($0)) }),
    ("chunks", { hold(HTTPInvariants.chunks($0)) }),
    ("trailers", { hold(HTTPInvariants.trailers($0)) }),
    ("path", { hold(HTTPInvariants.path($0)) }),
    ("proxy", { hold(HTTPInvariants.proxy($0)) }),
    ("hello", { hold(HelloInvariants.hello($0)) }),
    ("tunnel", { hold(HTTPInvariants.tunnel($0)) }),
    ("json", json), ("yaml", yaml), ("schema", schema), ("describe", describe),
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

/// Stops at the first breach, with its sentence.
private func hold(_ breach: String?) {
    guard let breach else { return }
    try? Files.write(Array("\(breach)\n".utf8), to: STDERR_FILENO)
    preconditionFailure("an invariant is broken")
}

/// Prints what a request is taken for; `differential.py` compares that with another parser.
private func describe(_ bytes: Bytes) {
    try? Files.write(Array("\(HTTPInvariants.description(bytes))\n".utf8), to: STDOUT_FILENO)
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
