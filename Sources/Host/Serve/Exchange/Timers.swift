internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting
internal import SluiceTelemetry

// Timers: each carries its cause. A channel has one, for what it waits for; an exchange has one for
// the whole; a leg has one for the origin's next word.
extension Worker where P: ~Copyable {
    func timer(_ c: ChannelSlot) -> TimerNumber { TimerNumber(number: c.number) }

    func timer(_ e: ExchangeSlot) -> TimerNumber {
        TimerNumber(number: Int32(channels.capacity) &+ e.number)
    }

    func timer(_ l: LegSlot) -> TimerNumber {
        TimerNumber(number: Int32(channels.capacity &+ exchanges.capacity) &+ l.number)
    }

    /// `nanoseconds` from now; a time that never ends stays one.
    @inline(__always)
    func after(_ nanoseconds: UInt64) -> UInt64 {
        Clock.after(nanoseconds, from: now)
    }

    /// Waits on a channel for `nanoseconds` at most.
    mutating func wait(_ c: ChannelSlot, _ cause: Channel.Wait, _ nanoseconds: UInt64) {
        channels[c].wait = cause
        deadlines.set(after(nanoseconds), timer(c))
    }

    mutating func endWait(_ c: ChannelSlot) {
        channels[c].wait = .none
        deadlines.clear(timer(c))
    }

    /// Sets what a channel with a message under way waits for: room to send, then more of a body,
    /// then the reply for a client that has ended its stream.
    mutating func watch(_ c: ChannelSlot) {
        guard sessions[c.index].stage == .message else { return watchLastReply(c) }
        if isSending(c) {
            // In a tunnel only silence counts: its exchange has the timer.
            guard !isRaw(c) else { return endWait(c) }
            return sample(c, .write, writeStall)
        }
        guard sessions[c.index].kind == .server else { return endWait(c) }
        let e = streams[sessions[c.index].stream].exchange
        if awaitsBody(c, e) {
            if channels[c].wait != .body { channels[c].progress.begin(now) }
            return sample(c, .body, bodyIdle)
        }
        if exchanges[e].isHalfClosed {
            return wait(c, .halfClosed, exchanges[e].listener.halfClosedNanoseconds)
        }
        if channels[c].isDeferred { return wait(c, .deferred, Worker.deferralNanoseconds) }
        endWait(c)
    }

    /// Whether the bytes of a channel are framed by nobody.
    private func isRaw(_ c: ChannelSlot) -> Bool {
        guard sessions[c.index].kind != .tunnel else { return true }
        let s = sessions[c.index].stream
        return !s.isNone && exchanges[streams[s].exchange].isUpgraded
    }

    private mutating func watchLastReply(_ c: ChannelSlot) {
        if sessions[c.index].stage == .refused, isSending(c) { sample(c, .write, writeStall) }
    }

    /// Whether output is with the kernel, or waits for memory to be encrypted.
    private func isSending(_ c: ChannelSlot) -> Bool {
        channels[c].inFlight > 0 || security[c.index].isWaiting
    }

    /// Waits until the peer's progress is looked at next.
    private mutating func sample(_ c: ChannelSlot, _ cause: Channel.Wait, _ limit: UInt64) {
        channels[c].wait = cause
        let interval = limit / Progress.intervals
        deadlines.set(Clock.after(interval, from: channels[c].progress.sampledAt), timer(c))
    }

    /// Whether it is the client's turn: a body is not whole, and we read.
    private func awaitsBody(_ c: ChannelSlot, _ e: ExchangeSlot) -> Bool {
        !sessions[c.index].incoming.isDone && !exchanges[e].awaitsContinue
            && channels[c].wantsReceive && !exchanges[e].isUpgraded
    }

    /// How long a receive may be put off.
    private static var deferralNanoseconds: UInt64 { 50 * Clock.nanosecondsPerMillisecond }

    private var writeStall: UInt64 { Limits.span(limits.writeStallNanoseconds) }
    private var bodyIdle: UInt64 { Limits.span(limits.bodyIdleNanoseconds) }

    /// Sets how long the origin may be silent: before its reply once it has the request, and
    /// between two pieces of it while we read.
    mutating func watch(_ l: LegSlot) {
        let e = legs[l].exchange
        guard !isReplyHeld(e) else { return deadlines.clear(timer(l)) }
        var deadline = legs[l].deadline
        if exchanges[e].hasReplied {
            let u = streams[legs[l].stream].channel
            if channels[u].wantsReceive {
                deadline = min(deadline, after(Limits.span(limits.replyIdleNanoseconds)))
            }
        } else if legs[l].isRequestSent || exchanges[e].awaitsContinue {
            deadline = min(deadline, after(Limits.span(limits.firstByteTimeoutNanoseconds)))
        }
        deadlines.set(deadline, timer(l))
    }

    /// Looks at the deadlines that have passed.
    mutating func expire() {
        while true {
            let timer = deadlines.next(now)
            guard !timer.isNone else { return }
            let number = timer.index
            if number < channels.capacity {
                onDeadline(ChannelSlot(number: timer.number))
            } else if number < channels.capacity &+ exchanges.capacity {
                onDeadline(ExchangeSlot(number: timer.number &- Int32(channels.capacity)))
            } else {
                let first = Int32(channels.capacity &+ exchanges.capacity)
                onDeadline(LegSlot(number: timer.number &- first))
            }
        }
    }

    private mutating func onDeadline(_ c: ChannelSlot) {
        switch channels[c].wait {
        case .none:
            break
        case .proxyHeader:
            counters.bump(.proxyHeaderTimeouts)
            close(c)
        case .handshake:
            counters.bump(.handshakeTimeouts)
            close(c)
        case .head:
            counters.bump(.headerTimeouts)
            refuse(c, .headTimeout)
        case .keepAlive:
            counters.bump(.keepAliveTimeouts)
            close(c)
        case .body:
            onBodyDeadline(c)
        case .write:
            onWriteDeadline(c)
        case .deferred:
            resumeReceive(c)
            watch(c)
        case .halfClosed:
            counters.bump(.halfClosedTimeouts)
            abandon(streams[sessions[c.index].stream].exchange, .client)
        case .linger:
            counters.bump(.lingerTimeouts)
            close(c)
        case .connect:
            counters.bump(.connectTimeouts)
            legFailed(streams[sessions[c.index].stream].leg, .connectTimeout)
        case .kept:
            close(c)
        }
    }

    private mutating func onBodyDeadline(_ c: ChannelSlot) {
        let e = streams[sessions[c.index].stream].exchange
        let hasStalled = channels[c].progress.hasStalled(
            channels[c].receivedBytes,
            now,
            limit: bodyIdle,
            rateMin: UInt64(limits.dataRateMin)
        )
        guard hasStalled else { return watch(c) }
        let isSilent = now &- channels[c].receivedAt >= bodyIdle
        counters.bump(isSilent ? .bodyTimeouts : .dataRateTimeouts)
        fail(e, .bodyTimeout)
    }

    private mutating func onWriteDeadline(_ c: ChannelSlot) {
        let hasStalled = channels[c].progress.hasStalled(
            port.acknowledged(channels[c].descriptor),
            now,
            limit: writeStall,
            rateMin: UInt64(limits.dataRateMin)
        )
        guard hasStalled else { return watch(c) }
        counters.bump(.writeTimeouts)
        let s = sessions[c.index].stream
        if s.isNone {
            close(c, resets: true)
        } else if channels[c].isUpstream {
            legFailed(streams[s].leg, .upstreamTimeout)
        } else {
            abandon(streams[s].exchange, .client)
        }
    }

    private mutating func onDeadline(_ e: ExchangeSlot) {
        if exchanges[e].stage == .tunnel {
            counters.bump(.tunnelIdleTimeouts)
            return endTunnel(e, .timeout)
        }
        counters.bump(.requestTimeouts)
        guard !isHoldOver(e) else { return failFilters(e, .serviceTimeout) }
        let l = exchanges[e].leg
        let isService = !l.isNone && legs[l].call != nil
        fail(e, isService ? .serviceTimeout : .requestTimeout)
    }

    private mutating func onDeadline(_ l: LegSlot) {
        let e = legs[l].exchange
        if legs[l].isService {
            counters.bump(.requestTimeouts)
            return fail(e, .serviceTimeout)
        }
        if exchanges[e].hasReplied {
            counters.bump(.replyIdleTimeouts)
            legFailed(l, .replyIdle)
        } else {
            counters.bump(.firstByteTimeouts)
            legFailed(l, .upstreamTimeout)
        }
    }
}
