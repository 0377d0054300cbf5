internal import SluiceABI

private nonisolated(unsafe) let threshold: UnsafeMutablePointer<UInt8> = {
    let place = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
    unsafe place.initialize(to: UInt8(SLUICE_LOG_INFO))
    return unsafe place
}()

func logTable() -> sluice_log_api {
    unsafe sluice_log_api(threshold: threshold, write: writeLog)
}

func healthTable() -> sluice_health_api {
    unsafe sluice_health_api(report: report, beat: beat)
}

func metricsTable() -> sluice_metrics_api {
    unsafe sluice_metrics_api(define: define, cell: findCell, observe: observe)
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
    unsafe host(table)?.lines.append(
        .init(
            level: level,
            text: String(text),
            fields: Dictionary(pairs, uniquingKeysWith: { _, last in last })
        )
    )
}

private func report(
    _ table: UnsafePointer<sluice_health_api>?,
    _ component: sluice_span,
    _ state: Int32,
    _ text: sluice_span
) -> Int32 {
    let word = ["starting", "ready", "degraded", "failed"][Int(state)]
    let message = unsafe String(text)
    unsafe host(table)?.health[String(component)] = message.isEmpty ? word : "\(word): \(message)"
    return SLUICE_OK
}

private func beat(
    _ table: UnsafePointer<sluice_health_api>?,
    _ component: sluice_span,
    _ gap: UInt64
) -> Int32 {
    unsafe host(table)?.health["\(String(component)) beat"] = "\(gap)"
    return SLUICE_OK
}

private func define(
    _ table: UnsafePointer<sluice_metrics_api>?,
    _ definition: UnsafePointer<sluice_metric_def>?,
    _ id: UnsafeMutablePointer<UInt32>?,
    _ error: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let host = unsafe host(table), let words = unsafe definition?.pointee else {
        return SLUICE_E_INVALID
    }
    let name = unsafe String(words.name)
    if !host.metricNames.contains(name) { host.metricNames.append(name) }
    unsafe id?.pointee = UInt32(host.metricNames.firstIndex(of: name) ?? 0)
    return SLUICE_OK
}

private func findCell(
    _ table: UnsafePointer<sluice_metrics_api>?,
    _ id: UInt32,
    _ values: UnsafePointer<sluice_span>?,
    _ count: Int,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<sluice_cell>?>?
) -> Int32 {
    guard let host = unsafe host(table), host.metricNames.indices.contains(Int(id)) else {
        return SLUICE_E_NOTFOUND
    }
    let words = unsafe UnsafeBufferPointer(start: values, count: count).map { unsafe String($0) }
    let labels = words.isEmpty ? "" : "{\(words.joined(separator: ","))}"
    let name = host.metricNames[Int(id)] + labels
    if unsafe host.cells[name] == nil {
        let cell = UnsafeMutablePointer<sluice_cell>.allocate(capacity: 1)
        unsafe cell.initialize(to: sluice_cell(value: 0))
        unsafe host.cells[name] = unsafe cell
    }
    unsafe out?.pointee = unsafe host.cells[name]
    return SLUICE_OK
}

private func observe(
    _ table: UnsafePointer<sluice_metrics_api>?,
    _ cell: UnsafeMutablePointer<sluice_cell>?,
    _ value: Double
) {
    guard let host = unsafe host(table),
        let name = unsafe host.cells.first(where: { unsafe $0.value == cell })?.key
    else { return }
    host.observations[name, default: []].append(value)
}
