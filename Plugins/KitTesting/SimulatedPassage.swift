internal import SluiceABI
public import SluiceKit

/// A message on its way through a simulated filter.
///
/// Lane only, which is a worker here.
@safe
public final class SimulatedPassage {
    /// What the filter has answered to the request's head.
    public private(set) var opened = Flow.go
    /// The header lines of both sides, as the filter has left them.
    public var headers: [Side: Headers]
    /// Bodies that the filter has set, by side.
    public internal(set) var bodies: [Side: [UInt8]] = [:]
    /// The bytes that are held back.
    public var held: [Side: [UInt8]] = [:]
    /// The path and query that the filter has set.
    public internal(set) var path: String?
    /// The status that the filter has set.
    public internal(set) var status: Int?
    /// What the filter has answered itself.
    public internal(set) var response: (status: Int, body: [UInt8])?
    /// Sides that the filter has resumed.
    public internal(set) var resumed: [Side] = []

    let id: UInt64
    private let filter: sluice_filter_ops
    private let instance: UnsafeMutableRawPointer?
    private var context: UnsafeMutableRawPointer?
    private var lent: [UnsafeMutablePointer<UInt8>] = unsafe []

    init(
        _ filter: sluice_filter_ops,
        _ instance: UnsafeMutableRawPointer?,
        _ settings: UnsafeMutableRawPointer?,
        _ request: SimulatedRequest
    ) {
        self.filter = filter
        unsafe self.instance = unsafe instance
        headers = [.request: request.headers, .response: [:]]
        id = Registered.newID()
        Registered.passages.add(self, id)
        let memory = RequestMemory(request)
        let flow = unsafe filter.open(instance, settings, id, memory.words, &context)
        opened = Flow(rawValue: flow) ?? .go
    }

    deinit {
        Registered.passages.remove(id)
        while let place = unsafe lent.popLast() { unsafe place.deallocate() }
    }

    /// A copy of bytes that lives as long as this.
    func lend(_ bytes: [UInt8]) -> sluice_span {
        let place = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        for (index, byte) in bytes.enumerated() { unsafe (place + index).initialize(to: byte) }
        unsafe lent.append(place)
        return unsafe sluice_bytes(place, bytes.count)
    }

    /// A piece of a body passes.
    public func body(_ side: Side, _ piece: [UInt8], isLast: Bool = false) -> Flow? {
        let flow = unsafe withPieces([piece]) { pieces, count in
            unsafe filter.body(
                instance,
                context,
                id,
                side.rawValue,
                pieces,
                count,
                isLast ? SLUICE_END : 0
            )
        }
        return Flow(rawValue: flow)
    }

    /// The response's head passes.
    public func response(_ status: Int, headers: Headers = [:]) -> Flow? {
        self.headers[.response] = headers
        let flow = unsafe withHeaders(headers) { list in
            unsafe filter.response(instance, context, id, Int32(status), list, 0)
        }
        return Flow(rawValue: flow)
    }

    /// What follows a body passes.
    public func trailers(_ side: Side, _ trailers: Headers) -> Flow? {
        let flow = unsafe withHeaders(trailers) { list in
            unsafe filter.trailers(instance, context, id, side.rawValue, list)
        }
        return Flow(rawValue: flow)
    }

    /// The exchange is over.
    public func close(status: Int = 200) {
        var facts = unsafe sluice_exchange()
        unsafe facts.size = UInt32(MemoryLayout<sluice_exchange>.size)
        unsafe facts.status = Int32(status)
        unsafe filter.close(instance, context, id, &facts)
        unsafe context = nil
    }
}

/// A route's configuration in a simulated filter.
///
/// Lane only.
@safe
public final class SimulatedRoute {
    private let filter: sluice_filter_ops
    private let instance: UnsafeMutableRawPointer?
    private let settings: UnsafeMutableRawPointer?

    init(
        _ filter: sluice_filter_ops,
        _ instance: UnsafeMutableRawPointer?,
        _ configuration: String
    ) throws(PluginError) {
        var settings: UnsafeMutableRawPointer?
        _ = unsafe try reporting { report in
            unsafe withSpans([configuration]) { spans in
                unsafe filter.route_new(instance, spans[0], &settings, report)
            }
        }
        self.filter = filter
        unsafe self.instance = unsafe instance
        unsafe self.settings = unsafe settings
    }

    deinit {
        unsafe filter.route_free(instance, settings)
    }

    /// Sends a request's head through the filter.
    public func open(_ request: SimulatedRequest) -> SimulatedPassage {
        unsafe SimulatedPassage(filter, instance, settings, request)
    }
}
