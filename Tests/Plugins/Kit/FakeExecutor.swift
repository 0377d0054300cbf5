import SluiceABI

func now(_ table: UnsafePointer<sluice_exec_api>?) -> UInt64 { 42 }

func here(_ table: UnsafePointer<sluice_exec_api>?) -> Int32 { SLUICE_ON_LANE }

func post(
    _ table: UnsafePointer<sluice_exec_api>?,
    _ body: sluice_task?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let body = unsafe body else { return SLUICE_E_INVALID }
    if unsafe FakeHost.current.isStopped { return SLUICE_E_GONE }
    unsafe FakeHost.current.posted.append { unsafe body(context, SLUICE_OK) }
    return SLUICE_OK
}

func blocking(
    _ table: UnsafePointer<sluice_exec_api>?,
    _ work: sluice_work?,
    _ done: sluice_task?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let work = unsafe work, let done = unsafe done else {
        return SLUICE_E_INVALID
    }
    if unsafe FakeHost.current.isStopped { return SLUICE_E_GONE }
    unsafe work(context)
    unsafe FakeHost.current.posted.append { unsafe done(context, SLUICE_OK) }
    return SLUICE_OK
}

func timer(
    _ table: UnsafePointer<sluice_exec_api>?,
    _ first: UInt64,
    _ every: UInt64,
    _ body: sluice_task?,
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    guard let body = unsafe body, let out = unsafe out else {
        return SLUICE_E_INVALID
    }
    unsafe out.pointee = unsafe FakeHost.current.newID()
    unsafe FakeHost.current.timers.append(
        .init(id: out.pointee, first: first, every: every) { unsafe body(context, $0) }
    )
    return SLUICE_OK
}

func cancel(_ table: UnsafePointer<sluice_exec_api>?, _ id: UInt64) -> Int32 {
    let host = unsafe FakeHost.current
    let timer = host.timers.first { $0.id == id }
    let watch = host.watches.first { $0.id == id }
    if timer == nil, watch == nil { return SLUICE_E_GONE }
    host.timers.removeAll { $0.id == id }
    host.watches.removeAll { $0.id == id }
    host.posted.append {
        timer?.run(SLUICE_E_CANCELED)
        watch?.run(0)
    }
    return SLUICE_OK
}

func watch(
    _ table: UnsafePointer<sluice_exec_api>?,
    _ fd: Int32,
    _ events: UInt32,
    _ body: (@convention(c) (UnsafeMutableRawPointer?, Int32, UInt32) -> Void)?,
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    guard let body = unsafe body, let out = unsafe out else {
        return SLUICE_E_INVALID
    }
    unsafe out.pointee = unsafe FakeHost.current.newID()
    unsafe FakeHost.current.watches.append(
        .init(id: out.pointee, fd: fd, events: events) { unsafe body(context, fd, $0) }
    )
    return SLUICE_OK
}

func drained(_ table: UnsafePointer<sluice_exec_api>?) {
    unsafe FakeHost.current.drainedCount += 1
}

func stopped(_ table: UnsafePointer<sluice_exec_api>?) {
    unsafe FakeHost.current.stoppedCount += 1
}
