internal import CFFI
internal import SluiceABI
internal import SluiceBase

/// `sluice.exec/1`, BOUND: the instance's lane, the pool, timers and watched descriptors.
///
/// Targets on a worker are not supported yet and return `SLUICE_E_UNSUPPORTED`.
enum ExecTable {
    private typealias Context = UnsafeMutableRawPointer?
    private typealias ID = UnsafeMutablePointer<UInt64>?
    private typealias Post = @convention(c) (sluice_target, sluice_task?, Context) -> sluice_status
    private typealias Blocking =
        @convention(c) (sluice_task?, sluice_task?, Context, sluice_target) -> sluice_status
    private typealias Timer =
        @convention(c) (sluice_target, UInt64, UInt64, sluice_task?, Context, ID) -> sluice_status
    private typealias Watch =
        @convention(c) (sluice_target, Int32, UInt32, WatchFunction?, Context, ID) -> sluice_status

    static func make(_ bridge: Bridge) -> sluice_exec_api {
        unsafe sluice_exec_api(
            now_ns: bridge.mint("U()", now, as: (@convention(c) () -> UInt64).self),
            here: bridge.mint("i()", here, as: (@convention(c) () -> sluice_target).self),
            post: bridge.mint("i(ipp)", post, as: Post.self),
            blocking: bridge.mint("i(pppi)", blocking, as: Blocking.self),
            timer: bridge.mint("i(iUUppp)", timer, as: Timer.self),
            untimer: bridge.mint(
                "i(U)",
                untimer,
                as: (@convention(c) (UInt64) -> sluice_status).self
            ),
            watch_fd: bridge.mint("i(iiuppp)", watch, as: Watch.self),
            drained: bridge.mint("v()", drained, as: (@convention(c) () -> Void).self)
        )
    }

    private static let now: @convention(c) (Context) -> UInt64 = { _ in Clock.now() }

    private static let here: @convention(c) (Context) -> sluice_target = { context in
        let worker = Thread.worker
        if worker >= 0 { return sluice_target(worker) }
        guard let instance = unsafe context.instance else { return SLUICE_ON_POOL }
        return instance.lane.isCurrent ? SLUICE_ON_LANE : SLUICE_ON_POOL
    }

    /// Whether `target` means the lane, for the calling thread.
    private static func isLane(_ target: sluice_target) -> Bool {
        target == SLUICE_ON_LANE || (target == SLUICE_ON_CALLER && Thread.worker < 0)
    }

    private static let post:
        @convention(c) (Context, sluice_target, sluice_task?, Context) -> sluice_status = {
            context,
            target,
            function,
            argument in
            guard let instance = unsafe context.instance, let function = unsafe function else {
                return SLUICE_E_INVALID
            }
            if isLane(target) { return unsafe instance.lane.post(function, argument) }
            guard target == SLUICE_ON_POOL else { return SLUICE_E_UNSUPPORTED }
            return unsafe instance.pool.submit(
                PoolWork(
                    instance: instance,
                    work: function,
                    done: nil,
                    context: argument,
                    target: target
                )
            )
        }

    private static let blocking:
        @convention(c) (Context, sluice_task?, sluice_task?, Context, sluice_target)
            -> sluice_status = { context, work, done, argument, target in
                guard let instance = unsafe context.instance, let work = unsafe work else {
                    return SLUICE_E_INVALID
                }
                guard isLane(target) || target == SLUICE_ON_POOL else {
                    return SLUICE_E_UNSUPPORTED
                }
                return unsafe instance.pool.submit(
                    PoolWork(
                        instance: instance,
                        work: work,
                        done: done,
                        context: argument,
                        target: isLane(target) ? SLUICE_ON_LANE : SLUICE_ON_POOL
                    )
                )
            }

    private static let timer:
        @convention(c) (Context, sluice_target, UInt64, UInt64, sluice_task?, Context, ID)
            -> sluice_status = { context, target, first, interval, function, argument, id in
                guard let instance = unsafe context.instance, let function = unsafe function else {
                    return SLUICE_E_INVALID
                }
                guard isLane(target) else { return SLUICE_E_UNSUPPORTED }
                let entry = unsafe LaneTimers.Entry(
                    due: Clock.after(first, from: Clock.now()),
                    interval: interval,
                    task: function,
                    watch: nil,
                    context: argument
                )
                return unsafe instance.lane.add(entry, id)
            }

    private static let untimer: @convention(c) (Context, UInt64) -> sluice_status = {
        context,
        id in
        guard let instance = unsafe context.instance else { return SLUICE_E_INVALID }
        return instance.lane.remove(id)
    }

    private static let watch:
        @convention(c) (Context, sluice_target, Int32, UInt32, WatchFunction?, Context, ID)
            -> sluice_status = { context, target, descriptor, events, function, argument, id in
                guard let instance = unsafe context.instance, let function = unsafe function,
                    descriptor >= 0
                else { return SLUICE_E_INVALID }
                guard isLane(target) else { return SLUICE_E_UNSUPPORTED }
                let entry = unsafe LaneTimers.Entry(
                    due: .max,
                    interval: 0,
                    task: nil,
                    watch: function,
                    context: argument,
                    descriptor: descriptor,
                    events: events
                )
                return unsafe instance.lane.add(entry, id)
            }

    private static let drained: @convention(c) (Context) -> Void = { context in
        unsafe context.instance?.drained.open()
    }
}
