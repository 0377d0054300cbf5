/// `/healthz`: the process is alive and its control thread turns.
enum Healthz {
    static let page = Router.Page(
        method: "GET",
        path: "/healthz",
        sentence: "200 while the process is alive"
    ) { _ in
        .text(200, "ok")
    }
}
