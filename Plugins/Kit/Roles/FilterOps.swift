internal import SluiceABI

/// The C table of the filter role.
func filterOps(wants: FilterWants) -> sluice_filter_ops {
    var ops = sluice_filter_ops()
    ops.size = UInt32(MemoryLayout<sluice_filter_ops>.size)
    ops.wants = wants.rawValue
    unsafe ops.route_new = routeNew
    unsafe ops.route_free = routeFree
    unsafe ops.open = open
    unsafe ops.body = body
    unsafe ops.response = response
    unsafe ops.trailers = trailers
    unsafe ops.close = close
    return ops
}

/// What is behind an exchange's context.
private final class Passenger {
    let passage: any FilterPassage
    let passing: Passing

    init(_ passage: any FilterPassage, _ passing: Passing) {
        self.passage = passage
        self.passing = passing
    }

    static func at(_ context: UnsafeMutableRawPointer?) -> Passenger? {
        unsafe context.map { unsafe Unmanaged<Passenger>.fromOpaque($0).takeUnretainedValue() }
    }
}

private func routeNew(
    _ context: UnsafeMutableRawPointer?,
    _ json: sluice_span,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    guard let context = unsafe context, let out = unsafe out,
        let filter = unsafe LivePlugin.at(context).filter
    else { return SLUICE_E_INVALID }
    return unsafe answer(report) { () throws(PluginError) in
        let settings = try filter.settings(unsafe String(json))
        unsafe out.pointee = Unmanaged<AnyObject>.passRetained(settings).toOpaque()
    }
}

private func routeFree(_ context: UnsafeMutableRawPointer?, _ settings: UnsafeMutableRawPointer?) {
    guard let settings = unsafe settings else { return }
    unsafe Unmanaged<AnyObject>.fromOpaque(settings).release()
}

private func open(
    _ context: UnsafeMutableRawPointer?,
    _ settings: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ words: UnsafePointer<sluice_request>?,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> sluice_flow {
    guard let context = unsafe context, let words = unsafe words, let out = unsafe out,
        let filter = unsafe LivePlugin.at(context).filter, let http = unsafe filter.host.http
    else { return SLUICE_SKIP }
    let kept = unsafe settings.map {
        unsafe Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue()
    }
    let passing = unsafe Passing(id, http)
    let request = unsafe InlineRequest(words, nil, 0, tag: 0)
    guard let opened = filter.open(request, passing, kept) else { return SLUICE_SKIP }
    unsafe out.pointee = Unmanaged.passRetained(Passenger(opened.passage, passing)).toOpaque()
    return opened.flow.rawValue
}

private func body(
    _ context: UnsafeMutableRawPointer?,
    _ passenger: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ side: UInt32,
    _ pieces: UnsafePointer<sluice_chunk>?,
    _ count: Int,
    _ flags: UInt32
) -> sluice_flow {
    guard let passenger = unsafe Passenger.at(passenger) else { return SLUICE_SKIP }
    return passenger.passage.body(
        Side(rawValue: side) ?? .request,
        unsafe Array(pieces, count),
        isLast: flags & SLUICE_END != 0,
        passenger.passing
    ).rawValue
}

private func response(
    _ context: UnsafeMutableRawPointer?,
    _ passenger: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ status: Int32,
    _ headers: sluice_headers,
    _ flags: UInt32
) -> sluice_flow {
    guard let passenger = unsafe Passenger.at(passenger) else { return SLUICE_SKIP }
    return passenger.passage.response(
        Int(status),
        unsafe Headers(headers),
        isLast: flags & SLUICE_END != 0,
        passenger.passing
    ).rawValue
}

private func trailers(
    _ context: UnsafeMutableRawPointer?,
    _ passenger: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ side: UInt32,
    _ trailers: sluice_headers
) -> sluice_flow {
    guard let passenger = unsafe Passenger.at(passenger) else { return SLUICE_SKIP }
    return passenger.passage.trailers(
        Side(rawValue: side) ?? .request,
        unsafe Headers(trailers),
        passenger.passing
    ).rawValue
}

private func close(
    _ context: UnsafeMutableRawPointer?,
    _ passenger: UnsafeMutableRawPointer?,
    _ id: sluice_rid,
    _ summary: UnsafePointer<sluice_exchange>?
) {
    guard let passenger = unsafe passenger else { return }
    let taken = unsafe Unmanaged<Passenger>.fromOpaque(passenger).takeRetainedValue()
    let words = unsafe summary.map { unsafe whole($0) } ?? sluice_exchange()
    taken.passage.close(unsafe ExchangeSummary(words))
}
