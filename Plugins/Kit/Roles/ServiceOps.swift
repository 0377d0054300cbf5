internal import SluiceABI

/// The C table of the service role.
func serviceOps() -> sluice_service_ops {
    var ops = sluice_service_ops()
    ops.size = UInt32(MemoryLayout<sluice_service_ops>.size)
    unsafe ops.mounts = mounts
    unsafe ops.request = request
    unsafe ops.body = body
    unsafe ops.trailers = trailers
    unsafe ops.writable = writable
    unsafe ops.cancel = cancel
    unsafe ops.done = done
    return ops
}

private func mounts(
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<sluice_list>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    guard let context = unsafe context, let out = unsafe out,
        let service = unsafe LivePlugin.at(context).service
    else { return SLUICE_E_INVALID }
    return unsafe answer(report) { () throws(PluginError) in
        unsafe out.pointee = try service.list()
    }
}

private func request(
    _ context: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ tag: UInt32,
    _ words: UnsafePointer<sluice_request>?,
    _ pieces: UnsafePointer<sluice_chunk>?,
    _ count: Int,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    guard let context = unsafe context, let words = unsafe words, let out = unsafe out,
        let service = unsafe LivePlugin.at(context).service
    else { return SLUICE_E_INVALID }
    guard let http = unsafe service.host.http else {
        return unsafe PluginError(.unsupported, "the host does not offer sluice.http/0")
            .write(to: report)
    }
    let own = tag & MountTag.own
    if tag & MountTag.inline != 0 {
        return unsafe inline(service, id, InlineRequest(words, pieces, count, tag: own), report)
    }
    let exchange = unsafe Exchange(id, own, service.host, http, words)
    let isBuffered = tag & MountTag.streamed == 0
    let hasNoBody = unsafe words.pointee.flags & SLUICE_REQ_END != 0
    exchange.takeBody(unsafe Array(pieces, count), isWhole: isBuffered || hasNoBody)
    switch service.begin(exchange) {
    case .declined: return SLUICE_DECLINED
    case .answered, .pending:
        let isAnswered = exchange.progress == .ended
        unsafe out.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return isAnswered ? SLUICE_OK : SLUICE_PENDING
    }
}

private func inline(
    _ service: ServiceRole,
    _ id: sluice_rid,
    _ request: borrowing InlineRequest,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    do throws(PluginError) {
        guard let response = try service.respond(inline: request),
            let http = unsafe service.host.http
        else { return SLUICE_DECLINED }
        try unsafe response.send(id, http)
        return SLUICE_OK
    } catch {
        return unsafe error.write(to: report)
    }
}

private func body(
    _ context: UnsafeMutableRawPointer?,
    _ exchange: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ pieces: UnsafePointer<sluice_chunk>?,
    _ count: Int,
    _ flags: UInt32
) -> sluice_status {
    guard let exchange = unsafe exchange.map({ unsafe Exchange.at($0) }) else { return SLUICE_OK }
    return exchange.host.lane.enter {
        let goesOn = exchange.body.take(unsafe Array(pieces, count))
        if flags & SLUICE_END != 0 { exchange.body.finish(exchange.trailers) }
        return goesOn ? SLUICE_OK : SLUICE_E_AGAIN
    }
}

private func trailers(
    _ context: UnsafeMutableRawPointer?,
    _ exchange: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ trailers: sluice_headers
) {
    // They belong to the end, which follows.
    unsafe exchange.map { unsafe Exchange.at($0) }?.trailers = Headers(trailers)
}

private func writable(
    _ context: UnsafeMutableRawPointer?,
    _ exchange: UnsafeMutableRawPointer?,
    _ id: sluice_rid
) {
    guard let exchange = unsafe exchange.map({ unsafe Exchange.at($0) }) else { return }
    exchange.host.lane.enter { exchange.wakeWriter() }
}

private func cancel(
    _ context: UnsafeMutableRawPointer?,
    _ exchange: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ why: Int32
) {
    guard let exchange = unsafe exchange.map({ unsafe Exchange.at($0) }) else { return }
    exchange.host.lane.enter { exchange.cancel(ClosingCause(rawValue: why)) }
}

private func done(
    _ context: UnsafeMutableRawPointer?,
    _ exchange: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ summary: UnsafePointer<sluice_exchange>?
) {
    guard let exchange = unsafe exchange else { return }
    var ended = unsafe Unmanaged<Exchange>.fromOpaque(exchange).takeRetainedValue()
    let isKept = !isKnownUniquelyReferenced(&ended)
    ended.host.lane.enter { unsafe ended.done(summary, isKept: isKept) }
}

extension Exchange {
    /// The exchange behind a context of the host.
    fileprivate static func at(_ context: UnsafeMutableRawPointer) -> Exchange {
        unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    }
}
