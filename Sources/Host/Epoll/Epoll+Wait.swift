internal import CLinux
package import SluiceBase

// wait: carry out, look at the kernel, carry out what that made possible.
extension Epoll {
    /// Carries out what was noted and waits for completions; the number that are ready.
    ///
    /// It waits for `least` of them, or for at most `nanoseconds` (to the next millisecond) when
    /// that is not 0. Throws when the kernel refuses the instance.
    package mutating func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int {
        work()
        // What can be answered is answered first, but not twice without looking for news.
        if hasEnough(least), !hasSkipped {
            hasSkipped = true
            return completions.count
        }
        hasSkipped = false
        let limit = nanoseconds == 0 ? Clock.never : Clock.now() &+ nanoseconds
        while true {
            let isIdle = !hasEnough(least) && descriptors.waiting == 0
            try look(until: isIdle ? limit : 0)
            work()
            if hasEnough(least) { break }
            if limit != Clock.never, Clock.now() >= limit { break }
        }
        return completions.count
    }

    private func hasEnough(_ least: UInt32) -> Bool {
        completions.count &- patient >= least || completions.room < Self.completionsPerStep
    }

    /// The completion `place` after the oldest one; `place` is below what `wait` answered.
    package func completion(_ place: Int) -> Completion { completions[place] }

    /// Forgets the oldest `count` completions.
    ///
    /// They are all that `wait` has shown.
    package mutating func advance(_ count: Int) {
        completions.removeFirst(count)
        patient = 0
    }

    /// Gives a receive buffer back.
    package mutating func recycle(_ buffer: Int32) { buffers.give(buffer) }

    /// One step for each descriptor in line, while there is room for what a step may bring.
    private mutating func work() {
        var turns = descriptors.waiting
        while turns > 0, completions.room >= Self.completionsPerStep {
            step(descriptors.takeFirst())
            turns &-= 1
        }
    }

    /// Learns what has become possible, waiting for it until `limit` or the timer; 0: not at all.
    private mutating func look(until limit: UInt64) throws(Errno) {
        let found = unsafe clinux_epoll_wait(
            instance,
            events,
            Int32(Self.eventsPerLook),
            Self.milliseconds(until: min(limit, timer))
        )
        guard found >= 0 else { throw Errno(-found) }
        for place in 0..<Int(found) {
            let news = unsafe events[place]
            note(news.fd, news.what)
        }
        if timer != Clock.never, Clock.now() >= timer, completions.room > 0 {
            timer = Clock.never
            completions.append(Completion(token: timerToken, result: -ETIME))
        }
    }

    private mutating func note(_ descriptor: Int32, _ what: UInt32) {
        if what & CLINUX_READABLE != 0 {
            descriptors[descriptor].state.insert(.readable)
            if descriptors[descriptor].isReading { descriptors.lineUp(descriptor) }
        }
        if what & CLINUX_WRITABLE != 0 {
            descriptors[descriptor].state.remove(.blocked)
            if descriptors[descriptor].isWriting { descriptors.lineUp(descriptor) }
        }
        if what & CLINUX_ENDED != 0 { descriptors[descriptor].state.insert(.ended) }
    }

    /// From now to `limit` as epoll_wait(2) counts: rounded up, so that it is not early; -1: for
    /// ever.
    private static func milliseconds(until limit: UInt64) -> Int32 {
        guard limit != Clock.never else { return -1 }
        guard limit > 0 else { return 0 }
        let now = Clock.now()
        guard limit > now else { return 0 }
        let unit = Clock.nanosecondsPerMillisecond
        return Int32(clamping: (limit &- now &+ unit &- 1) / unit)
    }
}

// step: what can be done now on one descriptor, in the order of submission of a worker.
extension Epoll {
    mutating func step(_ descriptor: Int32) {
        settleCancelled(descriptor)
        if descriptors[descriptor].state.contains(.connects) { connect(descriptor) }
        register(descriptor)
        if descriptors[descriptor].state.contains(.sends) { send(descriptor) }
        if descriptors[descriptor].hasMore { read(descriptor) }
        if descriptors[descriptor].hasMore { descriptors.lineUp(descriptor) }
    }

    /// Registers a descriptor from the first operation on that may have to wait.
    private mutating func register(_ descriptor: Int32) {
        let entry = descriptors[descriptor]
        guard !entry.state.contains(.registered), entry.isReading || entry.isWriting else {
            return
        }
        let isStream = entry.state.isDisjoint(with: [.accepts, .watches])
        let status = clinux_epoll_add(instance, descriptor, isStream ? 1 : 0)
        if status == 0 {
            descriptors[descriptor].state.insert(.registered)
        } else {
            if entry.isReading { endRead(descriptor, status) }
            if entry.isWriting { endWrite(descriptor, status) }
        }
    }

    private mutating func settleCancelled(_ descriptor: Int32) {
        if descriptors[descriptor].state.contains(.cancelsRead) {
            endRead(descriptor, -ECANCELED)
        }
        if descriptors[descriptor].state.contains(.cancelsWrite) { cancelWrite(descriptor) }
    }
}
