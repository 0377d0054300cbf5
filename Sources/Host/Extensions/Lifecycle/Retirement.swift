internal import Glibc
internal import SluiceBase
package import SluiceConfig
internal import SluiceRouting
internal import Synchronization

/// How instances come and go while the host serves.
extension PluginHost {
    /// [life] Brings the instances in line with a new configuration; see `Reload`.
    package func change(
        to configurations: [PluginConfiguration],
        publish: @escaping PublishRoster
    ) -> PluginChanges {
        var reload = Reload(self, publish)
        reload.run(configurations)
        return reload.changes
    }

    /// What workers may route to now.
    package var roster: Roster {
        Roster(
            instanceOrder: [DocumentKey.hostInstance] + configured.map(\.0.name),
            services: exposed(\.serviceSlot),
            filters: exposed(\.filterSlot)
        )
    }

    /// The slots of one role by instance, and whose routes may name them.
    private func exposed(_ slot: (Instance) -> UInt16?) -> [String: ExposedService] {
        var exposed: [String: ExposedService] = [:]
        for (configuration, instance, _) in configured {
            guard let instance, !instance.isStopped, let slot = slot(instance) else { continue }
            exposed[configuration.name] = ExposedService(
                slot: slot,
                namespaces: configuration.exposedNamespaces + [DocumentKey.hostInstance]
            )
        }
        return exposed
    }

    /// The instance of this name that runs, if one does.
    func living(_ name: String) -> Instance? {
        instances.first { instance in
            instance.name == name
                && [.started, .starting, .draining].contains(instance.state) && !instance.isStopped
        }
    }

    /// Puts an instance in the place of the one of its name, if there was one.
    func put(_ instance: Instance) {
        state.withLock { state in
            state.failures[instance.name] = nil
            let place = state.instances.firstIndex { $0.name == instance.name }
            if let place {
                state.instances[place] = instance
            } else {
                state.instances.append(instance)
            }
        }
    }

    /// Takes an instance and its configuration out.
    func take(_ name: String) -> Instance? {
        state.withLock { state in
            let instance = state.instances.first { $0.name == name }
            state.instances.removeAll { $0.name == name }
            state.configurations.removeAll { $0.name == name }
            state.failures[name] = nil
            return instance
        }
    }

    /// Shows a change that failed; the instance that runs is as ready as it was.
    func report(_ failure: PluginFailure) {
        Log.error(failure.description)
        if let instance = living(failure.instance) {
            instance.shown.withLock { $0.lastError = failure.description }
        } else {
            state.withLock { $0.failures[failure.instance] = failure }
        }
    }

    /// Until when an instance that goes may finish what it has.
    var drainDeadline: UInt64 {
        Clock.deadline(Clock.now(), after: environment.limits.drainNanoseconds)
    }

    /// Ends an instance that workers do not route to from `generation` on, on a thread of its own:
    /// what is under way in it is finished, at most as long as `limits.drain`.
    func retire(_ instance: Instance, after generation: UInt64) {
        state.withLock { $0.retiring.append(instance) }
        let end: @Sendable () -> Void = { [self] in
            let deadline = drainDeadline
            drain([instance], by: deadline)
            wait(until: deadline) { instance.openCalls == 0 }
            _ = finish(instance, after: generation)
            state.withLock { state in state.retiring.removeAll { $0 === instance } }
            Log.info("plugin \(instance.name): the instance that it replaced has ended")
        }
        // Without a thread it ends here, which takes longer and is as good.
        if (try? Thread(name: "retire", body: end)) == nil { end() }
    }

    /// Waits for the instances that are about to end, which have a deadline of their own.
    func awaitRetiring() {
        wait(until: drainDeadline) { state.withLock(\.retiring).isEmpty }
    }

    /// Waits until something is so, or until `deadline`.
    func wait(until deadline: UInt64, _ isSo: () -> Bool) {
        while !isSo(), Clock.now() < deadline { _ = poll(nil, 0, 1) }
    }
}

/// A slot that nothing is routed to any more.
struct LeavingSlot: Sendable {
    /// Whose slot it is.
    enum Slot: Sendable {
        case service(UInt16)
        case filter(UInt16)
    }

    let slot: Slot
    /// The instance that goes on with other mounts; nil: it has ended.
    let instance: Instance?
    /// The first generation without it; nil: not known yet.
    var generation: UInt64?
}

// An exchange that was routed by an older snapshot may still come to a slot that was left, so
// nobody else takes it until none is under way.
extension PluginHost {
    /// Gives a slot back once no exchange of a generation before `generation` is left.
    func release(_ slot: LeavingSlot.Slot, of instance: Instance?, after generation: UInt64?) {
        let leaving = LeavingSlot(slot: slot, instance: instance, generation: generation)
        state.withLock { $0.leaving.append(leaving) }
        releaseSettled()
    }

    /// Says since when nothing is routed to the slots of which that was not known.
    func settleLeaving(after generation: UInt64) {
        state.withLock { state in
            for index in state.leaving.indices where state.leaving[index].generation == nil {
                state.leaving[index].generation = generation
            }
        }
        releaseSettled()
    }

    /// Frees the slots that nothing can come to; one in which a call is still open stays.
    func releaseSettled() {
        state.withLock { state in
            let settled = state.settled
            state.leaving.removeAll { leaving in
                guard let generation = leaving.generation, generation <= settled else {
                    return false
                }
                switch leaving.slot {
                case .service(let slot):
                    guard services.remove(slot) else { return false }
                    leaving.instance?.forget(former: slot)
                case .filter(let slot): Filters.process.remove(slot)
                }
                return true
            }
        }
    }
}
