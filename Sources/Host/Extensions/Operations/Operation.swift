internal import SluiceABI
internal import SluiceBase
package import SluiceShared

/// An operation that an instance offers to its operator, as it has declared it.
@safe
package struct Operation: @unchecked Sendable {
    /// One word of letters, digits, `-`, `_` and `.`.
    package let name: String
    /// A sentence for people; may be empty.
    package let doc: String
    /// Whether it changes something: POST, else GET.
    package let writes: Bool
    /// Whether it runs on the pool, not on the lane.
    package let isOnPool: Bool
    /// In the order of the C function's arguments.
    package let parameters: [Parameter]
    /// Whether the C function takes a reply, last.
    package let replies: Bool
    /// Whether the C function takes its name and its arguments as a JSON object.
    let takesObject: Bool
    let function: sluice_fn

    package var method: String { writes ? "POST" : "GET" }

    /// Operations of one instance, parameters of one operation, bytes of one name.
    static let countMax = 64
    static let parametersMax = 16
    static let nameBytesMax = 64

    /// One parameter of an operation.
    package struct Parameter: Sendable {
        package let name: String
        /// A sentence for people; may be empty.
        package let doc: String
        package let type: ParameterType
        package let isOptional: Bool
        /// What an optional one is when it is missing; nil: 0, false or an absent text.
        package let fallback: JSON?
        let missing: Argument
    }
}

/// The type of a parameter, by its letter in a signature.
package enum ParameterType: Character, Sendable, CaseIterable {
    case boolean = "b"
    case int32 = "i"
    case uint32 = "u"
    case int64 = "I"
    case uint64 = "U"
    case double = "d"
    case text = "s"

    /// The type's word in JSON Schema.
    package var word: String {
        switch self {
        case .boolean: "boolean"
        case .int32, .uint32, .int64, .uint64: "integer"
        case .double: "number"
        case .text: "string"
        }
    }

    /// The values of an integer, as decimal numbers; nil for the other types.
    package var range: (least: String, most: String)? {
        switch self {
        case .int32: ("\(Int32.min)", "\(Int32.max)")
        case .uint32: ("0", "\(UInt32.max)")
        case .int64: ("\(Int64.min)", "\(Int64.max)")
        case .uint64: ("0", "\(UInt64.max)")
        case .boolean, .double, .text: nil
        }
    }

    /// What a value of it is, for messages.
    var expectation: String {
        switch self {
        case .boolean: "true or false"
        case .double: "a number"
        case .text: "a text"
        case .int32, .uint32, .int64, .uint64:
            range.map { "an integer from \($0.least) to \($0.most)" } ?? "an integer"
        }
    }
}

// Reading a declaration.
extension Operation {
    /// Reads and checks what an instance declares.
    ///
    /// Throws a sentence about the first thing that is wrong.
    static func read(_ list: sluice_list) throws(PluginRefusal) -> [Operation] {
        let count = unsafe Int(list.count)
        guard count <= countMax else {
            throw PluginRefusal("it declares \(count) operations, at most \(countMax) are allowed")
        }
        var operations: [Operation] = []
        for index in 0..<count {
            let declared: sluice_op = unsafe list.element(index, empty: sluice_op())
            let operation = try unsafe Operation(declared, at: index)
            guard !operations.contains(where: { $0.name == operation.name }) else {
                throw PluginRefusal("it declares the operation \"\(operation.name)\" twice")
            }
            operations.append(operation)
        }
        return operations
    }

    private init(_ declared: sluice_op, at index: Int) throws(PluginRefusal) {
        name = unsafe declared.name.text
        guard Self.isName(name) else {
            throw PluginRefusal(
                "operation \(index) is called \(quoted(name)), expected 1 to \(Self.nameBytesMax)"
                    + " letters, digits, hyphens, underscores and points"
            )
        }
        doc = unsafe declared.doc.text
        writes = unsafe declared.access == SLUICE_OP_WRITE
        isOnPool = unsafe declared.flags & SLUICE_OPERATION_POOL != 0
        let subject = "operation \(name)"
        guard unsafe writes || declared.access == SLUICE_OP_READ else {
            throw unsafe PluginRefusal(
                "\(subject): its access is \(declared.access), expected SLUICE_OP_READ (0) or"
                    + " SLUICE_OP_WRITE (1)"
            )
        }
        takesObject = unsafe declared.flags & SLUICE_OPERATION_OBJECT != 0
        guard unsafe declared.flags & ~(SLUICE_OPERATION_POOL | SLUICE_OPERATION_OBJECT) == 0 else {
            throw unsafe PluginRefusal(
                "\(subject): its flags are \(declared.flags), expected SLUICE_OPERATION_POOL,"
                    + " SLUICE_OPERATION_OBJECT or both, or 0"
            )
        }
        guard let function = unsafe declared.fn else {
            throw PluginRefusal("\(subject): it has no function")
        }
        self.function = function
        let signature = try unsafe Signature(declared.signature, of: subject)
        replies = signature.replies
        parameters = try unsafe Self.parameters(declared.params, signature, of: subject)
    }

    private static func isName(_ text: String) -> Bool {
        (1...nameBytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                case UInt8(ascii: "."): text.utf8.first != byte
                default: false
                }
            }
    }

    private static func parameters(
        _ list: sluice_list,
        _ signature: Signature,
        of subject: String
    ) throws(PluginRefusal) -> [Parameter] {
        let count = unsafe Int(list.count)
        guard count == signature.types.count else {
            throw PluginRefusal(
                "\(subject): it has \(count) params, its signature \"\(signature.text)\" has"
                    + " \(signature.types.count)"
            )
        }
        var parameters: [Parameter] = []
        for (index, type) in signature.types.enumerated() {
            let declared: sluice_param = unsafe list.element(index, empty: sluice_param())
            let parameter = try unsafe Parameter(
                declared,
                type,
                of: "\(subject): parameter \(index)"
            )
            guard !parameters.contains(where: { $0.name == parameter.name }) else {
                throw PluginRefusal("\(subject): two parameters are called \(parameter.name)")
            }
            parameters.append(parameter)
        }
        return parameters
    }
}

extension Operation.Parameter {
    fileprivate init(
        _ declared: sluice_param,
        _ type: ParameterType,
        of subject: String
    ) throws(PluginRefusal) {
        name = unsafe declared.name.text
        doc = unsafe declared.doc.text
        self.type = type
        isOptional = unsafe declared.optional != 0
        guard Operation.isName(name) else {
            throw PluginRefusal(
                "\(subject) is called \(quoted(name)), expected 1 to \(Operation.nameBytesMax)"
                    + " letters, digits, hyphens, underscores and points"
            )
        }
        guard unsafe declared.fallback.isPresent else {
            fallback = nil
            missing = .missing(of: type)
            return
        }
        guard isOptional else {
            throw PluginRefusal("\(subject), \(name), has a fallback and is not optional")
        }
        do throws(ParseFailure) {
            let value = try JSONDocument(parsing: unsafe declared.fallback.bytes.array).root
            fallback = value.json()
            missing = try Argument(value, type)
        } catch {
            throw PluginRefusal(
                "\(subject), \(name): its fallback is not \(type.expectation): \(error)"
            )
        }
    }
}

/// A signature of `sluice_op`: `i(ARGS)`, a letter for each argument behind `self`.
private struct Signature {
    let text: String
    let types: [ParameterType]
    let replies: Bool

    init(_ pointer: UnsafePointer<CChar>?, of subject: String) throws(PluginRefusal) {
        guard let pointer = unsafe pointer else {
            throw PluginRefusal("\(subject): it has no signature")
        }
        text = unsafe String(cString: pointer)
        guard text.hasPrefix("i("), text.hasSuffix(")") else {
            throw PluginRefusal(
                "\(subject): its signature is \(quoted(text)), expected i(ARGS), such as i(sIJ)"
            )
        }
        var letters = text.dropFirst(2).dropLast()
        replies = letters.last == "J"
        if replies { letters.removeLast() }
        guard letters.count <= Operation.parametersMax else {
            throw PluginRefusal(
                "\(subject): its signature has \(letters.count) arguments, at most"
                    + " \(Operation.parametersMax) are allowed beside J"
            )
        }
        var types: [ParameterType] = []
        for letter in letters {
            guard let type = ParameterType(rawValue: letter) else {
                throw PluginRefusal(
                    letter == "J"
                        ? "\(subject): J stands once and last in a signature, not so in"
                            + " \(quoted(text))"
                        : "\(subject): its signature \(quoted(text)) has the letter"
                            + " \(quoted(String(letter))), expected b, i, u, I, U, d, s, and J last"
                )
            }
            types.append(type)
        }
        self.types = types
    }
}
