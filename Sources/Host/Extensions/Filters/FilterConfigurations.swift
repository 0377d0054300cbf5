internal import SluiceABI
internal import SluiceBase
package import SluiceRouting
internal import SluiceShared
internal import Synchronization

/// What the filters of plugins were configured with for routes: made on the lane of the plugin,
/// once for each text, and freed there when no route has it any more.
///
/// One table a process. The compiler thread asks; it waits for a lane within a limit, and a lane
/// that was late is not waited for again until it has answered: then `hasNews` says so.
package final class FilterConfigurations: RouteConfigurations, Sendable {
    /// The table of this process.
    package static let process = FilterConfigurations()

    private struct Key: Hashable {
        let filter: UInt16
        /// Of the instance: a slot is used again.
        let instance: Int32
        let json: [UInt8]
    }

    private enum State {
        case asked
        case ready(UInt64)
        case refused(text: String, pointer: String)
        /// The instance has got it back.
        case ended
    }

    private struct Entry {
        let key: Key
        let instance: Instance
        let answered: Latch
        var state: State
        var holds = 0
        /// The compilation that asked for it last.
        var round: UInt64
    }

    private struct Table {
        var instances: [UInt16: Instance] = [:]
        var entries: [UInt64: Entry] = [:]
        var claims: [Key: UInt64] = [:]
        /// Lower numbers have a meaning of their own to the compiler.
        var next: UInt64 = 16
        var round: UInt64 = 0
        /// Filters that were late, until they answer.
        var late: Set<UInt16> = []
        var hasNews = false
        var listeners: [@Sendable () -> Void] = []
        var timeoutNanoseconds: UInt64 = 2 * Clock.nanosecondsPerSecond
    }

    private let table = Mutex(Table())

    private init() {}

    /// [control] `listener` is called, from any lane, when something that was late is there.
    package func listen(_ listener: @escaping @Sendable () -> Void) {
        table.withLock { $0.listeners.append(listener) }
    }

    /// [control] How long the compiler waits for a plugin.
    package func wait(atMost nanoseconds: UInt64) {
        table.withLock { $0.timeoutNanoseconds = nanoseconds }
    }

    /// [compiler] Whether something that was late is there since the last question.
    package func takeNews() -> Bool {
        table.withLock { table in
            defer { table.hasNews = false }
            return table.hasNews
        }
    }

    /// Whose filter is in a slot.
    func know(_ instance: Instance, _ filter: UInt16) {
        table.withLock { $0.instances[filter] = instance }
    }

    package func prepare(filter: UInt16, _ json: [UInt8]) { _ = claim(filter, json) }

    package func resolve(filter: UInt16, _ json: [UInt8]) -> RouteConfiguration {
        guard let claim = claim(filter, json) else {
            return .refused(text: "it has stopped", pointer: "")
        }
        let (answered, wait) = table.withLock { table in
            let isLate = table.late.contains(filter)
            return (table.entries[claim]?.answered, isLate ? 0 : table.timeoutNanoseconds)
        }
        guard let answered else { return .pending }
        let isInTime = answered.wait(wait)
        return table.withLock { table in
            guard let entry = table.entries[claim] else { return .pending }
            switch entry.state {
            case .asked:
                if !isInTime { table.late.insert(filter) }
                return .pending
            case .ready(let value):
                table.entries[claim]?.holds += 1
                return .ready(value: value, claim: claim)
            case .refused(let text, let pointer): return .refused(text: text, pointer: pointer)
            case .ended: return .refused(text: "it has stopped", pointer: "")
            }
        }
    }

    package func retain(_ claim: UInt64) { table.withLock { $0.entries[claim]?.holds += 1 } }

    package func release(_ claim: UInt64) {
        let freed = table.withLock { table -> Entry? in
            table.entries[claim]?.holds -= 1
            guard let entry = table.entries[claim], entry.holds == 0 else { return nil }
            return Self.remove(claim, &table)
        }
        if let freed { Self.free(freed) }
    }

    package func sweep() {
        let freed = table.withLock { table -> [Entry] in
            let old = table.entries.filter { _, entry in
                if case .asked = entry.state { return false }
                return entry.holds == 0 && entry.round < table.round
            }
            table.round += 1
            return old.keys.compactMap { Self.remove($0, &table) }
        }
        for entry in freed { Self.free(entry) }
    }

    /// [lane] The instance gets back what was made for it: the final call of each.
    func end(_ instance: Instance) {
        let ended = table.withLock { table -> [UInt64] in
            table.instances = table.instances.filter { $0.value !== instance }
            var values: [UInt64] = []
            for (claim, entry) in table.entries where entry.instance === instance {
                if case .ready(let value) = entry.state { values.append(value) }
                table.entries[claim]?.state = .ended
            }
            return values
        }
        for value in ended { Self.free(value, instance) }
    }

    // MARK: entries

    /// The number of what a filter has for a text; asked for when there is none.
    ///
    /// Nil: nobody has the slot.
    private func claim(_ filter: UInt16, _ json: [UInt8]) -> UInt64? {
        let found = table.withLock { table -> (claim: UInt64, asks: Instance?)? in
            guard let instance = table.instances[filter] else { return nil }
            let key = Key(filter: filter, instance: instance.index, json: json)
            if let known = table.claims[key] {
                table.entries[known]?.round = table.round
                return (known, nil)
            }
            guard let answered = try? Latch() else { return nil }
            let claim = table.next
            table.next += 1
            table.claims[key] = claim
            table.entries[claim] = Entry(
                key: key,
                instance: instance,
                answered: answered,
                state: .asked,
                round: table.round
            )
            return (claim, instance)
        }
        guard let found else { return nil }
        if let instance = found.asks {
            instance.lane.run { self.ask(instance, found.claim, json) }
        }
        return found.claim
    }

    /// [lane] Asks the plugin.
    private func ask(_ instance: Instance, _ claim: UInt64, _ json: [UInt8]) {
        let state = Self.make(instance, json)
        let (listeners, freed) = table.withLock { table -> ([@Sendable () -> Void], UInt64?) in
            guard let entry = table.entries[claim], case .asked = entry.state else {
                if case .ready(let value) = state { return ([], value) }
                return ([], nil)
            }
            table.entries[claim]?.state = state
            entry.answered.open()
            let wasLate = table.late.remove(entry.key.filter) != nil
            if wasLate { table.hasNews = true }
            return (wasLate ? table.listeners : [], nil)
        }
        if let freed { Self.free(freed, instance) }
        for listener in listeners { listener() }
    }

    private static func make(_ instance: Instance, _ json: [UInt8]) -> State {
        guard instance.isCreated, !instance.isStopped else { return .ended }
        if let refusal = check(instance, json) {
            return .refused(text: refusal.text, pointer: refusal.pointer)
        }
        guard let operations = instance.filter, let make = unsafe operations.route_new else {
            return .ready(0)
        }
        var configuration: UnsafeMutableRawPointer?
        var failure = PluginError.empty
        let status = json.withBytes { bytes in
            instance.entering("route_new") {
                unsafe make(instance.plugin, bytes.span, &configuration, &failure)
            }
        }
        guard status >= 0 else {
            let refusal = Instance.refusal("route_new", status, failure)
            return .refused(text: refusal.text, pointer: refusal.pointer)
        }
        return .ready(UInt64(UInt(bitPattern: configuration)))
    }

    /// What is wrong with a configuration by the plugin's own schema.
    private static func check(_ instance: Instance, _ json: [UInt8]) -> PluginRefusal? {
        do throws(PluginRefusal) {
            let document: JSONDocument
            do throws(ParseFailure) {
                document = try JSONDocument(parsing: json)
            } catch {
                throw PluginRefusal("\(error)")
            }
            guard let schema = instance.description?.routeSchema else {
                let isEmpty = document.root.kind == .object && document.root.count == 0
                return isEmpty ? nil : PluginRefusal("it takes none, expected none or {}")
            }
            try ConfigCheck.check(document.root, try ConfigCheck.parsed(schema))
            return nil
        } catch {
            return error
        }
    }

    private static func remove(_ claim: UInt64, _ table: inout Table) -> Entry? {
        guard let entry = table.entries.removeValue(forKey: claim) else { return nil }
        table.claims[entry.key] = nil
        return entry
    }

    private static func free(_ entry: Entry) {
        guard case .ready(let value) = entry.state else { return }
        let instance = entry.instance
        instance.lane.run {
            guard instance.isCreated else { return }
            free(value, instance)
        }
    }

    /// [lane] The final call of a configuration.
    private static func free(_ value: UInt64, _ instance: Instance) {
        guard let operations = instance.filter, let free = unsafe operations.route_free
        else { return }
        instance.entering("route_free") {
            unsafe free(instance.plugin, UnsafeMutableRawPointer(bitPattern: UInt(value)))
        }
    }
}
