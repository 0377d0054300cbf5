import SluiceBase
import SluiceHTTP

/// The bytes of a text whose characters up to U+00FF stand for one byte each.
func octets(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

/// A head: each line with its CRLF, and the empty line.
func lines(_ lines: String...) -> [UInt8] {
    octets(lines.map { "\($0)\r\n" }.joined() + "\r\n")
}

/// An outcome that can be compared.
enum Verdict: Equatable {
    case complete(Int)
    case incomplete
    case faulty(HeadFault)

    init(_ outcome: HeadOutcome) {
        switch outcome {
        case .complete(let length): self = .complete(length)
        case .incomplete: self = .incomplete
        case .faulty(let fault): self = .faulty(fault)
        }
    }

    static let fieldsMax = 8
    static let lineMax = 128

    /// What a request head of these bytes comes to, from a parser that has seen others before.
    static func request(_ bytes: [UInt8]) -> Verdict {
        var head = RequestHead(fieldsMax: fieldsMax, lineMax: lineMax)
        _ = used.withBytes { head.parse($0) }
        return bytes.withBytes { Verdict(head.parse($0)) }
    }

    static func response(_ bytes: [UInt8]) -> Verdict {
        var head = ResponseHead(fieldsMax: fieldsMax)
        return bytes.withBytes { Verdict(head.parse($0)) }
    }

    private static let used = lines(
        "POST http://used/x?y HTTP/1.0",
        "Host: used",
        "Connection: keep-alive, close, a",
        "A: b",
        "Expect: 100-continue",
        "Content-Length: 99"
    )
}

extension Verdict: CustomStringConvertible {
    var description: String {
        switch self {
        case .complete(let length): "complete, \(length) bytes"
        case .incomplete: "incomplete"
        case .faulty(let fault): "faulty: \(fault.text)"
        }
    }
}

/// A repeatable source of choices (SplitMix64); a failing test prints its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
