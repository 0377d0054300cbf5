internal import SluiceShared

/// `/readyz`: whether traffic should come here, and why not.
enum Readyz {
    static let page = Router.Page(
        method: "GET",
        path: "/readyz",
        sentence: "200 when traffic may come, else 503 with the reasons"
    ) { state in
        let readiness = state.readiness()
        return .json(
            readiness.isReady ? 200 : 503,
            [
                "ready": .bool(readiness.isReady),
                "reasons": .array(readiness.reasons.map(JSON.string)),
                "warnings": .array(readiness.warnings.map(JSON.string)),
            ]
        )
    }
}
