/// What a simulated kernel may do beyond the kindest reading of the contract of `Port`.
///
/// Each of them is something that Linux does. Numbers are always used again at once, and
/// completions of different operations always come in any order.
package struct Hostility: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// What an operation did is seen by the peer before the host hears of it: a reply or an end of
    /// stream may come before the completion of the send that caused it.
    package static let lateCompletions = Hostility(rawValue: 1 << 0)
    /// Bytes come one by one for a while.
    package static let oneByteReceives = Hostility(rawValue: 1 << 1)
    /// Receives bring less than there is.
    package static let shortReceives = Hostility(rawValue: 1 << 2)
    /// Sends end before all is sent; patient ones before anything is.
    package static let partialSends = Hostility(rawValue: 1 << 3)
    /// Accepts and receives end for no reason.
    package static let shotsEnd = Hostility(rawValue: 1 << 4)
    /// Accepts fail with EMFILE now and then.
    package static let acceptsFail = Hostility(rawValue: 1 << 5)
    /// The peer learns of a finish or a close some time after it was done.
    package static let lateEnds = Hostility(rawValue: 1 << 6)
    /// A close with unread bytes resets the connection (RFC 2525 section 2.17).
    package static let unreadResets = Hostility(rawValue: 1 << 7)
    /// Sockets hold little that the peer has not read.
    package static let tightSockets = Hostility(rawValue: 1 << 8)
    /// Cancellations come too late now and then.
    package static let lostRaces = Hostility(rawValue: 1 << 9)
    /// No descriptor is left for `openSocket` now and then.
    package static let descriptorsRunOut = Hostility(rawValue: 1 << 10)

    package static let all = Hostility(rawValue: (1 << 11) - 1)

    /// What a run draws: all for one in four, else each by chance.
    package static func drawn(_ random: inout SeededRandom) -> Hostility {
        if random.oneIn(4) { return all }
        return Hostility(rawValue: UInt16(truncatingIfNeeded: random.next())).intersection(all)
    }

    /// Every one of them alone, for tests.
    package static let each: [Hostility] = (0..<11).map { Hostility(rawValue: 1 << $0) }
}

/// Results of failed operations, negated as completions have them.
package enum SimulatedErrno {
    package static let again: Int32 = -11
    package static let descriptors: Int32 = -24
    package static let pipe: Int32 = -32
    package static let noSuchOperation: Int32 = -2
    package static let timer: Int32 = -62
    package static let reset: Int32 = -104
    package static let buffers: Int32 = -105
    package static let refused: Int32 = -111
    package static let cancelled: Int32 = -125
}
