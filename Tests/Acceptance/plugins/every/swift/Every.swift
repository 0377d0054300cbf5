import Glibc
import SluiceABI

/// The instance: its tables, and what came of each entry.
final class Every {
    let host: UnsafePointer<sluice_host>
    let bytes: UnsafePointer<sluice_bytes_api>?
    let log: UnsafePointer<sluice_log_api>?
    let metrics: UnsafePointer<sluice_metrics_api>?
    let health: UnsafePointer<sluice_health_api>?
    let exec: UnsafePointer<sluice_exec_api>?
    let client: UnsafePointer<sluice_client_api>?
    let routing: UnsafePointer<sluice_routing_api>?
    let http: UnsafePointer<sluice_http_api>?
    let reply: UnsafePointer<sluice_reply_api>?
    let configFolder: String
    let stateFolder: String
    var watch: sluice_tid = 0
    var streamed: sluice_rid = 0
    private var missing: [String] = []
    /// Workers record too.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// nil: the member is NULL.
    private var entries: [String: sluice_status?] = [:]

    init(_ host: UnsafePointer<sluice_host>, _ instance: sluice_instance) {
        self.host = host
        pthread_mutex_init(lock, nil)
        var missing: [String] = []
        func find<Table>(_ id: String) -> UnsafePointer<Table>? {
            guard let found = host.pointee.find(host, id) else {
                missing.append(id)
                return nil
            }
            return found.assumingMemoryBound(to: Table.self)
        }
        bytes = find(SLUICE_IF_BYTES)
        log = find(SLUICE_IF_LOG)
        metrics = find(SLUICE_IF_METRICS)
        health = find(SLUICE_IF_HEALTH)
        exec = find(SLUICE_IF_EXEC)
        client = find(SLUICE_IF_CLIENT)
        routing = find(SLUICE_IF_ROUTING)
        http = find(SLUICE_IF_HTTP)
        reply = find(SLUICE_IF_REPLY)
        configFolder = string(instance.config_dir)
        stateFolder = string(instance.state_dir)
        self.missing = missing
    }

    deinit {
        lock.deallocate()
    }

    /// The context of a callback that leads back here; it owns nothing.
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func at(_ context: UnsafeMutableRawPointer?) -> Every {
        guard let context else { preconditionFailure("a callback has lost its context") }
        return Unmanaged<Every>.fromOpaque(context).takeUnretainedValue()
    }

    /// The first result of an entry counts.
    private func note(_ name: String, _ status: sluice_status?) {
        pthread_mutex_lock(lock)
        if entries[name] == nil { entries[name] = .some(status) }
        pthread_mutex_unlock(lock)
    }

    func record(_ name: String, _ status: sluice_status) {
        note(name, status)
    }

    /// Calls a member that is there, and reports its answer; one that is NULL is reported.
    func status<Member>(_ name: String, _ member: Member?, _ call: (Member) -> sluice_status) {
        guard let member else { return note(name, nil) }
        record(name, call(member))
    }

    /// The same for a member that answers nothing.
    func nothing<Member>(_ name: String, _ member: Member?, _ call: (Member) -> Void) {
        status(name, member) {
            call($0)
            return SLUICE_OK
        }
    }

    /// The same for a member whose result comes with a callback, unless the call fails.
    func later<Member>(_ name: String, _ member: Member?, _ call: (Member) -> sluice_status) {
        guard let member else { return note(name, nil) }
        let status = call(member)
        if status < 0 { record(name, status) }
    }

    /// A file of the folder `every` beside the configuration.
    func file(_ name: String) -> String? {
        guard let file = fopen("\(configFolder)/every/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var content = [UInt8](repeating: 0, count: 4096)
        let count = fread(&content, 1, content.count, file)
        return String(decoding: content.prefix(count), as: UTF8.self)
    }

    func write(_ name: String, _ content: String) {
        guard let file = fopen("\(stateFolder)/\(name)", "w") else { return }
        fputs(content, file)
        fclose(file)
    }

    var report: String {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        let ids = missing.map { "\"\($0)\"" }.joined(separator: ",")
        let rows = entries.map { name, status in
            "\"\(name)\":\(status.map { "\($0)" } ?? "null")"
        }
        return "{\"missing\":[\(ids)],\"entries\":{\(rows.joined(separator: ","))}}"
    }
}

/// A text in memory that stays for the life of the process.
func text(_ words: String) -> sluice_span {
    sluice_text(strdup(words))
}

func string(_ span: sluice_span) -> String {
    String(decoding: UnsafeBufferPointer(start: span.data, count: span.len), as: UTF8.self)
}

func right(_ holds: Bool) -> sluice_status {
    holds ? SLUICE_OK : SLUICE_E_INTERNAL
}

func size<Struct>(_ type: Struct.Type) -> UInt32 {
    UInt32(MemoryLayout<Struct>.size)
}
