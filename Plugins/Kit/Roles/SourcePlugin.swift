internal import SluiceABI

/// A plugin that publishes routing documents through `Host.routing`.
public protocol SourcePlugin: Plugin {
    /// The host is not ready before this source's first accepted commit.
    static var isRequired: Bool { get }

    /// Forgets what it remembers, lists everything again and publishes it.
    ///
    /// Called for `POST /reload`, and once in `sluice check`. What it throws before its first wait
    /// is the answer to the caller; what it throws later is logged.
    func resync() async throws

    /// Every worker routes by `generation`; called again with `isSettled` when no exchange of an
    /// older one is left (tunnels and streams apart).
    func installed(generation: UInt64, isSettled: Bool)
}

extension SourcePlugin {
    /// A source is required unless it says otherwise.
    public static var isRequired: Bool { true }

    /// Takes no notice.
    public func installed(generation: UInt64, isSettled: Bool) {}
}

/// The source role of a plugin, without its type.
class SourceRole {
    let table: RoleTable<sluice_source_ops>

    init(isRequired: Bool) {
        table = RoleTable(sourceOps(isRequired: isRequired))
    }

    static func of<Played: SourcePlugin>(_ plugin: Played) -> SourceRole {
        SourceRoleOf(plugin)
    }

    func resync() throws(PluginError) {}
    func installed(_ generation: UInt64, isSettled: Bool) {}
}

private final class SourceRoleOf<Played: SourcePlugin>: SourceRole {
    private let plugin: Played

    init(_ plugin: Played) {
        self.plugin = plugin
        super.init(isRequired: Played.isRequired)
    }

    override func resync() throws(PluginError) {
        let start = Beginning()
        plugin.host.lane.enter {
            _ = plugin.host.task("resync") { [plugin] in
                do {
                    try await plugin.resync()
                } catch {
                    if !start.fails(with: error) { throw error }
                }
            }
        }
        if let error = start.failure() { throw error }
    }

    override func installed(_ generation: UInt64, isSettled: Bool) {
        plugin.onLane { plugin in
            plugin.installed(generation: generation, isSettled: isSettled)
        }
    }
}

/// What failed before the caller had left.
///
/// Lane only.
private final class Beginning: @unchecked Sendable {
    private var error: PluginError?
    private var hasLeft = false

    /// Notes the failure for the caller; false: the caller has left.
    func fails(with error: any Error) -> Bool {
        if hasLeft { return false }
        self.error = error as? PluginError ?? PluginError(.internal, "\(error)")
        return true
    }

    /// The caller leaves.
    func failure() -> PluginError? {
        hasLeft = true
        return error
    }
}

private func sourceOps(isRequired: Bool) -> sluice_source_ops {
    var ops = sluice_source_ops()
    ops.size = UInt32(MemoryLayout<sluice_source_ops>.size)
    ops.required = isRequired ? 1 : 0
    unsafe ops.resync = resync
    unsafe ops.installed = installed
    return ops
}

private func resync(
    _ context: UnsafeMutableRawPointer?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    guard let context = unsafe context, let source = unsafe LivePlugin.at(context).source
    else { return SLUICE_E_INVALID }
    return unsafe answer(report) { () throws(PluginError) in try source.resync() }
}

private func installed(_ context: UnsafeMutableRawPointer?, _ generation: UInt64, _ settled: UInt32)
{
    guard let context = unsafe context else { return }
    unsafe LivePlugin.at(context).source?.installed(generation, isSettled: settled != 0)
}
