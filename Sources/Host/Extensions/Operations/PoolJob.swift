// Alone because: the pool takes C functions, and operations are the host's only work on it.
internal import SluiceABI

/// Host code that runs on the pool as work of an instance, so that the instance's end waits for it.
final class PoolJob: Sendable {
    /// Called once: with true on the pool, or with false on the lane when it was not begun.
    private let body: @Sendable (Bool) -> Void

    init(_ body: @escaping @Sendable (Bool) -> Void) { self.body = body }

    /// [any] Queues it; after any other answer than `SLUICE_OK` nothing is called.
    func submit(to pool: Pool, for instance: Instance) -> sluice_status {
        let context = unsafe Unmanaged.passRetained(self)
        let status = pool.submit(
            unsafe PoolWork(
                instance: instance,
                work: Self.work,
                done: Self.done,
                context: context.toOpaque()
            )
        )
        if status != SLUICE_OK { unsafe context.release() }
        return status
    }

    private static let work: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
        guard let context = unsafe context else { return }
        unsafe Unmanaged<PoolJob>.fromOpaque(context).takeUnretainedValue().body(true)
    }

    private static let done: @convention(c) (UnsafeMutableRawPointer?, sluice_status) -> Void = {
        context,
        why in
        guard let context = unsafe context else { return }
        let job = unsafe Unmanaged<PoolJob>.fromOpaque(context).takeRetainedValue()
        if why != SLUICE_OK { job.body(false) }
    }
}
