internal import SluiceBase
internal import SluiceHTTP

/// What must hold for any bytes at all; the fuzzer and the seeded tests ask the same questions.
///
/// Each function answers nil when everything holds, else a sentence on what does not.
package enum HTTPInvariants {
    static let fieldsMax = 16
    static let lineMax = 512

    static let linefeed = UInt8(ascii: "\n")

    /// Whether a name in lower case is one of `X-Forwarded-*`.
    static func isForwarding(_ name: String) -> Bool {
        name.hasPrefix("x-forwarded-") && name.utf8.count > 12
    }

    /// The value of hexadecimal digits alone, at most fifteen of them.
    static func hexadecimal(_ digits: ArraySlice<UInt8>) -> Int? {
        let isNumber =
            (1...15).contains(digits.count)
            && digits.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
        return isNumber ? Int(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    }
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

    /// Whether a beginning of the bytes that lead to `whole` may be judged like this.
    func mayPrecede(_ whole: Verdict) -> Bool { self == .incomplete || self == whole }
}

/// One field as text, for comparing what came with what went.
struct FieldText: Equatable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Bytes that are no ASCII are characters up to U+00FF, so that none is lost.
    private init(_ field: Field, _ head: Bytes) {
        name = field.nameBytes(in: head).text
        let scalars = field.value(in: head).array.map { Character(Unicode.Scalar($0)) }
        value = String(scalars)
    }

    static func all(
        _ fields: TableView<Field>,
        _ head: Bytes,
        where keeps: (Field) -> Bool
    ) -> [FieldText] {
        (0..<fields.count).map { fields[$0] }.filter(keeps).map { FieldText($0, head) }
    }

    /// The name in lower case.
    var key: String { name.lowercased() }
}

/// Places to cut bytes of `count`: all of them when there are few, else some, spread.
func cuts(_ count: Int) -> StrideTo<Int> {
    stride(from: 0, to: count, by: 1 + count / 64)
}
