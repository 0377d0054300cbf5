import SluiceABI

/// The C tables of the fake host, made once.
enum FakeTables {
    nonisolated(unsafe) static let host = unsafe pinned(
        sluice_host(
            size: UInt32(MemoryLayout<sluice_host>.size),
            abi_major: UInt16(SLUICE_ABI_MAJOR),
            abi_minor: 0,
            find: find
        )
    )
    nonisolated(unsafe) static let threshold = unsafe pinned(UInt8(SLUICE_LOG_INFO))
    nonisolated(unsafe) static let log = unsafe pinned(
        sluice_log_api(threshold: threshold, write: writeLog)
    )
    nonisolated(unsafe) static let health = unsafe pinned(
        sluice_health_api(report: report, beat: beat)
    )
    nonisolated(unsafe) static let metrics = unsafe pinned(
        sluice_metrics_api(define: define, cell: findCell, observe: observe)
    )
    nonisolated(unsafe) static let cell = unsafe pinned(sluice_cell(value: 0))
    static var cellValue: UInt64 { unsafe cell.pointee.value }
    nonisolated(unsafe) static let exec = unsafe pinned(
        sluice_exec_api(
            now_ns: now,
            here: here,
            post: post,
            blocking: blocking,
            timer: timer,
            watch_fd: watch,
            cancel: cancel,
            drained: drained,
            stopped: stopped
        )
    )
    nonisolated(unsafe) static let routing = unsafe pinned(
        sluice_routing_api(
            begin: begin,
            put: put,
            keep: keep,
            remove: remove,
            note: note,
            unnote: unnote,
            commit: commit,
            abandon: abandon
        )
    )
    nonisolated(unsafe) static let http: UnsafeMutablePointer<sluice_http_api> = {
        var table = sluice_http_api()
        unsafe table.respond = unsafe respond
        return unsafe pinned(table)
    }()
}

private func pinned<Table>(_ table: Table) -> UnsafeMutablePointer<Table> {
    let place = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    unsafe place.initialize(to: table)
    return unsafe place
}

private func find(
    _ host: UnsafePointer<sluice_host>?,
    _ id: UnsafePointer<CChar>?
) -> UnsafeRawPointer? {
    guard let id = unsafe id.map({ unsafe String(cString: $0) }),
        unsafe FakeHost.current.offered.contains(id)
    else { return nil }
    return switch id {
    case SLUICE_IF_LOG: unsafe UnsafeRawPointer(FakeTables.log)
    case SLUICE_IF_HEALTH: unsafe UnsafeRawPointer(FakeTables.health)
    case SLUICE_IF_METRICS: unsafe UnsafeRawPointer(FakeTables.metrics)
    case SLUICE_IF_EXEC: unsafe UnsafeRawPointer(FakeTables.exec)
    case SLUICE_IF_ROUTING: unsafe UnsafeRawPointer(FakeTables.routing)
    case SLUICE_IF_HTTP: unsafe UnsafeRawPointer(FakeTables.http)
    default: nil
    }
}

private func writeLog(
    _ table: UnsafePointer<sluice_log_api>?,
    _ level: Int32,
    _ text: sluice_span,
    _ fields: UnsafePointer<sluice_field>?,
    _ count: Int
) {
    let pairs = unsafe UnsafeBufferPointer(start: fields, count: count).map {
        unsafe (String($0.key), String($0.value))
    }
    unsafe FakeHost.current.lines.append(
        .init(level: level, text: String(text), fields: Dictionary(uniqueKeysWithValues: pairs))
    )
}

private func report(
    _ table: UnsafePointer<sluice_health_api>?,
    _ component: sluice_span,
    _ state: Int32,
    _ text: sluice_span
) -> Int32 {
    unsafe FakeHost.current.reports.append(unsafe "\(String(component)) \(state) \(String(text))")
    return SLUICE_OK
}

private func beat(
    _ table: UnsafePointer<sluice_health_api>?,
    _ component: sluice_span,
    _ gap: UInt64
) -> Int32 {
    unsafe FakeHost.current.reports.append(unsafe "\(String(component)) beats within \(gap)")
    return SLUICE_OK
}

private func define(
    _ table: UnsafePointer<sluice_metrics_api>?,
    _ definition: UnsafePointer<sluice_metric_def>?,
    _ id: UnsafeMutablePointer<UInt32>?,
    _ error: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let words = unsafe definition?.pointee else { return SLUICE_E_INVALID }
    let labels = unsafe UnsafeBufferPointer(start: words.labels, count: Int(words.nlabels))
    unsafe FakeHost.current.metrics.append(
        unsafe "\(words.kind) \(String(words.name)) \(labels.map { unsafe String($0) })"
    )
    unsafe id?.pointee = 7
    return SLUICE_OK
}

private func findCell(
    _ table: UnsafePointer<sluice_metrics_api>?,
    _ id: UInt32,
    _ values: UnsafePointer<sluice_span>?,
    _ count: Int,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<sluice_cell>?>?
) -> Int32 {
    let words = unsafe UnsafeBufferPointer(start: values, count: count).map { unsafe String($0) }
    unsafe FakeHost.current.metrics.append("cell \(id) \(words)")
    unsafe out?.pointee = unsafe FakeTables.cell
    return SLUICE_OK
}

private func observe(
    _ table: UnsafePointer<sluice_metrics_api>?,
    _ cell: UnsafeMutablePointer<sluice_cell>?,
    _ value: Double
) {
    unsafe FakeHost.current.metrics.append("observed \(value)")
}

private func respond(
    _ id: UInt64,
    _ response: UnsafePointer<sluice_response>?,
    _ error: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let words = unsafe response?.pointee else { return SLUICE_E_INVALID }
    let headers = unsafe UnsafeBufferPointer(start: words.headers.items, count: words.headers.count)
    let body = unsafe UnsafeBufferPointer(start: words.body, count: words.nbody)
    unsafe FakeHost.current.answers.append(
        .init(
            id: id,
            status: words.status,
            headers: headers.map { unsafe "\(String($0.name)): \(String($0.value))" },
            body: unsafe body.map { unsafe String($0.bytes) }.joined()
        )
    )
    return SLUICE_OK
}
