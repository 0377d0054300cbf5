internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceShared

/// `/plugins/<instance>` and `/plugins/<instance>/<operation>`.
enum OperationPages {
    private static let root = "/plugins/"

    /// Where an operation is called.
    static func path(_ instance: String, _ operation: Operation) -> String {
        "\(root)\(instance)/\(operation.name)"
    }

    /// The answer to a request below `/plugins/`; nil: its path is none of these.
    static func answer(
        _ request: AdminRequest,
        method: String,
        _ state: AdminState
    ) -> PageAnswer? {
        guard request.path.hasPrefix(root) else { return nil }
        let parts = request.path.dropFirst(root.count)
            .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1 where !parts[0].isEmpty:
            guard method == "GET" else {
                return .now(Router.refusal(of: request, allowing: ["GET", "HEAD"]))
            }
            return list(parts[0], state).map(PageAnswer.now)
        case 2: return call(parts[0], parts[1], request, method, state)
        default: return nil
        }
    }

    /// What an instance offers; nil: there is no such instance.
    private static func list(_ instance: String, _ state: AdminState) -> AdminAnswer? {
        guard let plugin = state.plugins().first(where: { $0["name"] == .string(instance) }) else {
            return nil
        }
        let operations = state.operations().first { $0.instance == instance }?.operations ?? []
        var answer = plugin
        answer["operations"] = .array(operations.map { json($0, of: instance) })
        return .json(200, answer)
    }

    private static func json(_ operation: Operation, of instance: String) -> JSON {
        [
            "name": .string(operation.name),
            "method": .string(operation.method),
            "path": .string(path(instance, operation)),
            "doc": .string(operation.doc),
            "parameters": .array(
                operation.parameters.map { parameter in
                    [
                        "name": .string(parameter.name),
                        "doc": .string(parameter.doc),
                        "optional": .bool(parameter.isOptional),
                        "schema": OpenAPI.schema(of: parameter),
                    ]
                }
            ),
        ]
    }

    /// Calls an operation; the answer comes from the plugin's own thread.
    private static func call(
        _ instance: String,
        _ operation: String,
        _ request: AdminRequest,
        _ method: String,
        _ state: AdminState
    ) -> PageAnswer {
        guard method == "GET" || request.query.isEmpty else {
            return .now(
                .json(400, ["error": "the parameters of a POST are its body, a JSON object"])
            )
        }
        let timeout = state.limits.operationTimeoutNanoseconds
        let late = LateAnswer(deadline: Clock.deadline(Clock.now(), after: timeout)) {
            .json(
                504,
                [
                    "error": .string(
                        "\(instance)/\(operation) has not answered within"
                            + " \(timeout / millisecond) ms; what it still does goes on"
                    )
                ]
            )
        }
        state.perform(
            OperationRequest(
                instance: instance,
                operation: operation,
                method: method,
                input: method == "GET" ? .query(request.query) : .body(request.body)
            )
        ) { outcome in
            var answer = AdminAnswer.json(outcome.status, outcome.body + Array("\n".utf8))
            answer.allow = outcome.allow
            late.give(answer)
        }
        return .later(late)
    }
}
