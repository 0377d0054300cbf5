internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig

/// From a created instance to a destroyed one. All of it runs on the lane.
extension Instance {
    func start() throws(PluginRefusal) {
        guard isCreated, let description else { throw PluginRefusal("it was not created") }
        if let start = unsafe description.operations.start {
            var failure = PluginError.empty
            let status = entering { unsafe start(plugin, &failure) }
            guard status >= 0 else {
                destroy()
                throw Self.refusal("start", status, failure)
            }
        }
        setService(ServiceSlot.State.serving)
        become(.started)
    }

    /// Whether it is idle already; false: `drained` opens when it is.
    func drain(_ deadlineNanoseconds: UInt64) -> Bool {
        guard state == .started else { return true }
        become(.draining)
        setService(ServiceSlot.State.draining)
        guard let drain = unsafe description?.operations.drain else { return true }
        return entering { unsafe drain(plugin, deadlineNanoseconds) } != SLUICE_PENDING
    }

    /// Stops what was started; afterwards no code of it runs but `destroy`.
    func stop() {
        let state = state
        let limit = UInt64(environment.limits.pluginStopTimeoutNanoseconds)
        if let slot = serviceSlot, !Services.process.stop(slot, within: limit) {
            Log.warn("plugin \(name): an inline call went on while it was stopped")
        }
        if state == .started || state == .draining {
            if let stop = unsafe description?.operations.stop {
                entering { unsafe stop(plugin) }
            }
        }
        fence()
        if !pool.leave(index, within: limit) {
            Log.warn("plugin \(name): its blocking work went on after stop")
        }
    }

    func destroy() {
        fence()
        if isCreated, let destroy = unsafe description?.operations.destroy {
            entering { unsafe destroy(plugin) }
        }
        isCreated = false
        unsafe plugin = nil
        source = nil
        become(.stopped)
    }

    func resync() throws(PluginRefusal) {
        guard isCreated, let resync = unsafe source?.resync else { return }
        let status = entering { unsafe resync(plugin) }
        guard status >= 0 else {
            throw PluginRefusal("resync answered \(StatusName.text(status))")
        }
    }

    func installed(_ generation: UInt64, isSettled: Bool) {
        guard isCreated, !isStopped, let installed = unsafe source?.installed else { return }
        entering { unsafe installed(plugin, generation, isSettled ? 1 : 0) }
    }

    /// Whether readiness waits for the first accepted publish.
    var isPublishAwaited: Bool {
        (source?.required ?? 0) != 0 && routing.acceptedCount == 0
    }

    private func setService(_ state: UInt64) {
        guard let slot = serviceSlot else { return }
        unsafe Services.process.slot(slot).pointee.state.release(state)
    }
}
