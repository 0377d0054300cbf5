internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// What a new configuration file has come to.
package struct PluginChanges: Sendable {
    /// By instance, what became of each that has changed; a word or two.
    package var outcomes: [String: String] = [:]
    /// What could not be changed: what was before goes on.
    package var problems: [PluginFailure] = []
    /// Sources that are as they were.
    package var unchangedSources: [String] = []
}

/// Makes the workers route by a roster, later, and tells the generation that does.
package typealias PublishRoster =
    @Sendable (Roster, @escaping @Sendable (UInt64) -> Void) -> Void

/// Brings the instances in line with a new configuration file, one after the other.
///
/// An instance that cannot be changed stays as it was, and so does its configuration: the next
/// reload tries again. On the life thread; it waits for plugins, and for the workers.
struct Reload {
    let host: PluginHost
    let publish: PublishRoster
    private(set) var changes = PluginChanges()
    private var loading: Loading
    /// What holds when all is done, in the order of the new file.
    private var effective: [PluginConfiguration] = []

    init(_ host: PluginHost, _ publish: @escaping PublishRoster) {
        self.host = host
        self.publish = publish
        loading = Loading(environment: host.environment, hooks: host.hooks, pool: host.pool)
    }

    mutating func run(_ new: [PluginConfiguration]) {
        let old = host.configurations
        let gone = old.filter { before in !new.contains { $0.name == before.name } }
        for configuration in gone { remove(configuration) }
        for configuration in new {
            let before = old.first { $0.name == configuration.name }
            do throws(PluginFailure) {
                try change(before, configuration)
                set(configuration)
            } catch {
                changes.problems.append(error)
                host.report(error)
                set(before ?? configuration)
            }
        }
        // Also when only the order or a namespace has changed.
        let order = effective
        host.state.withLock { $0.configurations = order }
        host.settleLeaving(after: switchOver())
    }

    /// Keeps what an instance runs by from here on.
    private mutating func set(_ configuration: PluginConfiguration) {
        effective.append(configuration)
        host.state.withLock { state in
            let place = state.configurations.firstIndex { $0.name == configuration.name }
            if let place {
                state.configurations[place] = configuration
            } else {
                state.configurations.append(configuration)
            }
        }
    }

    private mutating func change(
        _ before: PluginConfiguration?,
        _ new: PluginConfiguration
    ) throws(PluginFailure) {
        guard let before, let instance = host.living(new.name) else {
            try add(new)
            changes.outcomes[new.name] = before == nil ? "added" : "started"
            return
        }
        let library: Library
        do throws(PluginRefusal) {
            library = try loading.find(new)
        } catch {
            throw PluginFailure(new, step: "load", error)
        }
        guard instance.library == library, before.isInline == new.isInline else {
            try replace(instance, new)
            changes.outcomes[new.name] = "replaced"
            return
        }
        guard before.isConfigured(as: new) else { return try reconfigure(instance, new) }
        instance.take(new)
        if !before.isSame(as: new) {
            changes.outcomes[new.name] = "changed"
        } else if instance.isSource {
            changes.unchangedSources.append(new.name)
        }
    }

    private mutating func reconfigure(
        _ instance: Instance,
        _ new: PluginConfiguration
    ) throws(PluginFailure) {
        let timeout = UInt64(host.environment.limits.pluginStartTimeoutNanoseconds)
        let isTaken = Told<Bool>()
        let former = instance.serviceSlot
        try Step(name: "reconfigure", timeoutNanoseconds: timeout).run(instance, blaming: new) {
            instance throws(PluginRefusal) in
            let taken = try instance.reconfigure(new)
            isTaken.tell(taken)
        }
        guard isTaken.value == true else {
            try replace(instance, new)
            changes.outcomes[new.name] = "replaced"
            return
        }
        changes.outcomes[new.name] = "reconfigured"
        guard let former, instance.serviceSlot != former else { return }
        leave(former, of: instance)
    }

    /// The mounts of an instance have moved to another slot: nothing enters the former one.
    private func leave(_ slot: UInt16, of instance: Instance) {
        let generation = switchOver()
        host.services.close(slot)
        host.release(.service(slot), of: instance, after: generation)
    }

    private mutating func add(_ new: PluginConfiguration) throws(PluginFailure) {
        let instance = try loading.load(new, beside: host.instances)
        try start(instance)
        host.put(instance)
    }

    private mutating func remove(_ configuration: PluginConfiguration) {
        let instance = host.take(configuration.name)
        if let instance { suspend(instance) }
        changes.outcomes[configuration.name] = "removed"
        let generation = switchOver()
        if let instance { host.retire(instance, after: generation) }
    }

    /// A new instance in place of an old one, beside it as long as both may be.
    private mutating func replace(
        _ old: Instance,
        _ configuration: PluginConfiguration
    ) throws(PluginFailure) {
        if old.description?.isSingleton == true {
            end(old)
            return try add(configuration)
        }
        let others = host.instances.filter { $0 !== old }
        let new = try loading.load(configuration, beside: others)
        new.routing.followsAnother = true
        guard !old.isExclusive, !new.isExclusive else {
            end(old)
            try start(new)
            return host.put(new)
        }
        suspend(old)
        do throws(PluginFailure) {
            try start(new)
        } catch {
            old.lane.run {
                old.routing.suspend(false)
                try? old.resync()
            }
            throw error
        }
        host.put(new)
        host.retire(old, after: switchOver())
    }

    /// Of two sources of one name, one publishes at a time, and one that goes not at all.
    private func suspend(_ instance: Instance) {
        guard instance.isSource else { return }
        let timeout = UInt64(host.environment.limits.pluginStartTimeoutNanoseconds)
        _ = instance.lane.perform(within: timeout) { instance.routing.suspend(true) }
    }

    /// Stops an instance before another takes its place; until then its mounts answer 503.
    private func end(_ old: Instance) {
        host.drain([old], by: host.drainDeadline)
        host.state.withLock { state in state.instances.removeAll { $0 === old } }
        _ = host.finish(old, after: nil)
    }

    private func start(_ instance: Instance) throws(PluginFailure) {
        let timeout = UInt64(host.environment.limits.pluginStartTimeoutNanoseconds)
        instance.become(.starting)
        do throws(PluginFailure) {
            try Step(name: "start", timeoutNanoseconds: timeout).run(instance) {
                instance throws(PluginRefusal) in try instance.start()
            }
        } catch {
            loading.giveUp(instance, wasLate: !error.isRefusal)
            throw error
        }
    }

    /// Has the workers route by the instances as they are now, and waits until they do; the
    /// generation that they route by.
    @discardableResult
    private func switchOver() -> UInt64 {
        let timeout = UInt64(host.environment.limits.pluginStartTimeoutNanoseconds)
        let deadline = Clock.after(timeout, from: Clock.now())
        let installed = Told<UInt64>()
        publish(host.roster) { installed.tell($0) }
        host.wait(until: deadline) { installed.value != nil }
        let generation = installed.value ?? 0
        host.wait(until: deadline) { host.state.withLock(\.adopted) >= generation }
        return generation
    }
}

/// A value that another thread tells.
private final class Told<Value: Sendable>: Sendable {
    private let told = Mutex<Value?>(nil)

    var value: Value? { told.withLock(\.self) }

    func tell(_ value: Value) { told.withLock { $0 = value } }
}

extension PluginConfiguration {
    /// Whether the plugin itself sees no difference.
    fileprivate func isConfigured(as other: PluginConfiguration) -> Bool {
        switch (config, other.config) {
        case (nil, nil): true
        case (let one?, let two?): one == two
        default: false
        }
    }

    /// Whether both say the same, wherever they stand.
    fileprivate func isSame(as other: PluginConfiguration) -> Bool {
        var moved = other
        moved.place = place
        return self == moved
    }
}
