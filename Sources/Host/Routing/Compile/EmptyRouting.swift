extension RoutingView {
    /// A world without listeners: what a worker routes by before the first installation.
    package static var empty: RoutingView { nowhere.view }

    private static let nowhere = Compiler().compile(World(), generation: 0).snapshot
}
