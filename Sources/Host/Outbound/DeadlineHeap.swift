internal import SluiceBase

/// When to look after which transfer next: a binary heap.
///
/// A transfer whose deadline moves away keeps its place and is looked after too early, which costs
/// one look; only a nearer deadline makes another entry. So the pieces of a stream cost nothing
/// here.
struct DeadlineHeap: ~Copyable {
    private var entries: [(at: UInt64, transfer: Transfer)] = []

    /// The nearest moment; `Clock.never` when there is none.
    var next: UInt64 { entries.first?.at ?? Clock.never }

    /// Looks after `transfer` at its deadline, or before.
    mutating func arm(_ transfer: Transfer) {
        let deadline = transfer.deadline
        guard deadline < transfer.armedAt else { return }
        transfer.armedAt = deadline
        entries.append((deadline, transfer))
        rise(from: entries.count - 1)
    }

    /// A transfer whose moment has come and that is no longer armed; nil when there is none.
    mutating func due(at now: UInt64) -> Transfer? {
        while let first = entries.first, first.at <= now {
            removeFirst()
            let transfer = first.transfer
            // A call may have ended, or have another transfer by now.
            guard transfer.armedAt == first.at, transfer.call.transfer === transfer else {
                continue
            }
            transfer.armedAt = Clock.never
            return transfer
        }
        return nil
    }

    private mutating func removeFirst() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        sink()
    }

    private mutating func rise(from place: Int) {
        var place = place
        while place > 0, entries[place].at < entries[(place - 1) / 2].at {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink() {
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[child].at < entries[least].at {
                least = child
            }
            guard least != place else { return }
            entries.swapAt(place, least)
            place = least
        }
    }
}
