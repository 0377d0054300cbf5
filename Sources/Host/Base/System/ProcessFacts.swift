internal import CLinux
internal import Glibc

/// What the kernel says about this process and the machine, for metrics and `workers: auto`.
package enum ProcessFacts {
    /// Seconds since 1970, as the wall clock has it.
    package static func wallSeconds() -> Double {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    /// Seconds of processor time that the process has used, user and system.
    package static func processorSeconds() -> Double {
        var used = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
        return Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
    }

    /// Bytes of memory that are resident.
    package static func residentBytes() -> Int {
        let text = (try? Files.read("/proc/self/statm", bytesMax: 4_096)) ?? []
        let fields = text.split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self))
        else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// The limit of open descriptors in force, and the highest that may be asked for.
    package static func descriptorLimit() -> (now: Int, max: Int) {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
    }

    /// Raises the limit of open descriptors to the highest allowed; returns it.
    @discardableResult
    package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return descriptorLimit().now
    }

    /// Ends the process at once, without running anything at its exit: plugins may still run.
    package static func exitNow(_ status: Int32) -> Never {
        _exit(status)
    }
}
