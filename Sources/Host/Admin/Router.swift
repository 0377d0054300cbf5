internal import SluiceBase
internal import SluiceExtensions

/// How a request finds its page, or the operation of a plugin.
enum Router {
    /// The answer to a request that the guard let through; HEAD is a GET without the body.
    static func answer(_ request: AdminRequest, _ state: AdminState) -> PageAnswer {
        let method = request.method == "HEAD" ? "GET" : request.method
        if request.path == "/" {
            return .now(
                method == "GET"
                    ? index(state) : refusal(of: request, allowing: ["GET", "HEAD"])
            )
        }
        let here = Page.all.filter { $0.path == request.path }
        if let page = here.first(where: { $0.method == method }) { return page.answer(state) }
        guard here.isEmpty else {
            let methods = here.flatMap { $0.method == "GET" ? ["GET", "HEAD"] : [$0.method] }
            return .now(refusal(of: request, allowing: methods))
        }
        return OperationPages.answer(request, method: method, state)
            ?? .now(.text(404, "there is no page \(request.path); / lists the pages"))
    }

    static func refusal(of request: AdminRequest, allowing: [String]) -> AdminAnswer {
        var answer = AdminAnswer.text(
            405,
            "\(request.path) takes \(allowing.joined(separator: ", ")), not \(request.method)"
        )
        answer.allow = allowing
        return answer
    }

    private static func index(_ state: AdminState) -> AdminAnswer {
        let width = 20
        let pages = Page.all.map { ("\($0.method) \($0.path)", $0.sentence) }
        let operations = state.operations().flatMap { plugin in
            plugin.operations.map { operation in
                (
                    "\(operation.method) \(OperationPages.path(plugin.instance, operation))",
                    operation.doc
                )
            }
        }
        return .text(
            200,
            (pages + operations).map { start, sentence in
                let gap = String(repeating: " ", count: max(1, width - start.count))
                return start + (sentence.isEmpty ? "" : gap + sentence)
            }.joined(separator: "\n")
        )
    }
}
