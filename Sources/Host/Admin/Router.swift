/// The pages of the admin API and how a request finds its own.
enum Router {
    /// A page: what it is for, and what it answers.
    struct Page: Sendable {
        let method: String
        let path: String
        let sentence: String
        let answer: @Sendable (AdminState) -> AdminAnswer
    }

    static let pages: [Page] = [
        Healthz.page, Readyz.page, ConfigPage.page, Metrics.page, Plugins.page, Reload.page,
    ]

    /// The answer to a request that the guard let through; HEAD is a GET without the body.
    static func answer(_ request: AdminRequest, _ state: AdminState) -> AdminAnswer {
        let method = request.method == "HEAD" ? "GET" : request.method
        if request.path == "/" {
            return method == "GET" ? index() : refusal(of: request, allowing: ["GET", "HEAD"])
        }
        let here = pages.filter { $0.path == request.path }
        if let page = here.first(where: { $0.method == method }) { return page.answer(state) }
        guard !here.isEmpty else {
            return .text(404, "there is no page \(request.path); / lists those there are")
        }
        return refusal(
            of: request,
            allowing: here.flatMap { $0.method == "GET" ? ["GET", "HEAD"] : [$0.method] }
        )
    }

    private static func refusal(of request: AdminRequest, allowing: [String]) -> AdminAnswer {
        var answer = AdminAnswer.text(
            405,
            "\(request.path) takes \(allowing.joined(separator: ", ")), not \(request.method)"
        )
        answer.allow = allowing
        return answer
    }

    private static func index() -> AdminAnswer {
        let width = 18
        return .text(
            200,
            pages.map { page in
                let start = "\(page.method) \(page.path)"
                let gap = String(repeating: " ", count: max(1, width - start.count))
                return start + gap + page.sentence
            }.joined(separator: "\n")
        )
    }
}
