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
        let deadline = desk.drainDeadline.acquire()
        if deadline != 0 { beginDrain(deadline) }
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
    mutating func adopt() {
        guard let (number, installation) = desk.installed.read(unless: routingNumber) else {
            return
        }
        routingNumber = number
        routing = installation.view
        adoptEndpoints()
        balancer.adopt(poolCount: routing.poolCount)
        adoptListeners(installation)
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

    private mutating func adoptListeners(_ installation: Installation) {
        guard !isDraining else { return }
        for binding in 0..<listening.count {
            let offered = installation.socket(binding, index)
            let held = listening[binding]
            offeredSockets[binding] = offered
            if offered >= 0, held.descriptor < 0 {
                listen(binding)
            } else if held.descriptor >= 0, offered != held.descriptor {
                retireListening(binding)
                closeIdle(binding: Int32(binding))
            }
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
        isDraining = true
        for binding in 0..<listening.count { retireListening(binding) }
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
