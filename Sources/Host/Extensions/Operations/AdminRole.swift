internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared
internal import Synchronization

/// What an instance with the admin role offers: its operations, and what it says of itself.
@safe
struct AdminRole: @unchecked Sendable {
    typealias Dump =
        @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> sluice_status

    let operations: [Operation]
    let dump: Dump?
    /// Operations and dumps that wait or run.
    private let waiting = Cell.permanent()

    /// [any] Takes a place; false: `max` are taken.
    func reserve(_ max: Int) -> Bool {
        guard waiting.add(1) < UInt64(max) else {
            waiting.add(-1)
            return false
        }
        return true
    }

    /// [any] Gives a place back.
    func release() { waiting.add(-1) }
}

extension Instance {
    /// [lane] Reads what the admin role of the instance declares; throws what is wrong with it.
    func adminRole(_ pointer: UnsafePointer<sluice_admin_ops>) throws(PluginRefusal) -> AdminRole {
        let operations = unsafe pointer.sized(empty: sluice_admin_ops())
        var list = unsafe sluice_list()
        if let declare = unsafe operations.operations {
            let status = entering("operations") { unsafe declare(plugin, &list) }
            guard status >= 0 else {
                throw PluginRefusal("operations answered \(StatusName.text(status))")
            }
        }
        return unsafe AdminRole(operations: try Operation.read(list), dump: operations.dump)
    }
}

/// A call of an operation, as the admin API got it.
package struct OperationRequest: Sendable {
    package var instance: String
    package var operation: String
    /// GET or POST.
    package var method: String
    package var input: OperationInput

    package init(instance: String, operation: String, method: String, input: OperationInput) {
        self.instance = instance
        self.operation = operation
        self.method = method
        self.input = input
    }
}

/// The operations of one instance.
package struct InstanceOperations: Sendable {
    package let instance: String
    package let operations: [Operation]
}

// What the admin API asks for.
extension PluginHost {
    /// [any] The instances with the admin role, in the order of the configuration.
    package var operations: [InstanceOperations] {
        configured.compactMap { configuration, instance, _ in
            instance?.admin.map { role in
                InstanceOperations(instance: configuration.name, operations: role.operations)
            }
        }
    }

    /// [any] Calls an operation and tells what came of it: at once, or from the thread on which
    /// it ran.
    ///
    /// What comes after `limits.operationTimeout` comes too late; the caller drops it.
    package func perform(
        _ request: OperationRequest,
        then: @escaping @Sendable (OperationOutcome) -> Void
    ) {
        switch prepared(request, then) {
        case .run(let run): run.begin()
        case .refused(let outcome): then(outcome)
        }
    }

    private enum Prepared {
        case run(OperationRun)
        case refused(OperationOutcome)
    }

    private func prepared(
        _ request: OperationRequest,
        _ then: @escaping @Sendable (OperationOutcome) -> Void
    ) -> Prepared {
        let known = configured
        guard let (_, instance, _) = known.first(where: { $0.0.name == request.instance }) else {
            return refusal(of: "plugin", request.instance, among: known.map(\.0.name))
        }
        guard let instance, instance.state == .started || instance.state == .draining else {
            let state = instance?.state ?? .failed
            return .refused(
                OperationOutcome(
                    status: 503,
                    body: (["error": "plugin \(request.instance) is \(state.rawValue)"] as JSON)
                        .canonical()
                )
            )
        }
        let role = instance.admin
        let operations = role?.operations ?? []
        guard let role, let operation = operations.first(where: { $0.name == request.operation })
        else { return refusal(of: "operation", request.operation, among: operations.map(\.name)) }
        guard operation.method == request.method else {
            return .refused(Self.otherMethod(operation))
        }
        do throws(InputRefusal) {
            return .run(
                OperationRun(
                    instance: instance,
                    role: role,
                    operation: operation,
                    arguments: try operation.arguments(request.input),
                    deadline: Clock.deadline(
                        Clock.now(),
                        after: instance.environment.limits.operationTimeoutNanoseconds
                    ),
                    then: then
                )
            )
        } catch {
            return .refused(.failure(SLUICE_E_INVALID, error.text))
        }
    }

    private static func otherMethod(_ operation: Operation) -> OperationOutcome {
        let methods = operation.writes ? ["POST"] : ["GET", "HEAD"]
        let text = "\(operation.name) takes \(methods.joined(separator: ", "))"
        return OperationOutcome(
            status: 405,
            body: (["error": .string(text)] as JSON).canonical(),
            allow: methods
        )
    }

    private func refusal(of kind: String, _ name: String, among names: [String]) -> Prepared {
        let near = nearest(name, among: names).map { "; did you mean \"\($0)\"?" }
        let all = names.isEmpty ? "; there is none" : "; there are \(names.joined(separator: ", "))"
        let text = "there is no \(kind) \(quoted(name))\(near ?? all)"
        return .refused(.failure(SLUICE_E_NOTFOUND, text))
    }
}
