internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared

/// Loads instances one after another, and remembers what is true of their libraries.
struct Loading {
    let environment: HostEnvironment
    let hooks: Hooks
    let pool: Pool
    /// The verdict of each library's trial load: one child process a library.
    private var trials: [String: PluginRefusal?] = [:]
    /// How many instances each library id has.
    private var instances: [String: Int] = [:]
    private var goLibrary: String?

    init(environment: HostEnvironment, hooks: Hooks, pool: Pool) {
        self.environment = environment
        self.hooks = hooks
        self.pool = pool
    }

    /// Loads and creates one instance.
    mutating func load(_ configuration: PluginConfiguration) throws(PluginFailure) -> Instance {
        let path: String
        let instance: Instance
        do throws(PluginRefusal) {
            path = try LibraryPath(
                directories: environment.libraryDirectories,
                base: environment.configurationDirectory
            ).find(configuration.library)
            try trial(path)
            instance = try Instance(configuration, environment, hooks, pool: pool)
        } catch {
            throw PluginFailure(configuration, step: "load", error)
        }
        let timeout = UInt64(environment.limits.pluginStartTimeoutNanoseconds)
        do throws(PluginFailure) {
            try Step(name: "load", timeoutNanoseconds: timeout).run(instance) {
                instance throws(PluginRefusal) in
                try instance.open(path: path)
            }
            try admit(instance, path)
            try Step(name: "create", timeoutNanoseconds: timeout).run(instance) {
                instance throws(PluginRefusal) in
                try instance.create()
            }
        } catch {
            instance.fence()
            // A lane that hangs in create is left behind, one that is idle ends at once.
            _ = instance.lane.close(within: Self.idleLaneNanoseconds)
            throw error
        }
        return instance
    }

    /// Time an idle lane has to end.
    private static let idleLaneNanoseconds = 100 * Clock.nanosecondsPerMillisecond

    private mutating func trial(_ path: String) throws(PluginRefusal) {
        if let known = trials[path] {
            if let known { throw known }
            return
        }
        do throws(PluginRefusal) {
            try ObjectFile.check(path)
            try TrialLoad(
                executable: environment.executable,
                timeoutNanoseconds: UInt64(environment.limits.pluginCheckTimeoutNanoseconds)
            ).run(path)
            trials[path] = .some(nil)
        } catch {
            let refusal = PluginRefusal("\(path): \(error.text)", pointer: error.pointer)
            trials[path] = refusal
            throw refusal
        }
    }

    /// Singletons and Go runtimes are at most one a process.
    private mutating func admit(_ instance: Instance, _ path: String) throws(PluginFailure) {
        guard let description = instance.description else { return }
        let count = instances[description.id, default: 0]
        if description.isSingleton, count > 0 {
            throw refuse(instance, "\(description.id) allows one instance in a process")
        }
        if description.isGo, let goLibrary, goLibrary != path {
            throw refuse(instance, "\(goLibrary) has brought a Go runtime; there can be one")
        }
        if description.isGo { goLibrary = path }
        instances[description.id] = count + 1
    }

    private func refuse(_ instance: Instance, _ text: String) -> PluginFailure {
        PluginFailure(instance.configuration, step: "load", PluginRefusal(text))
    }
}

extension PluginFailure {
    init(_ configuration: PluginConfiguration, step: String, _ refusal: PluginRefusal) {
        self.init(
            instance: configuration.name,
            place: Self.place(configuration, refusal),
            step: step,
            text: refusal.text,
            pointer: refusal.pointer,
            isRequired: configuration.isRequired
        )
    }

    /// The line of the setting that is to blame, else that of the instance.
    private static func place(_ configuration: PluginConfiguration, _ refusal: PluginRefusal)
        -> String
    {
        if !refusal.place.isEmpty { return refusal.place }
        guard !refusal.pointer.isEmpty, let config = configuration.config,
            let setting = config.value(at: refusal.pointer)
        else { return configuration.place }
        return ConfigCheck.place(setting, setting.mark.line)
    }
}

extension JSONValue {
    /// The value that a JSON Pointer (RFC 6901) names, seen from here.
    fileprivate func value(at pointer: String) -> JSONValue? {
        var found = self
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let key = String(token.replacing("~1", with: "/").replacing("~0", with: "~"))
            guard let next = found[key] ?? Int(key).flatMap({ found[$0] }) else { return nil }
            found = next
        }
        return found
    }
}
