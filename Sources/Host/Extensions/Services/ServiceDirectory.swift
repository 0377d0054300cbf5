internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// Which service slots are taken: control side.
private let takenSlots = Mutex<Set<UInt16>>([])

extension Services {
    /// Takes a slot for an instance that is created and not yet started; nil: all are taken.
    func add(
        _ mounts: [Mount],
        _ operations: sluice_service_ops,
        _ instance: Instance,
        _ limits: Limits
    ) -> UInt16? {
        let free = takenSlots.withLock { taken in
            let free = (0..<UInt16(Self.slotsMax)).first { !taken.contains($0) }
            if let free { taken.insert(free) }
            return free
        }
        guard let free else { return nil }
        let slot = unsafe slot(free)
        let table = UnsafeMutablePointer<Mount>.allocate(capacity: max(1, mounts.count))
        for (index, mount) in mounts.enumerated() { unsafe (table + index).initialize(to: mount) }
        unsafe slot.pointee.queued.set(0)
        unsafe slot.pointee.queuedMax = UInt64(limits.laneQueueMax)
        unsafe slot.pointee.budgetNanoseconds = UInt64(limits.handlerBudgetNanoseconds)
        unsafe slot.pointee.mounts = table
        unsafe slot.pointee.mountCount = mounts.count
        unsafe slot.pointee.instance = instance.index
        unsafe slot.pointee.plugin = instance.plugin
        unsafe slot.pointee.operations = operations
        unsafe slot.pointee.lane = instance.lane.gate
        unsafe slot.pointee.state.release(ServiceSlot.State.waiting)
        return free
    }

    /// Calls of the service that wait, run, or whose `done` is still to come.
    func inflight(_ index: UInt16) -> UInt64 {
        let slot = unsafe slot(index)
        guard let mounts = unsafe slot.pointee.mounts else { return 0 }
        return (0..<(unsafe slot.pointee.mountCount)).reduce(0) { sum, place in
            // An addition, so that either it counts a call of `prepare` or that sees the state.
            sum + (unsafe mounts[place].inflight.add(0))
        }
    }

    /// No call enters the service any more; false: one still runs inline after `nanoseconds`.
    func stop(_ index: UInt16, within nanoseconds: UInt64) -> Bool {
        let slot = unsafe slot(index)
        unsafe slot.pointee.state.release(ServiceSlot.State.stopped)
        let end = Clock.after(nanoseconds, from: Clock.now())
        for worker in 0..<Self.workersMax {
            while unsafe store(worker: worker).isInside(slot) {
                guard Clock.now() < end else { return false }
                _ = poll(nil, 0, 1)
            }
        }
        return true
    }

    /// Gives the slot of a stopped instance back when no call is left; false: there is one, which
    /// keeps the slot and needs the lane for its end.
    func remove(_ index: UInt16) -> Bool {
        guard inflight(index) == 0 else { return false }
        unsafe slot(index).pointee.state.release(ServiceSlot.State.empty)
        takenSlots.withLock { _ = $0.remove(index) }
        return true
    }
}
