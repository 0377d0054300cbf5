internal import SluiceBase
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

/// The call of a service that has passed its request on to a pool.
struct ForwardedCall: BitwiseCopyable {
    let call: ServiceCall
    /// What the plugin was notified of by `cancel`.
    var cancelled: Abandonment?
}

// ServiceForward: a service passes its request on, and from here on it is an ordinary proxied one.
// The plugin's call stays open for `cancel` and `done`.
extension Worker where P: ~Copyable {
    mutating func forward(_ e: ExchangeSlot, _ answer: Answer) {
        let l = exchanges[e].leg
        defer { answer.recycle() }
        guard let state = legs[l].call else { return }
        legs[l].call?.isOver = true
        guard let pool = pool(e, answer.target) else { return fail(e, .noBackend) }
        if let edits = answer.edits, !edits.isEmpty {
            guard rewriteRequest(e, edits), canonicalise(e, buffers.text(exchanges[e].head)) else {
                return fail(e, .serviceFailed)
            }
        }
        guard state.isStreamed || giveBack(e, state.call) else { return fail(e, .overload) }
        exchanges[e].forwarded = ForwardedCall(call: state.call)
        legs[l].call = nil
        counters.drop(.serviceActive)
        deadlines.clear(timer(l))
        endLeg(l, mayKeep: false)
        exchanges[e].stage = .upstream
        exchanges[e].pool = pool
        attempt(e)
    }

    private mutating func pool(_ e: ExchangeSlot, _ target: ForwardTarget) -> PoolReference? {
        let sources =
            target.source != 0
            ? (target.source, target.source) : (exchanges[e].source, target.fallback)
        return find(sources.0, target.pool) ?? find(sources.1, target.pool)
    }

    private mutating func find(_ source: UInt64, _ name: Bytes) -> PoolReference? {
        var writer = scratch.writer()
        PoolName.write(source: source, name, to: &writer)
        return writer.overflowed ? nil : routing.pool(named: writer.bytes)
    }

    /// Puts a body that was collected for the plugin back into the stream; false when there is no
    /// memory.
    private mutating func giveBack(_ e: ExchangeSlot, _ call: ServiceCall) -> Bool {
        let s = exchanges[e].downstream
        var writer = scratch.writer()
        let body = call.takeBack(trailers: &writer)
        guard body.isEmpty || buffers.append(copy: body, to: &streams[s].receiving.queue) else {
            return false
        }
        return writer.count == 0
            || buffers.append(copy: writer.bytes, to: &streams[s].receiving.trailers)
    }
}
