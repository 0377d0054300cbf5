internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared
internal import Synchronization

/// Loads instances one after another, and remembers what is true of their libraries.
struct Loading {
    let environment: HostEnvironment
    let hooks: Hooks
    let pool: Pool
    /// The libraries that have passed their trial load, by their load paths.
    private var tried: Set<String> = []
    /// The library that has brought a Go runtime into this process.
    private static let goLibrary = Mutex<Library?>(nil)

    init(environment: HostEnvironment, hooks: Hooks, pool: Pool) {
        self.environment = environment
        self.hooks = hooks
        self.pool = pool
    }

    /// Loads and creates one instance, beside `others`.
    mutating func load(
        _ configuration: PluginConfiguration,
        beside others: [Instance]
    ) throws(PluginFailure) -> Instance {
        let library: Library
        let instance: Instance
        do throws(PluginRefusal) {
            library = try find(configuration)
            try trial(library)
            instance = try Instance(configuration, environment, hooks, pool: pool)
        } catch {
            throw PluginFailure(configuration, step: "load", error)
        }
        let timeout = UInt64(environment.limits.pluginStartTimeoutNanoseconds)
        do throws(PluginFailure) {
            try Step(name: "load", timeoutNanoseconds: timeout).run(instance) {
                instance throws(PluginRefusal) in
                try instance.open(library)
            }
            try admit(instance, beside: others)
            try Step(name: "create", timeoutNanoseconds: timeout).run(instance) {
                instance throws(PluginRefusal) in
                try instance.create()
            }
        } catch {
            giveUp(instance, wasLate: !error.isRefusal)
            throw error
        }
        return instance
    }

    /// Ends an instance that was refused, or will be when its step returns.
    func giveUp(_ instance: Instance, wasLate: Bool) {
        instance.fence()
        let timeout = UInt64(environment.limits.pluginStopTimeoutNanoseconds)
        let end: @Sendable () -> Void = {
            // Behind the step that hangs, if one does.
            guard instance.lane.perform(within: Clock.never, {}) else { return }
            let missing = instance.end(by: Clock.after(timeout, from: Clock.now()))
            guard missing.isEmpty else { return }
            if let slot = instance.serviceSlot { _ = Services.process.remove(slot) }
            if let slot = instance.filterSlot { Filters.process.remove(slot) }
            instance.close(within: timeout)
        }
        guard wasLate else { return end() }
        _ = try? Thread(name: "late-plugin", body: end)
    }

    /// The library of an instance, checked; its hash is compared before its code runs.
    func find(_ configuration: PluginConfiguration) throws(PluginRefusal) -> Library {
        let path = try LibraryPath(
            directories: environment.libraryDirectories,
            base: environment.configurationDirectory
        ).find(configuration.library)
        do throws(PluginRefusal) {
            let library = try Library.open(path)
            if let sha256 = configuration.sha256 { try library.check(sha256: sha256) }
            return library
        } catch {
            throw PluginRefusal("\(path): \(error.text)", pointer: error.pointer)
        }
    }

    /// Tries a library in a child process of its own, once.
    private mutating func trial(_ library: Library) throws(PluginRefusal) {
        guard !tried.contains(library.loadPath) else { return }
        do throws(PluginRefusal) {
            try ObjectFile.check(library.loadPath)
            let description = try TrialLoad(
                executable: environment.executable,
                timeoutNanoseconds: UInt64(environment.limits.pluginCheckTimeoutNanoseconds)
            ).run(library)
            if Self.isGo(description) { try Self.admit(goLibrary: library) }
            tried.insert(library.loadPath)
        } catch {
            library.forget()
            throw PluginRefusal("\(library.path): \(error.text)", pointer: error.pointer)
        }
    }

    /// Whether a library has said in its trial that it brings a Go runtime.
    private static func isGo(_ description: String) -> Bool {
        let flags = try? JSONDocument(parsing: description).root["flags"]?.elements
        return flags?.contains { $0.string == "go" } ?? false
    }

    /// A process has room for one Go runtime, and keeps the first; it is refused before its code
    /// comes into this process.
    private static func admit(goLibrary library: Library) throws(PluginRefusal) {
        let first = goLibrary.withLock { known in
            known = known ?? library
            return known
        }
        if let first, first != library {
            throw PluginRefusal("\(first.path) has brought a Go runtime; there can be one")
        }
    }

    /// Singletons are at most one a process.
    private func admit(_ instance: Instance, beside others: [Instance]) throws(PluginFailure) {
        guard let description = instance.description, description.isSingleton,
            others.contains(where: { $0.description?.id == description.id })
        else { return }
        throw refuse(instance, "\(description.id) allows one instance in a process")
    }

    private func refuse(_ instance: Instance, _ text: String) -> PluginFailure {
        PluginFailure(instance.configuration, step: "load", PluginRefusal(text))
    }
}

extension PluginFailure {
    init(
        _ configuration: PluginConfiguration,
        step: String,
        _ refusal: PluginRefusal,
        isRefusal: Bool = true
    ) {
        self.init(
            instance: configuration.name,
            place: Self.place(configuration, refusal),
            step: step,
            text: refusal.text,
            pointer: refusal.pointer,
            isRefusal: isRefusal
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

/// One plugin instance that could not be loaded, started or stopped, as the operator reads it.
package struct PluginFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let instance: String
    /// Where the instance, or the setting that is to blame, is in the configuration.
    package let place: String
    /// The step that failed: "load", "create", "start", ...
    package let step: String
    package let text: String
    /// JSON Pointer into the instance's `config`; empty when it is not about a setting.
    package let pointer: String
    /// The step has ended with it; else it has not returned yet.
    let isRefusal: Bool

    /// `conf/a.yaml:9: plugin echo: load: /config/x: expected ...`.
    package var description: String {
        let start = place.isEmpty ? "" : "\(place): "
        let setting = pointer.isEmpty ? "" : "config\(pointer): "
        return "\(start)plugin \(instance): \(step): \(setting)\(text)"
    }
}

/// Why a library or an instance was refused: one sentence, and the JSON Pointer of the setting
/// that is to blame when there is one.
struct PluginRefusal: Error, Sendable, Equatable {
    let text: String
    let pointer: String
    /// Where that setting is, `file:line`; empty when it is not known.
    let place: String

    init(_ text: String, pointer: String = "", place: String = "") {
        self.text = text
        self.pointer = pointer
        self.place = place
    }
}

/// An instance's `config` against its library's schema.
enum ConfigCheck {
    /// The JSON text that the plugin gets; throws a sentence about the first thing that is wrong.
    static func text(_ configuration: PluginConfiguration, schema: String?) throws(PluginRefusal)
        -> [UInt8]
    {
        let value = try value(of: configuration)
        guard let schema else {
            guard value.kind == .object, value.count == 0 else {
                throw PluginRefusal(
                    "it takes no config, expected none or {}",
                    place: place(value, value.mark.line)
                )
            }
            return value.canonical()
        }
        try check(value, try parsed(schema))
        return value.canonical()
    }

    private static func value(of configuration: PluginConfiguration) throws(PluginRefusal)
        -> JSONValue
    {
        if let value = configuration.config, !value.isNull { return value }
        do throws(ParseFailure) {
            return try JSONDocument(parsing: "{}").root
        } catch {
            throw PluginRefusal("an empty config cannot be made: \(error)")
        }
    }

    /// The schema itself comes from the plugin and may be wrong.
    static func parsed(_ schema: String) throws(PluginRefusal) -> Schema {
        do {
            return try Schema(JSONDocument(parsing: schema, source: "config_schema").root)
        } catch {
            throw PluginRefusal("its config_schema is refused: \(error)")
        }
    }

    /// Throws the first thing that is wrong with a value.
    static func check(_ value: JSONValue, _ schema: Schema) throws(PluginRefusal) {
        let problems = schema.validate(value)
        guard let first = problems.first else { return }
        let base = value.pointer
        let pointer =
            first.pointer.hasPrefix(base)
            ? String(first.pointer.dropFirst(base.count)) : first.pointer
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        throw PluginRefusal(
            first.text + more,
            pointer: pointer,
            place: place(value, first.mark.line)
        )
    }

    /// Where a value is, `file:line`; empty when its text has no name.
    static func place(_ value: JSONValue, _ line: Int) -> String {
        value.source.isEmpty ? "" : "\(value.source):\(line)"
    }
}
