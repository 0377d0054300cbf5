internal import SluiceABI
internal import SluiceShared

/// One call of an operation.
///
/// Lane; it ends with the call.
public struct OperationCall {
    /// What is answered.
    public let reply: AdminReply
    private let arguments: JSONValue

    init(_ arguments: [UInt8], _ reply: AdminReply) throws(PluginError) {
        do throws(ParseFailure) {
            self.arguments = try JSONDocument(parsing: arguments, source: "arguments").root
        } catch {
            throw PluginError(.invalid, "\(error)")
        }
        self.reply = reply
    }

    /// A text that must be there.
    public func text(_ name: String) throws(PluginError) -> String {
        guard let text = optionalText(name) else { throw absent(name, "a text") }
        return text
    }

    /// A text that may be missing.
    public func optionalText(_ name: String) -> String? { arguments[name]?.string }

    /// An integer.
    public func integer(_ name: String) throws(PluginError) -> Int64 {
        guard let integer = arguments[name]?.int64 else { throw absent(name, "an integer") }
        return integer
    }

    /// A number.
    public func number(_ name: String) throws(PluginError) -> Double {
        guard let number = arguments[name]?.double else { throw absent(name, "a number") }
        return number
    }

    /// True or false.
    public func boolean(_ name: String) throws(PluginError) -> Bool {
        guard let boolean = arguments[name]?.bool else { throw absent(name, "true or false") }
        return boolean
    }

    private func absent(_ name: String, _ expected: String) -> PluginError {
        PluginError(.invalid, "the argument \(name) is missing, expected \(expected)")
    }
}

/// The JSON object that an operation answers with.
///
/// It ends with the call.
@safe
public struct AdminReply {
    private let table: UnsafePointer<sluice_reply_api>
    private let handle: OpaquePointer

    init(_ table: UnsafePointer<sluice_reply_api>, _ handle: OpaquePointer) {
        unsafe self.table = unsafe table
        unsafe self.handle = unsafe handle
    }

    /// A text; without a key an element of the open array, as in all that follow.
    public func set(_ key: String?, _ value: String) {
        withArena { arena in
            unsafe table.pointee.text?(handle, arena.span(key), arena.span(value))
        }
    }

    /// An integer.
    public func set(_ key: String?, _ value: Int) {
        withArena { arena in
            unsafe table.pointee.integer?(handle, arena.span(key), Int64(value))
        }
    }

    /// A number.
    public func set(_ key: String?, _ value: Double) {
        withArena { arena in unsafe table.pointee.number?(handle, arena.span(key), value) }
    }

    /// True or false.
    public func set(_ key: String?, _ value: Bool) {
        withArena { arena in
            unsafe table.pointee.boolean?(handle, arena.span(key), value ? 1 : 0)
        }
    }

    /// Any value, as valid JSON text.
    public func set(_ key: String?, json: String) {
        withArena { arena in
            unsafe table.pointee.json?(handle, arena.span(key), arena.span(json))
        }
    }

    /// An object, filled by `body`.
    public func object(_ key: String?, _ body: () throws -> Void) rethrows {
        try child(key, isArray: 0, body)
    }

    /// An array, filled by `body`.
    public func array(_ key: String?, _ body: () throws -> Void) rethrows {
        try child(key, isArray: 1, body)
    }

    func fail(_ message: String) {
        withArena { arena in unsafe table.pointee.fail?(handle, arena.span(message)) }
    }

    private func child(_ key: String?, isArray: Int32, _ body: () throws -> Void) rethrows {
        withArena { arena in unsafe table.pointee.push?(handle, arena.span(key), isArray) }
        defer { unsafe table.pointee.pop?(handle) }
        try body()
    }
}
