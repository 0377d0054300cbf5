internal import SluiceABI

/// The filter role of a plugin, without its type.
class FilterRole {
    let host: Host
    let table: RoleTable<sluice_filter_ops>

    init(_ host: Host, wants: FilterWants) {
        self.host = host
        table = RoleTable(filterOps(wants: wants))
    }

    static func of<Played: FilterPlugin>(_ plugin: Played) -> FilterRole {
        FilterRoleOf(plugin)
    }

    /// A context for a route's configuration, held by the host.
    func settings(_ configuration: String) throws(PluginError) -> AnyObject {
        throw missing("filters")
    }

    /// A passage that the host holds; nil: the filter takes no part.
    func open(
        _ request: borrowing InlineRequest,
        _ passing: Passing,
        _ settings: AnyObject?
    ) -> (passage: any FilterPassage, flow: Flow)? { nil }
}

private final class FilterRoleOf<Played: FilterPlugin>: FilterRole {
    private final class Kept {
        let settings: Played.Settings

        init(_ settings: Played.Settings) {
            self.settings = settings
        }
    }

    private let plugin: Played

    init(_ plugin: Played) {
        self.plugin = plugin
        super.init(plugin.host, wants: Played.wants)
    }

    override func settings(_ configuration: String) throws(PluginError) -> AnyObject {
        Kept(try plugin.onLane { plugin throws(PluginError) in try plugin.settings(configuration) })
    }

    override func open(
        _ request: borrowing InlineRequest,
        _ passing: Passing,
        _ settings: AnyObject?
    ) -> (passage: any FilterPassage, flow: Flow)? {
        guard let kept = settings as? Kept,
            let opened = plugin.open(request, passing, kept.settings)
        else { return nil }
        return (opened.passage, opened.flow)
    }
}
