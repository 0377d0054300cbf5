internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// A BOUND table as the plugin gets it, and whose it is.
///
/// The table comes first, so that the pointer that a plugin hands back is one to this. It lives as
/// long as the process: a forgotten thread of the plugin may call at any later time, and finds that
/// the instance has stopped.
@safe
struct Bound<Table> {
    var table: Table
    var owner: Unmanaged<Instance>

    /// Memory for a table of `instance`, which is never freed either.
    static func make(_ table: Table, _ instance: Instance) -> UnsafeRawPointer {
        let memory = UnsafeMutablePointer<Bound<Table>>.allocate(capacity: 1)
        unsafe memory.initialize(to: Bound(table: table, owner: .passRetained(instance)))
        return UnsafeRawPointer(memory)
    }
}

/// The instance that a table belongs to; nil when there is no table, or its instance has stopped.
func caller<Table>(_ table: UnsafePointer<Table>?) -> Instance? {
    guard let instance = unsafe owner(table), !instance.isStopped else { return nil }
    return instance
}

/// The instance that a table belongs to, also when it has stopped.
func owner<Table>(_ table: UnsafePointer<Table>?) -> Instance? {
    guard let table = unsafe table else { return nil }
    let bound = unsafe UnsafeRawPointer(table).assumingMemoryBound(to: Bound<Table>.self)
    return unsafe bound.pointee.owner.takeUnretainedValue()
}

/// Everything one instance may call: its `sluice_host` and the tables behind `find`.
@safe
struct HostTables: @unchecked Sendable {
    let host: UnsafePointer<sluice_host>
    private let tables: [HostInterface: UnsafeRawPointer]

    init(instance: Instance) {
        unsafe tables = [
            .bytes: UnsafeRawPointer(BytesTable.table),
            .http: UnsafeRawPointer(HTTPTable.table),
            .reply: UnsafeRawPointer(ReplyTable.table),
            .log: Bound.make(LogTable.table, instance),
            .metrics: Bound.make(MetricsTable.table, instance),
            .health: Bound.make(HealthTable.table, instance),
            .exec: Bound.make(ExecTable.table, instance),
            .routing: Bound.make(RoutingTable.table, instance),
        ]
        var root = sluice_host()
        root.size = UInt32(MemoryLayout<sluice_host>.size)
        root.abi_major = UInt16(SLUICE_ABI_MAJOR)
        root.abi_minor = UInt16(SLUICE_ABI_MINOR)
        unsafe root.find = Self.find
        unsafe host = Bound.make(root, instance).assumingMemoryBound(to: sluice_host.self)
    }

    private static let find:
        @convention(c) (UnsafePointer<sluice_host>?, UnsafePointer<CChar>?) -> UnsafeRawPointer? = {
            host,
            id in
            guard let instance = unsafe caller(host), let id = unsafe id,
                let name = HostInterface(rawValue: unsafe String(cString: id))
            else { return nil }
            return unsafe instance.tables?.tables[name]
        }
}

/// The interfaces that `sluice_host.find` knows, by id.
enum HostInterface: CaseIterable {
    case bytes, log, metrics, health, exec, routing, http, reply

    /// The id in the header.
    var id: String {
        switch self {
        case .bytes: SLUICE_IF_BYTES
        case .log: SLUICE_IF_LOG
        case .metrics: SLUICE_IF_METRICS
        case .health: SLUICE_IF_HEALTH
        case .exec: SLUICE_IF_EXEC
        case .routing: SLUICE_IF_ROUTING
        case .http: SLUICE_IF_HTTP
        case .reply: SLUICE_IF_REPLY
        }
    }

    init?(rawValue id: String) {
        guard let found = Self.allCases.first(where: { $0.id == id }) else { return nil }
        self = found
    }

    static let names = allCases.map(\.id)
}

/// Memory for a table that all plugins share: it lives as long as the process.
func permanent<Table>(_ table: Table) -> UnsafeMutablePointer<Table> {
    let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    unsafe memory.initialize(to: table)
    return unsafe memory
}
