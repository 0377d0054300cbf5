internal import SluiceABI

/// The admin role of a plugin, without its type.
class AdminRole {
    let host: Host
    let table = RoleTable(adminOps())
    /// What the host was given.
    private var told: OperationList?

    init(_ host: Host) {
        self.host = host
    }

    static func of<Played: AdminPlugin>(_ plugin: Played) -> AdminRole {
        AdminRoleOf(plugin)
    }

    /// The declarations; they hold as long as the role.
    final func list() -> sluice_list {
        let list = OperationList(declared())
        told = list
        return unsafe list.list
    }

    func declared() -> [OperationDeclaration] { [] }
    func run(_ name: String, _ arguments: [UInt8], _ reply: AdminReply) throws {}
    func dump(_ reply: AdminReply) {}
}

/// An operation without its closure.
struct OperationDeclaration {
    let name: String
    let doc: String
    let writes: Bool
    let parameters: [Parameter]
}

private final class AdminRoleOf<Played: AdminPlugin>: AdminRole {
    private let plugin: Played
    private var operations: [String: Operation<Played>] = [:]

    init(_ plugin: Played) {
        self.plugin = plugin
        super.init(plugin.host)
    }

    override func declared() -> [OperationDeclaration] {
        let offered = plugin.onLane { plugin in plugin.operations() }
        for operation in offered { operations[operation.name] = operation }
        return offered.map { operation in
            OperationDeclaration(
                name: operation.name,
                doc: operation.doc,
                writes: operation.writes,
                parameters: operation.parameters
            )
        }
    }

    override func run(_ name: String, _ arguments: [UInt8], _ reply: AdminReply) throws {
        guard let operation = operations[name] else {
            throw PluginError(.notFound, "there is no operation \(name)")
        }
        // It belongs to the lane, as the call does.
        nonisolated(unsafe) let call = try OperationCall(arguments, reply)
        try plugin.onLane { plugin in unsafe try operation.run(plugin, call) }
    }

    override func dump(_ reply: AdminReply) {
        // It belongs to the lane, as the call does.
        nonisolated(unsafe) let reply = reply
        plugin.onLane { plugin in unsafe plugin.dump(reply) }
    }
}
