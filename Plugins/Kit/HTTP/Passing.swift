internal import SluiceABI

/// What a filter may do with an exchange: in its callbacks, and from any thread while it holds.
@safe
public struct Passing: @unchecked Sendable {
    let id: sluice_rid
    private let table: UnsafePointer<sluice_http_api>

    init(_ id: sluice_rid, _ table: UnsafePointer<sluice_http_api>) {
        self.id = id
        unsafe self.table = unsafe table
    }

    /// The first value of a header; inside a callback only.
    public func header(_ side: Side, _ name: String) -> Header? {
        guard let header = unsafe table.pointee.header else { return nil }
        return withArena { arena in
            let value = unsafe header(id, side.rawValue, arena.span(name), 0)
            guard unsafe value.data != nil else { return nil }
            return unsafe Header(name, octets: Array(value))
        }
    }

    /// Replaces all lines of a name; nil removes them.
    public func set(_ side: Side, _ name: String, _ value: String?) throws(PluginError) {
        guard let value else { return try remove(side, name) }
        guard let set = unsafe table.pointee.header_set else { throw missing("header_set") }
        try done("setting the header \(name)") { arena in
            unsafe set(id, side.rawValue, arena.span(name), arena.span(value))
        }
    }

    /// Adds a line.
    public func add(_ side: Side, _ line: Header) throws(PluginError) {
        guard let add = unsafe table.pointee.header_add else { throw missing("header_add") }
        try done("adding the header \(line.name)") { arena in
            unsafe add(id, side.rawValue, arena.span(line.name), arena.span(line.octets))
        }
    }

    /// Removes all lines of a name.
    public func remove(_ side: Side, _ name: String) throws(PluginError) {
        guard let remove = unsafe table.pointee.header_remove else {
            throw missing("header_remove")
        }
        try done("removing the header \(name)") { arena in
            unsafe remove(id, side.rawValue, arena.span(name))
        }
    }

    /// Sets the request's path and query; a nil query removes it.
    public func path(_ path: String, query: String?) throws(PluginError) {
        guard let set = unsafe table.pointee.path_set else { throw missing("path_set") }
        try done("setting the path") { arena in
            unsafe set(id, arena.span(path), arena.span(query))
        }
    }

    /// Sets the status of the response, before its head has left.
    public func status(_ status: Int) throws(PluginError) {
        guard let set = unsafe table.pointee.status_set else { throw missing("status_set") }
        try done("setting the status") { _ in set(id, Int32(clamping: status)) }
    }

    /// Replaces the piece that the callback was given, or what is held.
    public func body(_ side: Side, _ bytes: [UInt8]) throws(PluginError) {
        guard let set = unsafe table.pointee.body_set else { throw missing("body_set") }
        try done("replacing a body") { _ in
            unsafe withChunk(bytes) { chunk in unsafe set(id, side.rawValue, chunk, 1) }
        }
    }

    /// A copy of all that is held of a side; on the worker.
    public func held(_ side: Side) throws(PluginError) -> [UInt8] {
        guard let held = unsafe table.pointee.held else { throw missing("held") }
        var count = 0
        let asked = unsafe held(id, side.rawValue, nil, &count)
        if asked < 0, asked != SLUICE_E_LIMIT { throw refused(asked, "looking at what is held") }
        if count == 0 { return [] }
        let pieces = UnsafeMutablePointer<sluice_chunk>.allocate(capacity: count)
        defer { unsafe pieces.deallocate() }
        let status = unsafe held(id, side.rawValue, pieces, &count)
        if status < 0 { throw refused(status, "looking at what is held") }
        return unsafe Array(UnsafePointer(pieces), count)
    }

    /// Answers in the place of the route; the callback then answers `.answered`.
    public func respond(_ response: Response) throws(PluginError) {
        try unsafe response.send(id, table)
    }

    /// Ends a hold of this filter.
    ///
    /// Any thread.
    public func resume(_ side: Side) throws(PluginError) {
        guard let resume = unsafe table.pointee.resume else { throw missing("resume") }
        try done("resuming") { _ in resume(id, side.rawValue) }
    }

    private func done(
        _ deed: String,
        _ call: (inout Arena) -> sluice_status
    ) throws(PluginError) {
        let status = withArena { arena in call(&arena) }
        if status < 0 { throw refused(status, deed) }
    }
}
