package import SluiceABI

/// The C life cycle: named functions that find the instance behind `self` and pass the call on.
package func lifeCycle() -> sluice_plugin_ops {
    var ops = sluice_plugin_ops()
    ops.size = UInt32(MemoryLayout<sluice_plugin_ops>.size)
    unsafe ops.check_config = checkConfiguration
    unsafe ops.create = create
    unsafe ops.traits = traits
    unsafe ops.role = role
    unsafe ops.start = start
    unsafe ops.reconfigure = reconfigure
    unsafe ops.drain = drain
    unsafe ops.stop = stop
    unsafe ops.destroy = destroy
    return ops
}

private func checkConfiguration(
    _ json: sluice_span,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    unsafe answer(report) { () throws(PluginError) in
        try unsafe PluginEntry.registered?.check(configuration: String(json))
    }
}

private func create(
    _ host: UnsafePointer<sluice_host>?,
    _ instance: UnsafePointer<sluice_instance>?,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    unsafe answer(report) { () throws(PluginError) in
        guard let host = unsafe host, let instance = unsafe instance, let out = unsafe out,
            let plugin = PluginEntry.registered
        else { throw PluginError(.invalid, "create() was called with a NULL argument") }
        let live = try unsafe LivePlugin.make(plugin, Host(host), Instance(whole(instance)))
        unsafe out.pointee = Unmanaged.passRetained(live).toOpaque()
    }
}

private func traits(_ context: UnsafeMutableRawPointer?) -> UInt32 {
    guard let context = unsafe context else { return 0 }
    return unsafe LivePlugin.at(context).life.isExclusive() ? SLUICE_TRAIT_EXCLUSIVE : 0
}

private func role(
    _ context: UnsafeMutableRawPointer?,
    _ id: UnsafePointer<CChar>?
) -> UnsafeRawPointer? {
    guard let context = unsafe context, let id = unsafe id else { return nil }
    return unsafe LivePlugin.at(context).table(ofRole: String(cString: id))
}

private func start(
    _ context: UnsafeMutableRawPointer?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    guard let context = unsafe context else { return SLUICE_E_INVALID }
    let live = unsafe LivePlugin.at(context)
    return unsafe answer(report) { () throws(PluginError) in try live.start() }
}

private func reconfigure(
    _ context: UnsafeMutableRawPointer?,
    _ json: sluice_span,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> sluice_status {
    guard let context = unsafe context else { return SLUICE_E_INVALID }
    let live = unsafe LivePlugin.at(context)
    return unsafe answer(report) { () throws(PluginError) in
        try live.life.reconfigure(unsafe String(json))
    }
}

private func drain(_ context: UnsafeMutableRawPointer?, _ deadline: UInt64) -> sluice_status {
    guard let context = unsafe context else { return SLUICE_E_INVALID }
    return unsafe LivePlugin.at(context).drain(deadline) ? SLUICE_OK : SLUICE_PENDING
}

private func stop(_ context: UnsafeMutableRawPointer?, _ deadline: UInt64) -> sluice_status {
    guard let context = unsafe context else { return SLUICE_E_INVALID }
    return unsafe LivePlugin.at(context).stop(deadline) ? SLUICE_OK : SLUICE_PENDING
}

private func destroy(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    let live = unsafe Unmanaged<LivePlugin>.fromOpaque(context)
    // Tasks that are still there hold the plugin: it stays in memory with them.
    unsafe live.takeUnretainedValue().end()
    unsafe live.release()
}

/// Makes an instance as `create` does, for a host that is simulated; `destroy` takes the context.
@safe
package func makeInstance(
    _ plugin: any Plugin.Type,
    _ host: UnsafePointer<sluice_host>,
    _ instance: Instance
) throws(PluginError) -> UnsafeMutableRawPointer {
    let live = try unsafe LivePlugin.make(plugin, Host(host), instance)
    return unsafe Unmanaged.passRetained(live).toOpaque()
}

/// The plugin behind a context of `makeInstance`.
@safe
package func pluginBehind(_ context: UnsafeMutableRawPointer) -> any Plugin {
    unsafe LivePlugin.at(context).plugin
}

/// Runs a step and turns what it throws into the header's words.
func answer(
    _ report: UnsafeMutablePointer<sluice_error>?,
    _ step: () throws(PluginError) -> Void
) -> sluice_status {
    do throws(PluginError) {
        try step()
        return SLUICE_OK
    } catch {
        return unsafe error.write(to: report)
    }
}

/// Says no to the host's hello.
func refuse(
    _ failure: PluginError,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> UnsafePointer<sluice_plugin_desc>? {
    _ = unsafe failure.write(to: report)
    return nil
}

extension Instance {
    fileprivate init(_ words: sluice_instance) {
        unsafe self.init(
            name: String(words.name),
            configuration: String(words.config),
            configurationFolder: String(words.config_dir),
            stateFolder: String(words.state_dir),
            isCheckOnly: words.check_only != 0,
            restarts: Int(words.restarts),
            workers: Int(words.workers)
        )
    }
}
