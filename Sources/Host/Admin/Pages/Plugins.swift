internal import SluiceShared

/// `/plugins`: every instance, its state and what it reports.
enum Plugins {
    static let page = Router.Page(
        method: "GET",
        path: "/plugins",
        sentence: "every plugin instance with its state, as JSON"
    ) { state in
        .json(200, ["plugins": .array(state.plugins())])
    }
}
