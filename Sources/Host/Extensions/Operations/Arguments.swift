internal import CFFI
internal import SluiceABI
internal import SluiceBase
internal import SluiceShared

/// What a request gives an operation.
package enum OperationInput: Sendable {
    /// The query of a GET, as it was sent; empty without one.
    case query(String)
    /// The body of a POST: a JSON object, or nothing.
    case body([UInt8])
}

/// The value of one parameter, in range.
enum Argument: Sendable, Equatable {
    /// b, i, u, I, U; the bits of the C value, sign-extended.
    case bits(UInt64)
    case real(Double)
    /// nil: absent.
    case text([UInt8]?)

    /// What a parameter is that is missing and has no fallback.
    static func missing(of type: ParameterType) -> Argument {
        switch type {
        case .boolean, .int32, .uint32, .int64, .uint64: .bits(0)
        case .double: .real(0)
        case .text: .text(nil)
        }
    }
}

/// Why an input is refused: a sentence that names the parameter.
struct InputRefusal: Error, Equatable {
    let text: String
}

// From JSON.
extension Argument {
    /// A JSON value as the type has it; throws what is wrong with the value alone.
    init(_ value: JSONValue, _ type: ParameterType) throws(ParseFailure) {
        let found: Argument? =
            switch type {
            case .boolean: value.bool.map { .bits($0 ? 1 : 0) }
            case .text: value.string.map { .text(Array($0.utf8)) }
            case .double: value.double.map(Argument.real)
            case .int32, .uint32, .int64, .uint64: Self.integer(value, type)
            }
        guard let found else {
            throw ParseFailure(
                source: "",
                mark: value.mark,
                pointer: value.pointer,
                text: "expected \(type.expectation)"
            )
        }
        self = found
    }

    private static func integer(_ value: JSONValue, _ type: ParameterType) -> Argument? {
        if let number = value.int64 { return integer(number, type) }
        // The upper half of an unsigned number does not fit the other reading.
        guard type == .uint64, let number = value.numberText.flatMap({ UInt64($0) }) else {
            return nil
        }
        return .bits(number)
    }

    private static func integer(_ number: Int64, _ type: ParameterType) -> Argument? {
        let fits =
            switch type {
            case .int32: Int32(exactly: number) != nil
            case .uint32: UInt32(exactly: number) != nil
            case .uint64: number >= 0
            case .int64: true
            case .boolean, .double, .text: false
            }
        return fits ? .bits(UInt64(bitPattern: number)) : nil
    }

    /// A text of a query as the type has it; nil: it is none of that type.
    init?(_ text: String, _ type: ParameterType) {
        switch type {
        case .text: self = .text(Array(text.utf8))
        case .boolean:
            guard text == "true" || text == "false" else { return nil }
            self = .bits(text == "true" ? 1 : 0)
        case .int32, .uint32, .int64, .uint64, .double:
            guard let value = try? JSONDocument(parsing: text).root, value.kind == .number,
                let number = try? Argument(value, type)
            else { return nil }
            self = number
        }
    }
}

// A whole input.
extension Operation {
    /// The arguments in the order of the C function; throws a sentence for the operator.
    func arguments(_ input: OperationInput) throws(InputRefusal) -> [Argument] {
        var given: [String: Argument]
        switch input {
        case .query(let text): given = try read(query: text)
        case .body(let bytes): given = try read(body: bytes)
        }
        var arguments: [Argument] = []
        for parameter in parameters {
            guard let argument = given[parameter.name] else {
                guard parameter.isOptional else {
                    throw InputRefusal(
                        text: "\(parameter.name) is missing, expected"
                            + " \(parameter.type.expectation)"
                    )
                }
                arguments.append(parameter.missing)
                continue
            }
            arguments.append(argument)
        }
        return arguments
    }

    private func read(query: String) throws(InputRefusal) -> [String: Argument] {
        var given: [String: Argument] = [:]
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = Self.decoded(pair[0]), let text = Self.decoded(pair.dropFirst().first)
            else {
                throw InputRefusal(text: "the query has a broken escape in \(quoted(String(part)))")
            }
            let parameter = try parameter(key)
            guard given[key] == nil else { throw InputRefusal(text: "\(key) is given twice") }
            guard let argument = Argument(text, parameter.type) else {
                throw InputRefusal(
                    text: "\(key) is \(quoted(text)), expected \(parameter.type.expectation)"
                )
            }
            given[key] = argument
        }
        return given
    }

    private func read(body: [UInt8]) throws(InputRefusal) -> [String: Argument] {
        guard !body.isEmpty else { return [:] }
        let root: JSONValue
        do throws(ParseFailure) {
            root = try JSONDocument(parsing: body, source: "body").root
        } catch {
            throw InputRefusal(text: "the body is not JSON: \(error)")
        }
        guard root.kind == .object else {
            throw InputRefusal(text: "the body is no JSON object, expected one such as {}")
        }
        var given: [String: Argument] = [:]
        for member in root.members {
            let parameter = try parameter(member.key)
            do throws(ParseFailure) {
                given[member.key] = try Argument(member.value, parameter.type)
            } catch {
                throw InputRefusal(
                    text: "\(member.key) is \(quoted(member.value.json().text())),"
                        + " \(error.text)"
                )
            }
        }
        return given
    }

    private func parameter(_ name: String) throws(InputRefusal) -> Parameter {
        if let found = parameters.first(where: { $0.name == name }) { return found }
        let names = parameters.map(\.name)
        let hint = nearest(name, among: names).map { "; did you mean \"\($0)\"?" }
        let all = names.isEmpty ? "; it has none" : "; it has \(names.joined(separator: ", "))"
        throw InputRefusal(text: "there is no parameter \(quoted(name))\(hint ?? all)")
    }

    /// A part of a query without its escapes, `+` being a space; nil: an escape is broken.
    private static func decoded(_ part: Substring?) -> String? {
        var bytes: [UInt8] = []
        var rest = (part ?? "").utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
