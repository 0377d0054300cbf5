import SluiceABI

private nonisolated(unsafe) let handle = unsafe OpaquePointer(bitPattern: 0x1000)

func begin(
    _ table: UnsafePointer<sluice_routing_api>?,
    _ revision: sluice_span,
    _ flags: UInt32,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    let verb = flags == SLUICE_TXN_RESYNC ? "resync" : "begin"
    unsafe FakeHost.current.changes.append(.init(verb: verb, name: String(revision)))
    unsafe out?.pointee = unsafe handle
    return SLUICE_OK
}

func put(
    _ table: UnsafePointer<sluice_routing_api>?,
    _ transaction: OpaquePointer?,
    _ words: UnsafePointer<sluice_document>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard unsafe transaction == handle, let words = unsafe words?.pointee else {
        return SLUICE_E_INVALID
    }
    if let failure = unsafe FakeHost.current.putFailure {
        let pointer = Array(failure.pointer.utf8)
        let text = Array(failure.text.utf8)
        return unsafe pointer.withUnsafeBytes { pointer in
            unsafe text.withUnsafeBytes { text in
                unsafe sluice_fail_at(
                    report,
                    failure.status,
                    sluice_bytes(pointer.baseAddress, pointer.count),
                    sluice_bytes(text.baseAddress, text.count)
                )
            }
        }
    }
    unsafe FakeHost.current.changes.append(
        .init(
            verb: "put",
            kind: String(words.kind),
            name: String(words.name),
            place: String(words.where),
            document: String(words.json)
        )
    )
    return SLUICE_OK
}

func keep(
    _ table: UnsafePointer<sluice_routing_api>?,
    _ transaction: OpaquePointer?,
    _ kind: sluice_span,
    _ name: sluice_span
) -> Int32 {
    guard unsafe transaction == handle else { return SLUICE_E_INVALID }
    unsafe FakeHost.current.changes.append(
        .init(verb: "keep", kind: String(kind), name: String(name))
    )
    return unsafe FakeHost.current.keepStatus
}

func remove(
    _ table: UnsafePointer<sluice_routing_api>?,
    _ transaction: OpaquePointer?,
    _ kind: sluice_span,
    _ name: sluice_span
) -> Int32 {
    guard unsafe transaction == handle else { return SLUICE_E_INVALID }
    unsafe FakeHost.current.changes.append(
        .init(verb: "remove", kind: String(kind), name: String(name))
    )
    return SLUICE_OK
}

func unnote(
    _ table: UnsafePointer<sluice_routing_api>?,
    _ transaction: OpaquePointer?,
    _ key: sluice_span
) -> Int32 {
    unsafe FakeHost.current.changes.append(.init(verb: "unnote", name: String(key)))
    return SLUICE_OK
}

func commit(
    _ table: UnsafePointer<sluice_routing_api>?,
    _ transaction: OpaquePointer?,
    _ issue: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<sluice_issue>?) -> Void)?,
    _ committed: (@convention(c) (UnsafeMutableRawPointer?, Int32, UInt64) -> Void)?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    let host = unsafe FakeHost.current
    guard unsafe transaction == handle, let issue = unsafe issue, let committed = unsafe committed
    else { return SLUICE_E_INVALID }
    host.changes.append(.init(verb: "commit"))
    if host.commitStatus < 0 { return host.commitStatus }
    host.finishCommit = { status, generation in
        for problem in host.issues { unsafe tell(problem.code, problem.name, issue, context) }
        unsafe committed(context, status, generation)
    }
    return host.commitStatus
}

func abandon(
    _ table: UnsafePointer<sluice_routing_api>?,
    _ transaction: OpaquePointer?
) {
    unsafe FakeHost.current.changes.append(.init(verb: "abandon"))
}

func note(
    _ table: UnsafePointer<sluice_routing_api>?,
    _ transaction: OpaquePointer?,
    _ key: sluice_span,
    _ issue: UnsafePointer<sluice_issue>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard unsafe transaction == handle, let issue = unsafe issue?.pointee else {
        return SLUICE_E_INVALID
    }
    unsafe FakeHost.current.changes.append(
        .init(
            verb: "note \(unsafe String(key))",
            kind: String(issue.kind),
            name: String(issue.name),
            place: String(issue.where),
            document: String(issue.text)
        )
    )
    return SLUICE_OK
}

private func tell(
    _ code: String,
    _ name: String,
    _ issue: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<sluice_issue>?) -> Void,
    _ context: UnsafeMutableRawPointer?
) {
    var words = unsafe sluice_issue()
    unsafe words.size = unsafe UInt32(MemoryLayout<sluice_issue>.size)
    unsafe words.severity = SLUICE_ISSUE_OBJECT
    var code = code
    var name = name
    code.withUTF8 { code in
        name.withUTF8 { name in
            unsafe words.code = unsafe sluice_bytes(code.baseAddress, code.count)
            unsafe words.name = unsafe sluice_bytes(name.baseAddress, name.count)
            unsafe issue(context, &words)
        }
    }
}
