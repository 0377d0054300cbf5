internal import SluiceABI
internal import SluiceKit

func httpTable() -> sluice_http_api {
    var table = sluice_http_api()
    unsafe table.respond = respond
    unsafe table.inform = inform
    unsafe table.begin = begin
    unsafe table.write = write
    unsafe table.finish = finish
    unsafe table.abort = abort
    table.resume = resume
    table.deadline = deadline
    unsafe table.forward = forward
    unsafe table.header_set = headerSet
    unsafe table.header_add = headerAdd
    unsafe table.header_remove = headerRemove
    unsafe table.path_set = pathSet
    table.status_set = statusSet
    unsafe table.body_set = bodySet
    unsafe table.held = held
    return table
}

/// The exchange that still wants an answer.
private func open(_ id: UInt64) -> SimulatedExchange? {
    guard let exchange = Registered.exchanges.find(id), !exchange.isDone, !exchange.isCanceled
    else {
        return nil
    }
    return exchange
}

private func respond(
    _ id: UInt64,
    _ response: UnsafePointer<sluice_response>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let words = unsafe response?.pointee else { return SLUICE_E_INVALID }
    if let passage = Registered.passages.find(id) {
        passage.response = unsafe (Int(words.status), Array(words.body, words.nbody))
        return SLUICE_OK
    }
    guard let exchange = open(id) else { return SLUICE_E_GONE }
    guard exchange.status == nil, !exchange.isFinished else { return SLUICE_E_STATE }
    guard unsafe (200...599).contains(words.status) else {
        return unsafe fail(
            report,
            PluginError(.invalid, "the status is \(words.status), expected 200 to 599")
        )
    }
    unsafe exchange.status = Int(words.status)
    unsafe exchange.headers = Headers(words.headers)
    unsafe exchange.pieces = [Array(words.body, words.nbody)]
    exchange.isFinished = true
    return SLUICE_OK
}

private func inform(
    _ id: UInt64,
    _ status: Int32,
    _ headers: sluice_headers,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let exchange = open(id) else { return SLUICE_E_GONE }
    exchange.interim.append(Int(status))
    return SLUICE_OK
}

private func begin(
    _ id: UInt64,
    _ status: Int32,
    _ headers: sluice_headers,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let exchange = open(id) else { return SLUICE_E_GONE }
    guard exchange.status == nil else { return SLUICE_E_STATE }
    exchange.status = Int(status)
    exchange.headers = unsafe Headers(headers)
    return SLUICE_OK
}

private func write(
    _ id: UInt64,
    _ chunks: UnsafePointer<sluice_chunk>?,
    _ count: Int,
    _ flags: UInt32
) -> Int32 {
    guard let exchange = open(id) else { return SLUICE_E_GONE }
    guard exchange.status != nil, !exchange.isFinished else { return SLUICE_E_STATE }
    let piece = unsafe Array(chunks, count)
    let written = exchange.body.count + piece.count
    if written / 2 > exchange.room { return SLUICE_E_LIMIT }
    exchange.pieces.append(piece)
    if flags & SLUICE_END != 0 { exchange.isFinished = true }
    return written > exchange.room ? SLUICE_E_AGAIN : SLUICE_OK
}

private func finish(_ id: UInt64, _ trailers: sluice_headers) -> Int32 {
    guard let exchange = open(id) else { return SLUICE_E_GONE }
    guard exchange.status != nil, !exchange.isFinished else { return SLUICE_E_STATE }
    exchange.trailers = unsafe Headers(trailers)
    exchange.isFinished = true
    return SLUICE_OK
}

private func abort(_ id: UInt64, _ reason: sluice_span) -> Int32 {
    guard let exchange = open(id) else { return SLUICE_E_GONE }
    exchange.abortReason = unsafe String(reason)
    return SLUICE_OK
}

private func resume(_ id: UInt64, _ side: UInt32) -> Int32 {
    if let passage = Registered.passages.find(id), let side = Side(rawValue: side) {
        passage.resumed.append(side)
        return SLUICE_OK
    }
    guard let exchange = Registered.exchanges.find(id) else { return SLUICE_E_GONE }
    exchange.isPaused = false
    return SLUICE_OK
}

private func deadline(_ id: UInt64, _ deadline: UInt64) -> Int32 {
    guard let exchange = open(id) else { return SLUICE_E_GONE }
    exchange.deadline = deadline
    return SLUICE_OK
}

private func forward(
    _ id: UInt64,
    _ forward: UnsafePointer<sluice_forward>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let exchange = open(id) else { return SLUICE_E_GONE }
    guard exchange.status == nil else { return SLUICE_E_STATE }
    guard let words = unsafe forward?.pointee else { return SLUICE_E_INVALID }
    let hasPath = unsafe words.path.data != nil
    exchange.forwarded = unsafe (
        String(words.pool), hasPath ? String(words.path) : nil, Headers(words.set)
    )
    return SLUICE_OK
}
