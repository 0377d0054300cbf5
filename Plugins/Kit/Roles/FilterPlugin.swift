internal import SluiceABI

/// What a filter answers to a part of a message.
public enum Flow: Int32, Sendable {
    /// Pass this part on.
    case go
    /// Keep this part back, and go on delivering later parts; `Passing.resume` ends it.
    case hold
    /// Keep this part back and stop reading; `Passing.resume` ends it.
    case stop
    /// The filter has answered itself.
    case answered
    /// Pass on, and do not call for this exchange again.
    case skip
}

/// What a filter needs to see besides the request's head.
public struct FilterWants: OptionSet, Sendable {
    /// The header's bits.
    public let rawValue: UInt32

    /// Wraps the header's bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The body of the request.
    public static let requestBody = FilterWants(rawValue: SLUICE_WANTS_REQUEST_BODY)
    /// The head of the response.
    public static let response = FilterWants(rawValue: SLUICE_WANTS_RESPONSE)
    /// The body of the response.
    public static let responseBody = FilterWants(rawValue: SLUICE_WANTS_RESPONSE_BODY)
    /// What follows the bodies.
    public static let trailers = FilterWants(rawValue: SLUICE_WANTS_TRAILERS)
}

/// A side of an exchange.
public enum Side: UInt32, Sendable {
    case request, response
}

/// A plugin that looks at and changes messages that pass, on the worker that owns them.
public protocol FilterPlugin: Plugin {
    /// What a route's configuration becomes.
    associatedtype Settings: Sendable
    /// What is known of one exchange while it passes.
    associatedtype Passage: FilterPassage

    /// JSON Schema (2020-12) text of a route's configuration; nil: there is none.
    static var routeSchema: String? { get }
    /// What it needs to see besides the request's head.
    static var wants: FilterWants { get }

    /// Reads a route's configuration (JSON text that fits the schema). Lane.
    func settings(_ configuration: String) throws(PluginError) -> Settings

    /// Sees the head of a request; nil: it takes no part in this exchange. Worker: several at a
    /// time, so it touches nothing of the actor.
    nonisolated func open(
        _ request: borrowing InlineRequest,
        _ passing: Passing,
        _ settings: Settings
    ) -> (passage: Passage, flow: Flow)?
}

extension FilterPlugin {
    /// Takes no configuration.
    public static var routeSchema: String? { nil }
}

/// One exchange on its way through a filter.
///
/// Worker; one call at a time.
public protocol FilterPassage: AnyObject {
    /// Sees a piece of a body.
    func body(_ side: Side, _ piece: [UInt8], isLast: Bool, _ passing: Passing) -> Flow

    /// Sees the head of the response; `isLast`: it has no body.
    func response(_ status: Int, _ headers: Headers, isLast: Bool, _ passing: Passing) -> Flow

    /// Sees what follows a body.
    func trailers(_ side: Side, _ trailers: Headers, _ passing: Passing) -> Flow

    /// The exchange is over; the last call.
    func close(_ summary: ExchangeSummary)
}

extension FilterPassage {
    /// Lets it pass.
    public func body(_ side: Side, _ piece: [UInt8], isLast: Bool, _ passing: Passing) -> Flow {
        .go
    }

    /// Lets it pass.
    public func response(
        _ status: Int,
        _ headers: Headers,
        isLast: Bool,
        _ passing: Passing
    ) -> Flow { .go }

    /// Lets it pass.
    public func trailers(_ side: Side, _ trailers: Headers, _ passing: Passing) -> Flow { .go }

    /// Has nothing to do.
    public func close(_ summary: ExchangeSummary) {}
}
