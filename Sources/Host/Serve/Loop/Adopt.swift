internal import SluiceBase
internal import SluiceExtensions
internal import SluiceRouting
internal import SluiceTelemetry
internal import SluiceUpstreams

// adopt: what reaches a worker from other threads, once a turn.
extension Worker where P: ~Copyable {
    mutating func onWake(_ completion: Completion) {
        desk.inbox.clearWake()
        if !completion.more {
            port.watch(desk.inbox.wakeDescriptor, token: Token.make(.wake, 0, 0))
        }
        switch desk.phase {
        case .none: break
        case .notice: isClosing = true
        case .closing: beginDrain(desk.drainDeadline.acquire())
        }
    }

    /// Takes the answers that lanes have posted.
    mutating func readInbox() {
        var batch = desk.inbox.drain()
        while let message = batch.next() {
            guard let answer = Answer(message) else {
                preconditionFailure("only answers are posted to a worker")
            }
            take(answer)
        }
    }

    /// Routes by what is installed now; an exchange under way keeps the decision it has.
    ///
    /// Sockets come after the snapshot that serves them.
    mutating func adopt() {
        let hasOrders = desk.sockets.changed(since: &socketsVersion)
        adoptRouting()
        guard hasOrders else { return }
        for binding in 0..<SocketOffers.bindingsMax { obey(binding) }
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
        adoptEndpoints()
        balancer.adopt(poolCount: routing.poolCount)
        staleExchanges = exchanges.used
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
                drop(Int(idle))
                idle = next
            }
        }
    }

    private mutating func obey(_ binding: Int) {
        switch desk.sockets.take(binding) {
        case .none: break
        case .listen(let descriptor) where isDraining:
            port.close(descriptor, token: Token.make(.settle, 0, 0))
        case .listen(let descriptor):
            if nextSockets[binding] >= 0 {
                port.close(nextSockets[binding], token: Token.make(.settle, 0, 0))
            }
            nextSockets[binding] = descriptor
            if listening[binding].descriptor < 0 {
                listen(binding)
            } else {
                retireListening(binding)
            }
        case .retire:
            if nextSockets[binding] >= 0 {
                port.close(nextSockets[binding], token: Token.make(.settle, 0, 0))
                nextSockets[binding] = -1
            }
            retireListening(binding)
            closeIdle(binding: Int32(binding))
        }
    }

    /// Connections of a removed listener end as soon as they carry nothing.
    private mutating func closeIdle(binding: Int32?) {
        for slot in 0..<connections.capacity
        where connections.isTaken(slot) && !connections[slot].isUpstream
            && connections[slot].phase == .idle
            && (binding == nil || connections[slot].origin == binding)
        {
            drop(slot)
        }
    }

    /// One exchange fewer of an older generation.
    mutating func settleStale() {
        staleExchanges -= 1
        guard staleExchanges == 0 else { return }
        desk.settled.release(routingNumber)
        desk.control.wake()
    }

    /// Accepts no more, closes what is idle, and lets the rest finish.
    private mutating func beginDrain(_ deadline: UInt64) {
        drainDeadline = min(drainDeadline, deadline)
        guard !isDraining else { return }
        isClosing = true
        isDraining = true
        for binding in 0..<listening.count {
            if nextSockets[binding] >= 0 {
                port.close(nextSockets[binding], token: Token.make(.settle, 0, 0))
                nextSockets[binding] = -1
            }
            retireListening(binding)
        }
        closeIdle(binding: nil)
    }

    mutating func checkDrained() {
        if now >= drainDeadline { giveUp() }
        guard downstreamCount == 0 || now >= drainDeadline else { return }
        isStopped = true
    }

    /// The deadline has come: what is left is cut off.
    private mutating func giveUp() {
        for index in 0..<exchanges.capacity where exchanges.isTaken(index) {
            abandon(index, .shutdown)
        }
    }
}
