import Glibc
import SluiceABI

/// Tables without a request.
extension Every {
    func start() {
        let found = host.pointee.find(host, SLUICE_IF_HTTP)
        record("host.find", right(found == http.map { UnsafeRawPointer($0) }))
        if let bytes { call(bytes) }
        if let log { call(log) }
        if let metrics { call(metrics) }
        if let health { call(health) }
        if let exec { call(exec) }
        if let routing { call(routing) }
        if let client { call(client) }
        if let http { look(http) }
    }

    private func call(_ table: UnsafePointer<sluice_bytes_api>) {
        var copied: OpaquePointer?
        var wrapped: OpaquePointer?
        status("bytes.copy", table.pointee.copy) { $0(text("copied"), &copied) }
        status("bytes.view", table.pointee.view) { right(string($0(copied)) == "copied") }
        nothing("bytes.retain", table.pointee.retain) { $0(copied) }
        later("bytes.wrap", table.pointee.wrap) { wrap in
            let released: sluice_release = { Every.at($0).record("bytes.wrap", SLUICE_OK) }
            return wrap(host, text("wrapped"), released, context, &wrapped)
        }
        nothing("bytes.release", table.pointee.release) { release in
            release(wrapped)
            release(copied)
            release(copied)
        }
    }

    private func call(_ table: UnsafePointer<sluice_log_api>) {
        var field = sluice_field(key: text("key"), value: text("value"))
        nothing("log.write", table.pointee.write) {
            $0(table, SLUICE_LOG_INFO, text("every entry is called"), &field, 1)
        }
    }

    private func call(_ table: UnsafePointer<sluice_metrics_api>) {
        var definition = sluice_metric_def()
        definition.size = size(sluice_metric_def.self)
        definition.kind = SLUICE_METRIC_HISTOGRAM
        definition.name = text("calls")
        definition.nbuckets = 2
        var id: UInt32 = 0
        var cell: UnsafeMutablePointer<sluice_cell>?
        [1.0, 2.0].withUnsafeBufferPointer { buckets in
            definition.buckets = buckets.baseAddress
            status("metrics.define", table.pointee.define) { $0(table, &definition, &id, nil) }
        }
        status("metrics.cell", table.pointee.cell) { $0(table, id, nil, 0, &cell) }
        nothing("metrics.observe", table.pointee.observe) { $0(table, cell, 1.5) }
    }

    private func call(_ table: UnsafePointer<sluice_health_api>) {
        let component = text("every")
        status("health.report", table.pointee.report) {
            $0(table, component, SLUICE_HEALTH_READY, text("ready"))
        }
        status("health.beat", table.pointee.beat) { $0(table, component, forEver) }
    }

    private func call(_ table: UnsafePointer<sluice_exec_api>) {
        status("exec.now_ns", table.pointee.now_ns) { right($0(table) > 0) }
        status("exec.here", table.pointee.here) { right($0(table) == SLUICE_ON_LANE) }
        later("exec.post", table.pointee.post) { post in
            post(table, { Every.at($0).record("exec.post", $1) }, context)
        }
        later("exec.blocking", table.pointee.blocking) { blocking in
            blocking(table, { _ in }, { Every.at($0).record("exec.blocking", $1) }, context)
        }
        later("exec.timer", table.pointee.timer) { timer in
            timer(table, 1_000_000, 0, { Every.at($0).record("exec.timer", $1) }, context, nil)
        }
        later("exec.watch_fd", table.pointee.watch_fd) { watch in
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return SLUICE_E_IO }
            // The end of the other end is something to read.
            close(ends[1])
            return watch(table, ends[0], UInt32(POLLIN | POLLHUP), ready, context, &self.watch)
        }
    }

    private func put(_ transaction: OpaquePointer?, _ kind: String) {
        guard let routing, let json = file("\(kind).json") else { return }
        var document = sluice_document()
        document.size = size(sluice_document.self)
        document.kind = text(kind)
        document.name = text("every")
        document.json = text(json)
        status("routing.put", routing.pointee.put) { $0(routing, transaction, &document, nil) }
    }

    private func call(_ table: UnsafePointer<sluice_routing_api>) {
        var transaction: OpaquePointer?
        let (pool, none) = (text("pool"), text("nothing"))
        status("routing.begin", table.pointee.begin) {
            $0(table, text("dropped"), 0, &transaction, nil)
        }
        nothing("routing.abandon", table.pointee.abandon) { $0(table, transaction) }
        later("routing.begin", table.pointee.begin) {
            $0(table, text("kept"), UInt32(SLUICE_TXN_RESYNC), &transaction, nil)
        }
        for kind in ["listener", "pool", "route"] { put(transaction, kind) }
        status("routing.keep", table.pointee.keep) { $0(table, transaction, pool, none) }
        status("routing.remove", table.pointee.remove) { $0(table, transaction, pool, none) }
        var issue = sluice_issue()
        issue.size = size(sluice_issue.self)
        issue.severity = SLUICE_ISSUE_WARNING
        issue.kind = pool
        issue.name = text("noted")
        issue.code = text("every")
        issue.text = text("nothing is wrong")
        status("routing.note", table.pointee.note) {
            $0(table, transaction, text("key"), &issue, nil)
        }
        status("routing.unnote", table.pointee.unnote) { $0(table, transaction, text("key")) }
        later("routing.commit", table.pointee.commit) { commit in
            let committed:
                @convention(c) (UnsafeMutableRawPointer?, sluice_status, UInt64) -> Void =
                    { context, status, _ in Every.at(context).record("routing.commit", status) }
            return commit(table, transaction, nil, committed, context)
        }
    }

    private func call(_ table: UnsafePointer<sluice_client_api>) {
        var profile = sluice_tls_profile()
        profile.size = size(sluice_tls_profile.self)
        profile.flags = UInt32(SLUICE_TLS_INSECURE)
        profile.name = text("every")
        status("client.profile", table.pointee.profile) { $0(table, &profile, nil) }
        var call = sluice_call()
        call.size = size(sluice_call.self)
        call.flags = UInt32(SLUICE_CALL_STREAM_BODY)
        call.method = text("POST")
        call.url = text(file("origin") ?? "")
        var events = sluice_call_events()
        events.size = size(sluice_call_events.self)
        events.end = { context, _, _, result in
            let isCanceled = result?.pointee.outcome == SLUICE_E_CANCELED
            Every.at(context).record("client.send", right(isCanceled))
        }
        var id: sluice_cid = 0
        var piece = sluice_chunk(bytes: text("piece"), owner: nil)
        later("client.send", table.pointee.send) { $0(table, &call, &events, context, &id, nil) }
        status("client.write", table.pointee.write) { $0(table, id, &piece, 1, 0) }
        status("client.resume", table.pointee.resume) { $0(table, id) }
        status("client.cancel", table.pointee.cancel) { $0(table, id) }
    }

    /// Members that nothing reaches while they are NULL.
    private func look(_ table: UnsafePointer<sluice_http_api>) {
        let members: [(String, Bool)] = [
            ("header_set", table.pointee.header_set == nil),
            ("header_add", table.pointee.header_add == nil),
            ("header_remove", table.pointee.header_remove == nil),
            ("path_set", table.pointee.path_set == nil),
            ("status_set", table.pointee.status_set == nil),
            ("body_set", table.pointee.body_set == nil),
            ("held", table.pointee.held == nil),
        ]
        for (name, isNull) in members where isNull { status("http.\(name)", Int?.none) { _ in 0 } }
    }
}

/// `SLUICE_NEVER`, which Swift does not import.
let forEver = UInt64.max

private func ready(_ context: UnsafeMutableRawPointer?, _ descriptor: Int32, _ events: UInt32) {
    guard events != 0 else {
        close(descriptor)
        return
    }
    let every = Every.at(context)
    every.record("exec.watch_fd", SLUICE_OK)
    guard let exec = every.exec else { return }
    every.status("exec.cancel", exec.pointee.cancel) { $0(exec, every.watch) }
}
