internal import SluiceBase
internal import SluiceConfig
internal import SluiceTelemetry

/// Chooses whom to cut off when memory is all but gone: who holds most for longest without
/// progress, summed by client address.
///
/// A reader that makes progress is never cut. The thresholds are those of `Buffers`: when it is
/// scarce, nothing is read ahead of a slow reader; when it is critical, new work is refused and
/// this type decides.
struct Pressure: ~Copyable {
    /// A peer that moved something so short a time ago makes progress.
    static let progressNanoseconds: UInt64 = Clock.nanosecondsPerSecond / 2
    /// Exchanges that one turn cuts off at most.
    static let cutsMax = 8
    /// Places for sums by address; a power of two.
    ///
    /// Addresses that share one are summed together.
    static let placesMax = 1_024

    /// When readers are looked at next.
    var observesAt: UInt64 = 0
    var relievedAt: UInt64 = 0
    private let weights = Table<UInt64>(repeating: 0, count: Pressure.placesMax)

    func clear() { for place in 0..<Pressure.placesMax { weights[place] = 0 } }

    func add(_ weight: UInt64, _ place: Int) {
        weights[place] = weights[place].addingReportingOverflow(weight).partialValue
    }

    func sum(_ place: Int) -> UInt64 { weights[place] }

    static func place(of peer: PeerAddress) -> Int {
        let mixed = (peer.high ^ peer.low) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed >> 54)
    }
}

extension Worker where P: ~Copyable {
    /// Looks how far readers have come, and cuts off those who hold the memory without progress.
    mutating func relieve() {
        // Once a turn: it looks at every channel.
        guard now != pressure.relievedAt else { return }
        pressure.relievedAt = now
        if now >= pressure.observesAt { observeReaders() }
        guard buffers.isCritical else { return }
        for _ in 0..<Pressure.cutsMax where !buffers.isRelieved {
            let worst = worstHolder()
            guard !worst.isNone else { return }
            counters.bump(.shedMemory)
            cut(worst)
        }
    }

    /// Asks the kernel how far each reader has come: a long send completes as a whole, however
    /// steadily it is read.
    private mutating func observeReaders() {
        pressure.observesAt = now &+ Pressure.progressNanoseconds / 4
        for number in 0..<Int32(channels.capacity) {
            let c = ChannelSlot(number: number)
            guard channels.isTaken(c), channels[c].inFlight > 0 else { continue }
            let count = port.acknowledged(channels[c].descriptor)
            // The first answer is nothing to compare with.
            if channels[c].acknowledged != 0, channels[c].acknowledged != count {
                channels[c].movedAt = now
            }
            channels[c].acknowledged = count
        }
    }

    /// The downstream channel of the exchange to end; `.none` when all make progress.
    private mutating func worstHolder() -> ChannelSlot {
        pressure.clear()
        for number in 0..<Int32(channels.capacity) {
            let c = ChannelSlot(number: number)
            let weight = weight(of: c)
            if weight > 0 { pressure.add(weight, Pressure.place(of: sessions[c.index].peer)) }
        }
        var worst = ChannelSlot.none
        var most: (sum: UInt64, weight: UInt64) = (0, 0)
        for number in 0..<Int32(channels.capacity) {
            let c = ChannelSlot(number: number)
            let weight = weight(of: c)
            guard weight > 0 else { continue }
            let sum = pressure.sum(Pressure.place(of: sessions[c.index].peer))
            if (sum, weight) > most {
                most = (sum, weight)
                worst = c
            }
        }
        return worst
    }

    /// Bytes of memory that a client holds, times milliseconds without progress; 0 when
    /// it makes progress.
    private func weight(of c: ChannelSlot) -> UInt64 {
        guard channels.isTaken(c), !channels[c].isUpstream, !channels[c].isClosing else { return 0 }
        var memory = channels[c].input.memory &+ channels[c].output.memory
        let s = sessions[c.index].stream
        // Without an exchange: part of a head or of a handshake.
        guard !s.isNone else { return weight(memory, since: channels[c].receivedAt) }
        var stuck = c
        memory &+= streams[s].receiving.queue.memory &+ streams[s].arriving.queue.memory
        memory &+= heldByFilters(streams[s].exchange)
        let u = peer(of: c)
        if !u.isNone {
            memory &+= channels[u].input.memory &+ channels[u].output.memory
            if channels[u].output.memory > channels[c].output.memory { stuck = u }
        }
        let active =
            channels[stuck].output.isEmpty
            ? max(channels[stuck].movedAt, channels[stuck].receivedAt) : channels[stuck].movedAt
        return weight(memory, since: active)
    }

    private func weight(_ memory: Int, since active: UInt64) -> UInt64 {
        let idle = now &- active
        guard memory > 0, idle > Pressure.progressNanoseconds else { return 0 }
        return UInt64(memory) &* (idle / Clock.nanosecondsPerMillisecond)
    }

    private mutating func cut(_ c: ChannelSlot) {
        let s = sessions[c.index].stream
        if s.isNone { close(c, resets: true) } else { abandon(streams[s].exchange, .overload) }
    }
}
