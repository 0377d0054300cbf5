import SluiceABI

/// The entry; the tables it leads to are made once, and left to the host.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(
    _ hello: UnsafePointer<sluice_hello>!,
    _ error: UnsafeMutablePointer<sluice_error>!
) -> UnsafePointer<sluice_plugin_desc>! {
    Tables.description
}

/// A struct that stays for the life of the process.
private func fixed<Struct>(_ value: Struct) -> UnsafePointer<Struct> {
    let place = UnsafeMutablePointer<Struct>.allocate(capacity: 1)
    place.initialize(to: value)
    return UnsafePointer(place)
}

private enum Tables {
    nonisolated(unsafe) static let description: UnsafePointer<sluice_plugin_desc> = {
        var description = sluice_plugin_desc()
        description.size = size(sluice_plugin_desc.self)
        description.flags = UInt32(SLUICE_PLUGIN_SWIFT)
        description.stamp = sluice_stamp_make()
        description.id = text("org.example.every-swift")
        description.version = text("0.1.0")
        description.summary = text("Calls every entry.")
        description.route_schema = text("{\"type\":\"object\"}")
        description.ops = life
        return fixed(description)
    }()

    nonisolated(unsafe) static let life: UnsafePointer<sluice_plugin_ops> = {
        var ops = sluice_plugin_ops()
        ops.size = size(sluice_plugin_ops.self)
        ops.create = { host, instance, context, _ in
            guard let host, let instance else { return SLUICE_E_INVALID }
            context?.pointee = Unmanaged.passRetained(Every(host, instance.pointee)).toOpaque()
            return SLUICE_OK
        }
        ops.role = role
        ops.start = { context, _ in
            Every.at(context).start()
            return SLUICE_OK
        }
        ops.drain = { context, _ in later(context) { context, _ in Every.at(context).drained() } }
        ops.stop = { context, _ in later(context) { context, _ in Every.at(context).stopped() } }
        ops.destroy = { Unmanaged.passUnretained(Every.at($0)).release() }
        return fixed(ops)
    }()

    nonisolated(unsafe) static let service: UnsafePointer<sluice_service_ops> = {
        var ops = sluice_service_ops()
        ops.size = size(sluice_service_ops.self)
        ops.mounts = { _, out, _ in
            out?.pointee = sluice_items(mount, 1, size(sluice_mount.self))
            return SLUICE_OK
        }
        ops.request = { context, id, _, request, _, _, _, _ in
            Every.at(context).request(id, request.map { string($0.pointee.suffix) } ?? "")
        }
        ops.body = { context, _, id, _, _, flags in Every.at(context).body(id, flags) }
        return fixed(ops)
    }()

    nonisolated(unsafe) static let mount: UnsafePointer<sluice_mount> = {
        var mount = sluice_mount()
        mount.size = size(sluice_mount.self)
        mount.prefix = text("/every/")
        mount.body = SLUICE_BODY_STREAM
        return fixed(mount)
    }()

    nonisolated(unsafe) static let filter: UnsafePointer<sluice_filter_ops> = {
        var ops = sluice_filter_ops()
        ops.size = size(sluice_filter_ops.self)
        ops.wants = UInt32(SLUICE_WANTS_REQUEST_BODY | SLUICE_WANTS_RESPONSE)
        ops.open = { context, _, id, _, _ in
            Every.at(context).open(id)
            return SLUICE_GO
        }
        ops.body = { context, _, id, side, _, _, flags in
            Every.at(context).filterBody(id, side, flags)
        }
        ops.response = { context, _, id, _, _, _ in
            Every.at(context).response(id)
            return SLUICE_GO
        }
        ops.close = { _, _, _, _ in }
        return fixed(ops)
    }()

    nonisolated(unsafe) static let source: UnsafePointer<sluice_source_ops> = {
        var ops = sluice_source_ops()
        ops.size = size(sluice_source_ops.self)
        ops.resync = { _, _ in SLUICE_OK }
        return fixed(ops)
    }()

    nonisolated(unsafe) static let admin: UnsafePointer<sluice_admin_ops> = {
        var ops = sluice_admin_ops()
        ops.size = size(sluice_admin_ops.self)
        ops.operations = { _, out in
            out?.pointee = sluice_items(operations, 2, size(sluice_op.self))
            return SLUICE_OK
        }
        return fixed(ops)
    }()

    nonisolated(unsafe) static let operations: UnsafePointer<sluice_op> = {
        let list = UnsafeMutablePointer<sluice_op>.allocate(capacity: 2)
        list.initialize(to: operation("every") { Every.at($0).operation($1) })
        (list + 1).initialize(to: operation("fails") { Every.at($0).failing($1) })
        return UnsafePointer(list)
    }()

    typealias Operation =
        @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> sluice_status

    static func operation(_ name: String, _ function: Operation) -> sluice_op {
        var operation = sluice_op()
        operation.size = size(sluice_op.self)
        operation.name = text(name)
        operation.doc = text("Calls entries of sluice.reply.")
        operation.signature = UnsafeRawPointer(text("i(J)").data)?.assumingMemoryBound(
            to: CChar.self
        )
        operation.fn = unsafeBitCast(function, to: sluice_fn?.self)
        return operation
    }
}

private func role(
    _ context: UnsafeMutableRawPointer?,
    _ id: UnsafePointer<CChar>?
) -> UnsafeRawPointer? {
    switch id.map({ String(cString: $0) }) {
    case SLUICE_ROLE_SERVICE: UnsafeRawPointer(Tables.service)
    case SLUICE_ROLE_FILTER: UnsafeRawPointer(Tables.filter)
    case SLUICE_ROLE_SOURCE: UnsafeRawPointer(Tables.source)
    case SLUICE_ROLE_ADMIN: UnsafeRawPointer(Tables.admin)
    default: nil
    }
}

/// Runs `task` on the lane, later.
private func later(
    _ context: UnsafeMutableRawPointer?,
    _ task: sluice_task
) -> sluice_status {
    guard let exec = Every.at(context).exec else { return SLUICE_OK }
    return exec.pointee.post(exec, task, context) < 0 ? SLUICE_OK : SLUICE_PENDING
}
