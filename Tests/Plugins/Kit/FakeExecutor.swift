import SluiceABI

func now() -> UInt64 { 42 }

func here() -> Int32 { SLUICE_ON_LANE }

func post(_ target: Int32, _ body: sluice_task?, _ context: UnsafeMutableRawPointer?) -> Int32 {
    guard target == SLUICE_ON_LANE, let body = unsafe body else { return SLUICE_E_INVALID }
    if unsafe FakeHost.current.isStopped { return SLUICE_E_GONE }
    unsafe FakeHost.current.posted.append { unsafe body(context) }
    return SLUICE_OK
}

func blocking(
    _ work: sluice_task?,
    _ done: sluice_task?,
    _ context: UnsafeMutableRawPointer?,
    _ target: Int32
) -> Int32 {
    guard target == SLUICE_ON_LANE, let work = unsafe work, let done = unsafe done else {
        return SLUICE_E_INVALID
    }
    if unsafe FakeHost.current.isStopped { return SLUICE_E_GONE }
    unsafe work(context)
    unsafe FakeHost.current.posted.append { unsafe done(context) }
    return SLUICE_OK
}

func timer(
    _ target: Int32,
    _ first: UInt64,
    _ every: UInt64,
    _ body: sluice_task?,
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    guard target == SLUICE_ON_LANE, let body = unsafe body, let out = unsafe out else {
        return SLUICE_E_INVALID
    }
    unsafe out.pointee = unsafe FakeHost.current.newID()
    unsafe FakeHost.current.timers.append(
        .init(id: out.pointee, first: first, every: every) { unsafe body(context) }
    )
    return SLUICE_OK
}

func untimer(_ id: UInt64) -> Int32 {
    unsafe FakeHost.current.timers.removeAll { $0.id == id }
    unsafe FakeHost.current.watches.removeAll { $0.id == id }
    return SLUICE_OK
}

func watch(
    _ target: Int32,
    _ fd: Int32,
    _ events: UInt32,
    _ body: (@convention(c) (UnsafeMutableRawPointer?, Int32, UInt32) -> Void)?,
    _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    guard target == SLUICE_ON_LANE, let body = unsafe body, let out = unsafe out else {
        return SLUICE_E_INVALID
    }
    unsafe out.pointee = unsafe FakeHost.current.newID()
    unsafe FakeHost.current.watches.append(
        .init(id: out.pointee, fd: fd, events: events) { unsafe body(context, fd, $0) }
    )
    return SLUICE_OK
}

func drained() {
    unsafe FakeHost.current.drainedCount += 1
}
