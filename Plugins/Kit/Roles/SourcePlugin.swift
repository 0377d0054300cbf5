internal import SluiceABI

/// A plugin that publishes routing documents through `Host.routing`.
public protocol SourcePlugin: Plugin {
    /// The host is not ready before this source's first accepted commit.
    static var isRequired: Bool { get }

    /// Forgets what it remembers, lists everything again and publishes it.
    ///
    /// Called for `POST /reload`, and once in `sluice check`. Lane.
    func resync() throws(PluginError)

    /// Every worker routes by `generation`; called again with `isSettled` when no exchange of an
    /// older one is left (tunnels and streams apart). Lane.
    func installed(generation: UInt64, isSettled: Bool)
}

extension SourcePlugin {
    /// A source is required unless it says otherwise.
    public static var isRequired: Bool { true }

    /// Takes no notice.
    public func installed(generation: UInt64, isSettled: Bool) {}
}

/// The C table of the source role.
func sourceRole(isRequired: Bool) -> sluice_source_ops {
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
    unsafe LivePlugin.at(context).source?.installed(generation: generation, isSettled: settled != 0)
}
