internal import SluiceBase

/// When to look after which transfer next: a binary heap, in which each transfer is at most once.
///
/// A transfer whose deadline moves away keeps its place and is looked after too early, which costs
/// one look; only a nearer deadline moves it. So the pieces of a stream cost nothing here.
struct DeadlineHeap: ~Copyable {
    private var entries: [Transfer] = []

    /// The nearest moment; `Clock.never` when there is none.
    var next: UInt64 { entries.first?.armedAt ?? Clock.never }

    /// Looks after `transfer` at its deadline, or before.
    mutating func arm(_ transfer: Transfer) {
        let deadline = transfer.deadline
        guard deadline < transfer.armedAt else { return }
        transfer.armedAt = deadline
        if transfer.heapPlace < 0 {
            transfer.heapPlace = entries.count
            entries.append(transfer)
        }
        rise(from: transfer.heapPlace)
    }

    /// Forgets a transfer.
    mutating func remove(_ transfer: Transfer) {
        let place = transfer.heapPlace
        guard place >= 0 else { return }
        transfer.heapPlace = -1
        transfer.armedAt = Clock.never
        let last = entries.removeLast()
        guard last !== transfer else { return }
        put(last, at: place)
        rise(from: place)
        sink(from: last.heapPlace)
    }

    /// A transfer whose moment has come, which is no longer armed; nil when there is none.
    mutating func due(at now: UInt64) -> Transfer? {
        guard let first = entries.first, first.armedAt <= now else { return nil }
        remove(first)
        return first
    }

    private mutating func put(_ transfer: Transfer, at place: Int) {
        entries[place] = transfer
        transfer.heapPlace = place
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        let moved = entries[one]
        put(entries[other], at: one)
        put(moved, at: other)
    }

    private mutating func rise(from start: Int) {
        var place = start
        while place > 0, entries[place].armedAt < entries[(place - 1) / 2].armedAt {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(from start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[child].armedAt < entries[least].armedAt {
                least = child
            }
            guard least != place else { return }
            swap(place, least)
            place = least
        }
    }
}
