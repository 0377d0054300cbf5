internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared
internal import Synchronization

/// What the instances say of themselves, for `GET /config`: gathered from their lanes.
///
/// An instance that does not answer in time is named, and holds up no other.
package final class Dumps: Sendable {
    private struct State {
        /// By instance, JSON text; nil: it has not answered yet.
        var texts: [String: [UInt8]?]
        var then: (@Sendable () -> Void)?
    }

    private let order: [String]
    private let state: Mutex<State>

    /// Of these instances, none of which has answered yet.
    package init(of instances: [String]) {
        order = instances
        state = Mutex(State(texts: Dictionary(uniqueKeysWithValues: instances.map { ($0, nil) })))
    }

    /// [any] What has come so far, in the order of the configuration.
    package var texts: [(instance: String, text: [UInt8])] {
        let texts = state.withLock(\.texts)
        return order.map { name in
            (name, (texts[name] ?? nil) ?? Self.silence)
        }
    }

    private static let silence = (["error": "it did not answer in time"] as JSON).canonical()

    /// [any] Takes what an instance says, JSON text.
    package func take(_ text: [UInt8], of instance: String) {
        let then = state.withLock { state -> (@Sendable () -> Void)? in
            state.texts[instance] = text
            guard state.texts.values.allSatisfy({ $0 != nil }) else { return nil }
            defer { state.then = nil }
            return state.then
        }
        then?()
    }

    /// [any] Runs `then` once, when all have answered.
    package func whenComplete(_ then: @escaping @Sendable () -> Void) {
        let isComplete = state.withLock { state in
            let isComplete = state.texts.values.allSatisfy { $0 != nil }
            if !isComplete { state.then = then }
            return isComplete
        }
        if isComplete { then() }
    }
}

extension PluginHost {
    /// [any] Asks every started instance that can for a dump.
    package func dumps() -> Dumps {
        let asked = configured.compactMap { _, instance, _ -> (Instance, AdminRole)? in
            guard let instance, instance.state == .started, let role = instance.admin,
                unsafe role.dump != nil
            else { return nil }
            return (instance, role)
        }
        let dumps = Dumps(of: asked.map(\.0.name))
        for (instance, role) in asked {
            // One that is stuck is not asked again and again.
            guard role.reserve(instance.environment.limits.operationsWaitingMax) else { continue }
            instance.lane.run {
                defer { role.release() }
                guard let dump = unsafe role.dump, !instance.isStopped else { return }
                dumps.take(unsafe instance.dump(dump), of: instance.name)
            }
        }
        return dumps
    }
}

extension Instance {
    /// [lane] The state of the plugin as JSON text, or why there is none.
    fileprivate func dump(_ function: AdminRole.Dump) -> [UInt8] {
        let reply = ReplyStock.take(bytesMax: environment.limits.operationReplyBytesMax)
        let status = entering("dump") { unsafe function(plugin, ReplyStock.handle(reply)) }
        let outcome = OperationOutcome(status, ReplyStock.give(reply), of: "\(name)/dump")
        return outcome.body
    }
}
