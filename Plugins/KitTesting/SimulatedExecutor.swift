internal import SluiceABI

func executorTable() -> sluice_exec_api {
    unsafe sluice_exec_api(
        now_ns: { table in unsafe host(table)?.now ?? 0 },
        here: { table in unsafe host(table)?.here ?? SLUICE_ON_OTHER },
        post: post,
        blocking: blocking,
        timer: timer,
        watch_fd: watch,
        cancel: { table, id in unsafe host(table)?.cancel(id) ?? SLUICE_E_GONE },
        drained: { table in unsafe host(table)?.isDrained = true },
        stopped: { table in unsafe host(table)?.isStopped = true }
    )
}

private func post(
    _ table: UnsafePointer<sluice_exec_api>?,
    _ body: sluice_task?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let host = unsafe host(table), let body = unsafe body else { return SLUICE_E_INVALID }
    return host.post { why in unsafe body(context, why) }
}

private func blocking(
    _ table: UnsafePointer<sluice_exec_api>?,
    _ work: sluice_work?,
    _ done: sluice_task?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let host = unsafe host(table), let work = unsafe work, let done = unsafe done else {
        return SLUICE_E_INVALID
    }
    host.poolWork.append((work: { unsafe work(context) }, done: { unsafe done(context, $0) }))
    return SLUICE_OK
}

private func timer(
    _ table: UnsafePointer<sluice_exec_api>?,
    _ first: UInt64,
    _ every: UInt64,
    _ body: sluice_task?,
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    guard let host = unsafe host(table), let body = unsafe body else { return SLUICE_E_INVALID }
    let id = host.newID()
    let due = host.now.addingReportingOverflow(first)
    host.timers.append(
        .init(id: id, due: due.overflow ? .max : due.partialValue, every: every) { why in
            unsafe body(context, why)
        }
    )
    unsafe out?.pointee = id
    return SLUICE_OK
}

private func watch(
    _ table: UnsafePointer<sluice_exec_api>?,
    _ fd: Int32,
    _ events: UInt32,
    _ body: sluice_ready?,
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    guard let host = unsafe host(table), let body = unsafe body else { return SLUICE_E_INVALID }
    let id = host.newID()
    host.watches.append(
        .init(id: id, fd: fd, events: events) { ready in unsafe body(context, fd, ready) }
    )
    unsafe out?.pointee = id
    return SLUICE_OK
}
