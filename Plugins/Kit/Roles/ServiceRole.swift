internal import SluiceABI

/// The C table of the service role.
func serviceRole() -> sluice_service_ops {
    var ops = sluice_service_ops()
    ops.size = UInt32(MemoryLayout<sluice_service_ops>.size)
    unsafe ops.mounts = mounts
    unsafe ops.request = request
    unsafe ops.cancel = cancel
    unsafe ops.done = done
    return ops
}

private func mounts(
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<sluice_list>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    guard let context = unsafe context, let out = unsafe out else { return SLUICE_E_INVALID }
    let live = unsafe LivePlugin.at(context)
    guard let service = live.service else { return SLUICE_E_STATE }
    return unsafe answer(report) { () throws(PluginError) in
        let mounts = MountList(try service.mounts())
        live.mounts = mounts
        unsafe out.pointee = mounts.list
    }
}

private func request(
    _ context: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ tag: UInt32,
    _ words: UnsafePointer<sluice_request>?,
    _ body: UnsafePointer<sluice_chunk>?,
    _ pieces: Int,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    guard let context = unsafe context, let words = unsafe words else { return SLUICE_E_INVALID }
    let live = unsafe LivePlugin.at(context)
    guard let service = live.service, let http = try? live.host.http else { return SLUICE_E_STATE }
    let request = unsafe Request(whole(words), body, pieces, tag)
    do throws(PluginError) {
        return try service.request(request, http.exchange(id)).rawValue
    } catch {
        return unsafe error.write(to: report)
    }
}

private func cancel(
    _ context: UnsafeMutableRawPointer?,
    _ request: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ why: Int32
) {
    guard let context = unsafe context else { return }
    let live = unsafe LivePlugin.at(context)
    if let http = try? live.host.http { live.service?.canceled(http.exchange(id)) }
}

private func done(
    _ context: UnsafeMutableRawPointer?,
    _ request: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ exchange: UnsafePointer<sluice_exchange>?
) {
    guard let context = unsafe context else { return }
    let live = unsafe LivePlugin.at(context)
    if let http = try? live.host.http { live.service?.done(http.exchange(id)) }
}

extension Request {
    fileprivate init(
        _ words: sluice_request,
        _ body: UnsafePointer<sluice_chunk>?,
        _ pieces: Int,
        _ tag: UInt32
    ) {
        unsafe method = String(words.method_name)
        unsafe authority = String(words.authority)
        unsafe path = String(words.path)
        unsafe suffix = String(words.suffix)
        unsafe query = words.query.data == nil ? nil : String(words.query)
        let lines = unsafe UnsafeBufferPointer(
            start: words.headers.items,
            count: words.headers.count
        )
        unsafe headers = lines.map { line in unsafe Header(line) }
        let chunks = unsafe UnsafeBufferPointer(start: body, count: body == nil ? 0 : pieces)
        self.body = unsafe chunks.reduce(into: []) { whole, chunk in
            unsafe whole += UnsafeBufferPointer(start: chunk.bytes.data, count: chunk.bytes.len)
        }
        unsafe peer = String(words.peer)
        unsafe route = words.route.data == nil ? nil : String(words.route)
        self.tag = tag
        unsafe deadline = words.deadline_ns == 0 ? nil : words.deadline_ns
    }
}

/// Mounts in the header's words, which the host borrows until it asks again.
@safe
final class MountList {
    private var arena = Arena()
    private let mounts: UnsafeMutablePointer<sluice_mount>
    private let count: Int

    init(_ mounts: [Mount]) {
        count = mounts.count
        unsafe self.mounts = .allocate(capacity: max(count, 1))
        for (index, mount) in mounts.enumerated() {
            unsafe (self.mounts + index).initialize(to: mount.words(&arena))
        }
    }

    deinit {
        arena.free()
        unsafe mounts.deallocate()
    }

    var list: sluice_list {
        unsafe sluice_items(mounts, UInt32(count), UInt32(MemoryLayout<sluice_mount>.stride))
    }
}

extension Mount {
    fileprivate func words(_ arena: inout Arena) -> sluice_mount {
        var words = unsafe sluice_mount()
        unsafe words.size = UInt32(MemoryLayout<sluice_mount>.size)
        unsafe words.methods = methods.reduce(0) { $0 | $1.rawValue }
        unsafe words.prefix = arena.span(prefix)
        unsafe words.pattern = arena.span(pattern)
        unsafe words.body = bodyBytesMax == nil ? SLUICE_BODY_NONE : SLUICE_BODY_BUFFERED
        unsafe words.max_body = bodyBytesMax ?? 0
        unsafe words.flags = allowsHalfClose ? SLUICE_MOUNT_HALF_CLOSE : 0
        unsafe words.head_ns = headTimeout.nanoseconds
        unsafe words.idle_ns = idleTimeout.nanoseconds
        unsafe words.total_ns = totalTimeout.nanoseconds
        unsafe words.max_inflight = inFlightMax ?? 0
        unsafe words.tag = tag
        return unsafe words
    }
}

extension Timeout {
    fileprivate var nanoseconds: UInt64 {
        switch self {
        case .hostDefault: 0
        case .after(let duration): duration.nanoseconds
        case .never: UInt64.max
        }
    }
}
