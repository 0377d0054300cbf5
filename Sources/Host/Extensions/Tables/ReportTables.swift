internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// `sluice.log`, BOUND: lines under the instance's own name.
enum LogTable {
    /// Structured fields of one line; more are dropped.
    private static let fieldsMax = 32

    private typealias Table = UnsafePointer<sluice_log_api>?
    private typealias Fields = UnsafePointer<sluice_field>?

    static var table: sluice_log_api {
        unsafe sluice_log_api(threshold: UnsafePointer(Log.threshold.address), write: write)
    }

    private static let write: @convention(c) (Table, Int32, sluice_span, Fields, Int) -> Void = {
        table,
        level,
        message,
        fields,
        count in
        let rank = LogLevel(rawValue: UInt8(clamping: level)) ?? .error
        guard Log.threshold.allows(rank), let instance = unsafe caller(table),
            instance.logShare.take(at: Clock.now())
        else { return }
        let max = instance.environment.limits.pluginLogLineBytesMax
        var pairs = ["instance", instance.name, "thread", instance.threadName]
        if let fields = unsafe fields {
            for index in 0..<min(count, fieldsMax) {
                unsafe pairs.append(cut(fields[index].key, max))
                unsafe pairs.append(cut(fields[index].value, max))
            }
        }
        Log.write(rank, unsafe cut(message, max), pairs)
    }

    private static func cut(_ span: sluice_span, _ max: Int) -> String {
        let bytes = unsafe span.bytes
        return bytes.prefix(min(bytes.count, max)).text
    }
}

/// How a component of a plugin is; the values are those of `SLUICE_HEALTH_*`.
package enum HealthState: Int32, Sendable {
    case starting, ready, degraded, failed

    package var word: String { String(describing: self) }
}

/// One component's last report.
package struct HealthReport: Sendable, Equatable {
    package let component: String
    package let state: HealthState
    package let message: String
}

/// What an instance reported about its components, for any thread.
final class PluginHealth: Sendable {
    /// Components of one instance.
    static let componentsMax = 64

    private struct Component {
        var state: HealthState
        var message: String
        var gap: UInt64 = 0
        var due: UInt64 = .max
    }

    private let components = Mutex<[String: Component]>([:])

    func report(_ name: String, _ state: HealthState, _ message: String) -> sluice_status {
        change(name) { component in
            component.state = state
            component.message = message
        }
    }

    func beat(_ name: String, _ gap: UInt64) -> sluice_status {
        let now = Clock.now()
        return change(name) { component in
            component.gap = gap
            let isWithdrawn = gap == 0 || gap == Clock.never
            component.due = isWithdrawn ? Clock.never : Clock.after(gap, from: now)
        }
    }

    private func change(_ name: String, _ edit: (inout Component) -> Void) -> sluice_status {
        components.withLock { components in
            guard components[name] != nil || components.count < Self.componentsMax else {
                return SLUICE_E_LIMIT
            }
            var component = components[name] ?? Component(state: .starting, message: "")
            edit(&component)
            components[name] = component
            return SLUICE_OK
        }
    }

    /// All reports in the order of their names; a missed promise counts as failed.
    func reports(at now: UInt64) -> [HealthReport] {
        components.withLock { $0 }.sorted { $0.key < $1.key }.map { name, component in
            guard component.due < now else {
                return HealthReport(
                    component: name,
                    state: component.state,
                    message: component.message
                )
            }
            let gap = component.gap / Clock.nanosecondsPerMillisecond
            return HealthReport(
                component: name,
                state: .failed,
                message: "promised to report every \(gap) ms and did not"
            )
        }
    }
}

/// `sluice.health`, BOUND.
enum HealthTable {
    private typealias Table = UnsafePointer<sluice_health_api>?

    static var table: sluice_health_api { unsafe sluice_health_api(report: report, beat: beat) }

    private static let report:
        @convention(c) (Table, sluice_span, Int32, sluice_span) -> sluice_status = {
            table,
            component,
            state,
            message in
            guard let state = HealthState(rawValue: state) else { return SLUICE_E_INVALID }
            guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
            return unsafe instance.health.report(component.text, state, message.text)
        }

    private static let beat: @convention(c) (Table, sluice_span, UInt64) -> sluice_status = {
        table,
        component,
        gap in
        guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
        return unsafe instance.health.beat(component.text, gap)
    }
}
