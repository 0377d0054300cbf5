internal import SluiceABI
internal import SluiceShared

// Operations that one function serves (SLUICE_OPERATION_OBJECT): it is told which one is called,
// and its arguments come as a JSON object.
extension OperationRun {
    /// [lane] [pool] Calls the function of an operation that takes an object.
    func callWithObject(_ reply: Reply) -> sluice_status {
        let function = unsafe unsafeBitCast(operation.function, to: sluice_object_fn.self)
        var object: [String: JSON] = [:]
        for (parameter, argument) in zip(operation.parameters, arguments) {
            object[parameter.name] = argument.json(parameter.type)
        }
        let name = Array(operation.name.utf8)
        let text = JSON.object(object).canonical()
        return unsafe name.withUnsafeBufferPointer { name in
            unsafe text.withUnsafeBufferPointer { text in
                unsafe function(
                    instance.plugin,
                    sluice_bytes(name.baseAddress, name.count),
                    sluice_bytes(text.baseAddress, text.count),
                    ReplyStock.handle(reply)
                )
            }
        }
    }
}

extension Argument {
    /// The value as JSON; nil: an absent text.
    fileprivate func json(_ type: ParameterType) -> JSON? {
        switch self {
        case .text(let bytes): bytes.map { .string(String(decoding: $0, as: UTF8.self)) }
        case .real(let number): .number("\(number)")
        case .bits(let bits):
            switch type {
            case .boolean: .bool(bits != 0)
            case .uint64: .number("\(bits)")
            case .int32, .uint32, .int64, .double, .text: .integer(Int64(bitPattern: bits))
            }
        }
    }
}
