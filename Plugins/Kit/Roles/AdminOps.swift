internal import SluiceABI

/// The C table of the admin role.
func adminOps() -> sluice_admin_ops {
    var ops = sluice_admin_ops()
    ops.size = UInt32(MemoryLayout<sluice_admin_ops>.size)
    unsafe ops.operations = operations
    unsafe ops.dump = dump
    return ops
}

private func operations(
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<sluice_list>?
) -> sluice_status {
    guard let context = unsafe context, let out = unsafe out,
        let admin = unsafe LivePlugin.at(context).admin
    else { return SLUICE_E_INVALID }
    unsafe out.pointee = admin.list()
    return SLUICE_OK
}

private func dump(_ context: UnsafeMutableRawPointer?, _ out: OpaquePointer?) -> sluice_status {
    guard let context = unsafe context, let out = unsafe out,
        let admin = unsafe LivePlugin.at(context).admin, let table = unsafe admin.host.reply
    else { return SLUICE_E_UNSUPPORTED }
    admin.dump(unsafe AdminReply(table, out))
    return SLUICE_OK
}

/// The one C function of all operations (SLUICE_OPERATION_OBJECT).
private func perform(
    _ context: UnsafeMutableRawPointer?,
    _ name: sluice_span,
    _ arguments: sluice_span,
    _ out: OpaquePointer?
) -> sluice_status {
    guard let context = unsafe context, let out = unsafe out,
        let admin = unsafe LivePlugin.at(context).admin, let table = unsafe admin.host.reply
    else { return SLUICE_E_UNSUPPORTED }
    let reply = unsafe AdminReply(table, out)
    do {
        try admin.run(unsafe String(name), unsafe Array(arguments), reply)
        return SLUICE_OK
    } catch {
        reply.fail("\(error)")
        let status = (error as? PluginError)?.status ?? .internal
        return status.isSuccess ? SLUICE_E_INTERNAL : status.rawValue
    }
}

/// Operations in the header's words, which the host borrows for the life of the instance.
@safe
final class OperationList {
    private var arena = Arena()
    private var signatures: [UnsafeMutablePointer<CChar>] = unsafe []
    private var parameters: [UnsafeMutablePointer<sluice_param>] = unsafe []
    private let operations: UnsafeMutablePointer<sluice_op>
    private let count: Int

    init(_ declared: [OperationDeclaration]) {
        count = declared.count
        unsafe operations = .allocate(capacity: max(count, 1))
        for (index, operation) in declared.enumerated() {
            unsafe (operations + index).initialize(to: words(operation))
        }
    }

    deinit {
        arena.free()
        for index in unsafe signatures.indices { unsafe signatures[index].deallocate() }
        for index in unsafe parameters.indices { unsafe parameters[index].deallocate() }
        unsafe operations.deallocate()
    }

    var list: sluice_list {
        unsafe sluice_items(operations, UInt32(count), UInt32(MemoryLayout<sluice_op>.stride))
    }

    private func words(_ operation: OperationDeclaration) -> sluice_op {
        let function: sluice_object_fn = unsafe perform
        var words = unsafe sluice_op()
        unsafe words.size = UInt32(MemoryLayout<sluice_op>.size)
        unsafe words.access = operation.writes ? SLUICE_OP_WRITE : SLUICE_OP_READ
        unsafe words.name = arena.span(operation.name)
        unsafe words.doc = arena.span(operation.doc)
        unsafe words.signature = signature(operation.parameters)
        unsafe words.params = list(operation.parameters)
        unsafe words.fn = unsafeBitCast(function, to: sluice_fn.self)
        unsafe words.flags = SLUICE_OPERATION_OBJECT
        return unsafe words
    }

    private func signature(_ parameters: [Parameter]) -> UnsafePointer<CChar> {
        let text = Array("i(\(String(parameters.map(\.letter)))J)".utf8CString)
        let place = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
        unsafe text.withUnsafeBufferPointer { text in
            if let first = text.baseAddress {
                unsafe place.initialize(from: first, count: text.count)
            }
        }
        unsafe signatures.append(place)
        return unsafe UnsafePointer(place)
    }

    private func list(_ declared: [Parameter]) -> sluice_list {
        let place = UnsafeMutablePointer<sluice_param>.allocate(capacity: max(declared.count, 1))
        unsafe parameters.append(place)
        for (index, parameter) in declared.enumerated() {
            var words = unsafe sluice_param()
            unsafe words.size = UInt32(MemoryLayout<sluice_param>.size)
            unsafe words.optional = parameter.isOptional ? 1 : 0
            unsafe words.name = arena.span(parameter.name)
            unsafe words.doc = arena.span(parameter.doc)
            unsafe words.fallback = arena.span(parameter.fallback)
            unsafe (place + index).initialize(to: words)
        }
        return unsafe sluice_items(
            place,
            UInt32(declared.count),
            UInt32(MemoryLayout<sluice_param>.stride)
        )
    }
}
