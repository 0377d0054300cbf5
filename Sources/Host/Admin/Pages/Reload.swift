internal import SluiceShared

/// `POST /reload`: the same as SIGHUP.
enum Reload {
    static let page = Router.Page(
        method: "POST",
        path: "/reload",
        sentence: "asks every source to tell its world anew, as SIGHUP does"
    ) { state in
        .json(202, ["reload": .string(state.reload())])
    }
}
