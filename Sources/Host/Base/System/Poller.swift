internal import Glibc

/// poll(2) over a handful of descriptors, for loops that are not workers.
package struct Poller: ~Copyable {
    private var entries: [pollfd] = []

    /// Nothing is watched yet.
    package init() {}

    /// Forgets every descriptor.
    package mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    /// Watches a descriptor during the next wait; returns its place.
    @discardableResult
    package mutating func add(_ descriptor: Int32, reads: Bool, writes: Bool) -> Int {
        let events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0)
        entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        return entries.count - 1
    }

    /// Waits until a descriptor is ready or `milliseconds` have passed; -1 waits for ever.
    package mutating func wait(milliseconds: Int32) {
        let count = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
        guard count < 0 else { return }
        // An interrupted wait leaves old answers behind.
        for index in entries.indices { entries[index].revents = 0 }
    }

    /// Whether the descriptor at `place` may be read, or has ended or failed.
    package func canRead(_ place: Int) -> Bool {
        Int32(entries[place].revents) & (POLLIN | POLLHUP | POLLERR | POLLNVAL) != 0
    }

    /// Whether the descriptor at `place` may be written, or has failed.
    package func canWrite(_ place: Int) -> Bool {
        Int32(entries[place].revents) & (POLLOUT | POLLHUP | POLLERR | POLLNVAL) != 0
    }
}
