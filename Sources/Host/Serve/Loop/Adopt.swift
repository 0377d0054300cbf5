internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting
internal import SluiceTLS
internal import SluiceTelemetry
internal import SluiceUpstreams

// Adopt: what reaches a worker from other threads, once a turn.
extension Worker where P: ~Copyable {
    mutating func onWake(_ completion: Completion) {
        desk.inbox.clearWake()
        if !completion.more { watchInbox() }
        adoptDrain()
    }

    mutating func watchInbox() {
        port.watch(desk.inbox.wakeDescriptor, token: Token.make(.wake))
    }

    /// Takes the answers that lanes have posted, and the ends of services.
    mutating func readInbox() {
        var batch = desk.inbox.drain()
        while let message = batch.next() {
            if let answer = Answer(message) {
                take(answer)
            } else if let message = FilterMessage(message) {
                take(message)
            } else if let end = ServiceEnd(message) {
                endService(end.take())
            } else {
                preconditionFailure("only answers and ends are posted to a worker")
            }
        }
    }

    /// Routes by what is installed now; an exchange under way keeps the decision it has.
    mutating func adopt() {
        // Asked first: a socket is handed over behind the routes that it needs.
        let hasSockets = desk.sockets.changed(since: &socketsSeen)
        adoptRouting()
        if hasSockets { adoptSockets() }
    }

    /// Takes over the keys of session tickets.
    mutating func adoptTickets() {
        guard let keys = desk.tickets.read(unless: &contexts.ticketsSeen) else { return }
        contexts.tickets.replace(with: keys)
    }

    private mutating func adoptRouting() {
        guard
            let (number, installation) = desk.installed.read(
                unless: routingNumber,
                hazard: desk.reading
            )
        else { return }
        routingNumber = number
        routing = installation.view
        contexts.adopt(routing)
        for binding in 0..<listening.count where listening[binding].descriptor >= 0 {
            noteProtocol(binding)
        }
        adoptTickets()
        adoptEndpoints()
        balancer.adopt(poolCount: routing.poolCount)
        staleExchanges = routedExchanges
        counters.set(.generation, number)
        desk.adopted.release(number)
        if staleExchanges == 0 { desk.settled.release(number) }
        desk.control.wake()
    }

    private mutating func adoptEndpoints() {
        endpoints.grow(to: routing.endpointSlotCount)
        for slot in 0..<endpoints.slotCount {
            let number = UInt32(truncatingIfNeeded: slot)
            let used = slot < routing.endpointSlotCount
            let generation = used ? routing.endpoint(number).generation : 0
            var idle = endpoints.adopt(slot: number, generation: generation)
            while idle >= 0 {
                let next = endpoints.detach(idle)
                close(ChannelSlot(number: idle))
                idle = next
            }
        }
    }

    /// Takes over listening sockets, and closes idle connections of sockets that are gone for good.
    private mutating func adoptSockets() {
        for binding in 0..<listening.count {
            switch desk.sockets.take(binding) {
            case .none: break
            case .listen(let descriptor):
                if drain == .closing {
                    port.close(descriptor, resets: false)
                } else {
                    listen(binding, on: descriptor)
                }
            case .retire:
                retireListening(binding)
                closeIdle(binding: Int32(truncatingIfNeeded: binding))
            }
        }
    }

    /// Closes idle connections: all of them, or those of a binding that no address serves now.
    private mutating func closeIdle(binding: Int32?) {
        for number in 0..<Int32(channels.capacity) {
            let c = ChannelSlot(number: number)
            guard channels.isTaken(c), !channels[c].isUpstream, !channels[c].isClosing,
                isIdle(c)
            else { continue }
            if let binding {
                guard sessions[c.index].binding == binding, !isServed(c) else { continue }
            }
            // A request may be on its way: it is still answered.
            wait(c, .keepAlive, Worker.farewellNanoseconds)
        }
    }

    /// Whether nothing of a request has come, nor of a handshake.
    private func isIdle(_ c: ChannelSlot) -> Bool {
        let stage = sessions[c.index].stage
        return stage == .idle || stage == .hello && channels[c].input.isEmpty
    }

    /// How long an idle connection that must end may still bring a request.
    static var farewellNanoseconds: UInt64 { Clock.nanosecondsPerSecond / 4 }

    /// Whether replies of the channel say that it ends: the host drains, or its socket is gone.
    mutating func isEnding(_ c: ChannelSlot) -> Bool { drain != .none || !isServed(c) }

    /// Whether somebody still listens where the channel was accepted.
    mutating func isServed(_ c: ChannelSlot) -> Bool { binding(of: c) >= 0 }

    // MARK: drain

    private mutating func adoptDrain() {
        let phase = desk.phase
        if phase == .closing { drainDeadline = desk.drainDeadline.acquire() }
        guard phase != drain else { return }
        drain = phase
        guard phase == .closing else { return }
        for binding in 0..<listening.count { retireListening(binding) }
        closeIdle(binding: nil)
    }

    mutating func checkDrained() {
        if now >= drainDeadline { giveUp() }
        // What was cut off closes as it should: the end of the process would look like its end.
        let last = Clock.after(Worker.closingNanoseconds, from: drainDeadline)
        guard downstreamCount == 0 || now >= last else { return }
        isStopped = true
    }

    /// How long connections may take to close that the deadline has cut off.
    private static var closingNanoseconds: UInt64 { Clock.nanosecondsPerSecond / 10 }

    /// The deadline has come: what is left is cut off.
    private mutating func giveUp() {
        for number in 0..<Int32(exchanges.capacity) {
            let e = ExchangeSlot(number: number)
            if exchanges.isTaken(e) { abandon(e, .shutdown) }
        }
    }
}

/// What a worker holds at one moment; all zero when nothing is under way.
package struct WorkerUse: Sendable, Equatable {
    package let channels: Int
    package let streams: Int
    package let exchanges: Int
    package let legs: Int
    /// Filters of exchanges, from `open` to `close`.
    package let filters: Int
    /// Small and large buffers.
    package let buffers: Int
    /// Receive buffers that the port has handed over and not got back.
    package let lent: Int
    package let pieces: Int
    /// Channels with state of TLS.
    package let secured: Int

    /// Nothing is under way.
    package var isNone: Bool {
        channels == 0 && streams == 0 && exchanges == 0 && legs == 0 && filters == 0
            && buffers == 0 && lent == 0 && pieces == 0 && secured == 0
    }
}

extension Worker where P: ~Copyable {
    /// [worker] What is in use.
    package var use: WorkerUse {
        WorkerUse(
            channels: channels.used,
            streams: streams.used,
            exchanges: exchanges.used,
            legs: legs.used,
            filters: filterStreams.used + filterings.used,
            buffers: buffers.taken,
            lent: buffers.lentCount,
            pieces: buffers.pieces.used,
            secured: (0..<security.count).count { security[$0].connection != nil }
        )
    }
}
