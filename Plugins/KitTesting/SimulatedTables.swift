internal import SluiceABI

/// A table of the header with the host that it belongs to behind it.
struct Owned<API> {
    var api: API
    unowned(unsafe) var host: SimulatedHost
}

/// The tables of one simulated host.
@safe
final class SimulatedTables {
    private var finders: UnsafeMutablePointer<Owned<sluice_host>>?
    private var places: [String: UnsafeMutableRawPointer] = unsafe [:]

    /// What `create` is given.
    var host: UnsafePointer<sluice_host>? {
        unsafe finders.map { unsafe UnsafeRawPointer($0).assumingMemoryBound(to: sluice_host.self) }
    }

    deinit {
        while let entry = unsafe places.popFirst() { unsafe entry.value.deallocate() }
        unsafe finders?.deallocate()
    }

    func belong(to host: SimulatedHost) {
        unsafe finders = place(
            sluice_host(
                size: UInt32(MemoryLayout<sluice_host>.size),
                abi_major: UInt16(SLUICE_ABI_MAJOR),
                abi_minor: UInt16(SLUICE_ABI_MINOR),
                find: find
            ),
            host
        )
        unsafe offer(SLUICE_IF_LOG, logTable(), host)
        offer(SLUICE_IF_HEALTH, healthTable(), host)
        offer(SLUICE_IF_METRICS, metricsTable(), host)
        offer(SLUICE_IF_EXEC, executorTable(), host)
        offer(SLUICE_IF_ROUTING, routingTable(), host)
        offer(SLUICE_IF_CLIENT, clientTable(), host)
        offer(SLUICE_IF_HTTP, httpTable(), host)
        offer(SLUICE_IF_REPLY, replyTable(), host)
    }

    func table(_ id: String) -> UnsafeRawPointer? {
        unsafe places[id].map { UnsafeRawPointer($0) }
    }

    private func offer<API>(_ id: String, _ api: API, _ host: SimulatedHost) {
        unsafe places[id] = unsafe UnsafeMutableRawPointer(place(api, host))
    }

    private func place<API>(
        _ api: API,
        _ host: SimulatedHost
    ) -> UnsafeMutablePointer<Owned<API>> {
        let place = UnsafeMutablePointer<Owned<API>>.allocate(capacity: 1)
        unsafe place.initialize(to: Owned(api: api, host: host))
        return unsafe place
    }
}

/// The host behind a table.
func host<API>(_ table: UnsafePointer<API>?) -> SimulatedHost? {
    unsafe table.map { table in
        unsafe UnsafeRawPointer(table).assumingMemoryBound(to: Owned<API>.self).pointee.host
    }
}

private func find(
    _ table: UnsafePointer<sluice_host>?,
    _ id: UnsafePointer<CChar>?
) -> UnsafeRawPointer? {
    guard let host = unsafe host(table), let id = unsafe id.map({ unsafe String(cString: $0) }),
        host.offered.contains(id)
    else { return nil }
    return unsafe host.tables.table(id)
}

extension String {
    init(_ span: sluice_span) {
        self = unsafe String(
            decoding: UnsafeBufferPointer(start: span.data, count: span.len),
            as: UTF8.self
        )
    }
}

extension [UInt8] {
    init(_ span: sluice_span) {
        self = unsafe Array(UnsafeBufferPointer(start: span.data, count: span.len))
    }

    init(_ pieces: UnsafePointer<sluice_chunk>?, _ count: Int) {
        self = []
        for index in 0..<count {
            if let pieces = unsafe pieces { unsafe self += Array(pieces[index].bytes) }
        }
    }
}
