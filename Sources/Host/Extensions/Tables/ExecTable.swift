internal import SluiceABI
internal import SluiceBase

/// `sluice.exec`, BOUND: the instance's lane, the pool, timers and watched descriptors.
enum ExecTable {
    private typealias Table = UnsafePointer<sluice_exec_api>?
    private typealias Context = UnsafeMutableRawPointer?
    private typealias ID = UnsafeMutablePointer<UInt64>?

    static var table: sluice_exec_api {
        unsafe sluice_exec_api(
            now_ns: now,
            here: here,
            post: post,
            blocking: blocking,
            timer: timer,
            watch_fd: watch,
            cancel: cancel,
            drained: drained,
            stopped: stopped
        )
    }

    private static let now: @convention(c) (Table) -> UInt64 = { _ in Clock.now() }

    private static let here: @convention(c) (Table) -> Int32 = { table in
        if Thread.worker >= 0 { return SLUICE_ON_WORKER }
        if Pool.isCurrent { return SLUICE_ON_POOL }
        guard let instance = unsafe owner(table), instance.lane.isCurrent else {
            return SLUICE_ON_OTHER
        }
        return SLUICE_ON_LANE
    }

    private static let post: @convention(c) (Table, sluice_task?, Context) -> sluice_status = {
        table,
        function,
        context in
        guard let function = unsafe function else { return SLUICE_E_INVALID }
        guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
        return unsafe instance.lane.post(function, context)
    }

    private static let blocking:
        @convention(c) (Table, sluice_work?, sluice_task?, Context) -> sluice_status = {
            table,
            work,
            done,
            context in
            guard let work = unsafe work, let done = unsafe done else { return SLUICE_E_INVALID }
            guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
            return instance.pool.submit(
                unsafe PoolWork(instance: instance, work: work, done: done, context: context)
            )
        }

    private static let timer:
        @convention(c) (Table, UInt64, UInt64, sluice_task?, Context, ID) -> sluice_status = {
            table,
            first,
            interval,
            function,
            context,
            id in
            guard let function = unsafe function else { return SLUICE_E_INVALID }
            guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
            let due = Clock.after(first, from: Clock.now())
            let timer = unsafe LaneTimer(
                due: due,
                interval: interval == Clock.never ? 0 : interval,
                task: function,
                context: context
            )
            return unsafe instance.lane.add(timer, id)
        }

    private static let watch:
        @convention(c) (Table, Int32, UInt32, sluice_ready?, Context, ID) -> sluice_status = {
            table,
            descriptor,
            events,
            function,
            context,
            id in
            guard let function = unsafe function, descriptor >= 0 else { return SLUICE_E_INVALID }
            guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
            let watch = unsafe LaneWatch(
                descriptor: descriptor,
                events: events,
                function: function,
                context: context
            )
            return unsafe instance.lane.add(watch, id)
        }

    private static let cancel: @convention(c) (Table, UInt64) -> sluice_status = { table, id in
        guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
        return instance.lane.cancel(id)
    }

    private static let drained: @convention(c) (Table) -> Void = { table in
        unsafe caller(table)?.drained.open()
    }

    private static let stopped: @convention(c) (Table) -> Void = { table in
        unsafe caller(table)?.ended.open()
    }
}
