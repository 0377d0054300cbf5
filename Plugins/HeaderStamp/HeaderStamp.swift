public import SluiceKit

/// The filter that stamps headers on requests and responses, as each route says.
public actor HeaderStamp: FilterPlugin {
    /// Who this is.
    public static var description: PluginDescription {
        PluginDescription(
            id: "dev.sluice.header-stamp",
            version: "0.1.0",
            summary: "Sets, adds and removes headers of requests and responses.",
            requires: [.http]
        )
    }

    /// What a route says.
    public static var routeSchema: String? { StampSettings.schema }

    /// Heads alone.
    public static var wants: FilterWants { .response }

    /// What the instance was given.
    public let host: Host

    /// Builds the instance, which has nothing but its host.
    public init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
    }

    /// Reads what a route says.
    public func settings(_ configuration: String) throws(PluginError) -> StampSettings {
        try StampSettings(configuration)
    }

    /// Stamps the request; the response is stamped with what is known of the request.
    public nonisolated func open(
        _ request: borrowing InlineRequest,
        _ passing: Passing,
        _ settings: StampSettings
    ) -> (passage: StampPassage, flow: Flow)? {
        let facts = StampFacts(
            requestID: request.requestID ?? "",
            route: request.route ?? "",
            peer: request.peer
        )
        let passage = StampPassage(settings.response, facts, host.log)
        passage.apply(settings.request, .request, passing)
        // Without a word about responses there is nothing more to be called for.
        return (passage, settings.response.isEmpty ? .skip : .go)
    }
}

/// One exchange that is stamped.
public final class StampPassage: FilterPassage {
    private let stamps: [Stamp]
    private let facts: StampFacts
    private let log: Log

    init(_ stamps: [Stamp], _ facts: StampFacts, _ log: Log) {
        self.stamps = stamps
        self.facts = facts
        self.log = log
    }

    /// Stamps the response.
    public func response(
        _ status: Int,
        _ headers: Headers,
        isLast: Bool,
        _ passing: Passing
    ) -> Flow {
        apply(stamps, .response, passing)
        return .skip
    }

    /// Makes the changes of one side, in their order.
    func apply(_ stamps: [Stamp], _ side: Side, _ passing: Passing) {
        for stamp in stamps {
            do throws(PluginError) {
                switch stamp {
                case .remove(let name): try passing.remove(side, name)
                case .set(let name, let value): try passing.set(side, name, value.text(facts))
                case .add(let name, let value):
                    try passing.add(side, Header(name, value.text(facts)))
                }
            } catch {
                log.warn("a header is not stamped: \(error)")
            }
        }
    }
}
