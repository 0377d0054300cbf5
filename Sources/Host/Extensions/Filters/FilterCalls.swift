internal import SluiceABI
internal import SluiceBase
internal import SluiceHTTP

/// What a filter answers to a part of a message.
package enum FilterFlow: Int32, Sendable, BitwiseCopyable {
    /// The part passes.
    case go = 0
    /// It is kept back, and later parts are delivered.
    case hold = 1
    /// It is kept back, and nothing more is read.
    case stop = 2
    /// The filter has answered.
    case answered = 3
    /// It passes, and the filter is called no more for this exchange.
    case skip = 4
}

/// One filter of one exchange, as the calls need it.
package struct FilterCall: BitwiseCopyable, Sendable {
    package let slot: UInt16
    package let id: UInt64
    /// What the plugin has given at `open`: the address of its own.
    package var context: UInt64

    package init(slot: UInt16, id: UInt64, context: UInt64 = 0) {
        self.slot = slot
        self.id = id
        self.context = context
    }

    var pointer: UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(bitPattern: UInt(context))
    }
}

// The calls, on the worker that owns the exchange; nil: the filter answered something else than a
// flow.
extension Filters {
    /// [worker] The request's head.
    ///
    /// `call.context` is what the plugin gave.
    package func open(
        _ call: inout FilterCall,
        configuration: UInt64,
        _ request: ServiceRequest,
        _ head: FilterHead,
        isEnd: Bool,
        _ frame: FilterFrame
    ) -> FilterFlow? {
        let slot = unsafe slot(call.slot)
        guard let open = unsafe slot.pointee.operations.open else { return .go }
        var told = unsafe request.told
        unsafe told.headers = frame.headers(head, .request)
        if isEnd { unsafe told.flags |= UInt32(SLUICE_REQ_END) }
        var context: UnsafeMutableRawPointer?
        let flow = unsafe inside(slot, frame, "filter open") {
            unsafe open(
                slot.pointee.plugin,
                UnsafeMutableRawPointer(bitPattern: UInt(configuration)),
                call.id,
                &told,
                &context
            )
        }
        call.context = UInt64(UInt(bitPattern: context))
        return FilterFlow(rawValue: flow)
    }

    /// [worker] The piece of content that was added to the frame.
    package func body(
        _ call: FilterCall,
        _ side: FilterSide,
        isLast: Bool,
        _ frame: FilterFrame
    ) -> FilterFlow? {
        let slot = unsafe slot(call.slot)
        guard let body = unsafe slot.pointee.operations.body else { return .go }
        let flow = unsafe inside(slot, frame, "filter body") {
            unsafe body(
                slot.pointee.plugin,
                call.pointer,
                call.id,
                UInt32(side.rawValue),
                frame.block.pointee.chunks,
                frame.block.pointee.chunkCount,
                isLast ? UInt32(SLUICE_END) : 0
            )
        }
        return FilterFlow(rawValue: flow)
    }

    /// [worker] The response's head.
    package func response(
        _ call: FilterCall,
        status: Int,
        _ head: FilterHead,
        isEnd: Bool,
        _ frame: FilterFrame
    ) -> FilterFlow? {
        let slot = unsafe slot(call.slot)
        guard let response = unsafe slot.pointee.operations.response else { return .go }
        let headers = unsafe frame.headers(head, .response)
        let flow = unsafe inside(slot, frame, "filter response") {
            unsafe response(
                slot.pointee.plugin,
                call.pointer,
                call.id,
                Int32(truncatingIfNeeded: status),
                headers,
                isEnd ? UInt32(SLUICE_END) : 0
            )
        }
        return FilterFlow(rawValue: flow)
    }

    /// [worker] The trailer section of a side.
    package func trailers(
        _ call: FilterCall,
        _ side: FilterSide,
        _ head: FilterHead,
        _ frame: FilterFrame
    ) -> FilterFlow? {
        let slot = unsafe slot(call.slot)
        guard let trailers = unsafe slot.pointee.operations.trailers else { return .go }
        let headers = unsafe frame.headers(head, .response)
        let flow = unsafe inside(slot, frame, "filter trailers") {
            unsafe trailers(
                slot.pointee.plugin,
                call.pointer,
                call.id,
                UInt32(side.rawValue),
                headers
            )
        }
        return FilterFlow(rawValue: flow)
    }

    /// [worker] The last call for an exchange; its identity is stale from here on.
    package func close(_ call: FilterCall, _ facts: ExchangeFacts, _ frame: FilterFrame) {
        let slot = unsafe slot(call.slot)
        Services.process.exchanges.close(call.id)
        if let close = unsafe slot.pointee.operations.close {
            var told = unsafe facts.told
            unsafe inside(slot, frame, "filter close") {
                unsafe close(slot.pointee.plugin, call.pointer, call.id, &told)
            }
        }
        unsafe slot.pointee.open.add(-1)
    }

    /// Runs code of the plugin, and names one that holds its worker for too long.
    private func inside<Result>(
        _ slot: UnsafeMutablePointer<FilterSlot>,
        _ frame: FilterFrame,
        _ step: StaticString,
        _ body: () -> Result
    ) -> Result {
        let start = Clock.now()
        let store = Services.process.store(worker: RequestID.worker(unsafe frame.block.pointee.id))
        let result = unsafe store.inside(slot.pointee.instance, step, body)
        let end = Clock.now()
        if unsafe end &- start > slot.pointee.budgetNanoseconds {
            unsafe report(slot, step, end &- start, end)
        }
        return result
    }

    private func report(
        _ slot: UnsafeMutablePointer<FilterSlot>,
        _ step: StaticString,
        _ duration: UInt64,
        _ now: UInt64
    ) {
        let last = unsafe slot.pointee.reported.value
        guard now &- last > Self.reportInterval,
            unsafe slot.pointee.reported.exchange(now, ifEqual: last)
        else { return }
        let instance = Entered.name(unsafe slot.pointee.instance)
        Log.warn("plugin \(instance) held a worker for \(duration / 1_000) µs in \(step)")
    }

    /// Nanoseconds between two reports about one instance's filter.
    private static let reportInterval = 10 * Clock.nanosecondsPerSecond

    /// [worker] Says that a filter does what it must not.
    package func complain(_ slot: UInt16, _ text: StaticString) {
        Log.warn("plugin \(Entered.name(unsafe self.slot(slot).pointee.instance)) \(text)")
    }
}

extension Bytes {
    /// Absent when there is nothing.
    fileprivate var shownSpan: sluice_span { unsafe isEmpty ? sluice_span() : span }
}

extension ServiceRequest {
    /// The request as a plugin reads it, without headers: views of the worker's own memory.
    fileprivate var told: sluice_request {
        var told = unsafe sluice_request()
        unsafe told.size = unsafe UInt32(MemoryLayout<sluice_request>.size)
        unsafe told.method = method
        unsafe told.method_name = methodName.span
        unsafe told.scheme = scheme.span
        unsafe told.authority = authority.span
        unsafe told.path = path.span
        unsafe told.suffix = path.span
        if let query { unsafe told.query = query.span }
        unsafe told.peer = peer.span
        unsafe told.route = route.span
        unsafe told.content_length = contentLength
        unsafe told.http_version = httpVersion
        unsafe told.sni = serverName.shownSpan
        unsafe told.client_cert = identity.shownSpan
        unsafe told.request_id = requestID.shownSpan
        unsafe told.trace_parent = traceParent.shownSpan
        unsafe told.flags = flags.rawValue
        unsafe told.arrived_ns = arrivedNanoseconds
        unsafe told.deadline_ns = deadlineNanoseconds
        return unsafe told
    }
}

extension ExchangeFacts {
    /// The exchange as a plugin reads it.
    fileprivate var told: sluice_exchange {
        var told = unsafe sluice_exchange()
        unsafe told.size = unsafe UInt32(MemoryLayout<sluice_exchange>.size)
        unsafe told.status = Int32(truncatingIfNeeded: status)
        unsafe told.close = close.rawValue
        unsafe told.rx_bytes = receivedBytes
        unsafe told.tx_bytes = sentBytes
        unsafe told.first_byte_ns = firstByteNanoseconds
        unsafe told.total_ns = totalNanoseconds
        return unsafe told
    }
}
