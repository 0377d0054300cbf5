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

    /// Bytes of memory that are resident; 0 when the kernel does not say.
    ///
    /// The first call opens the file for good: it is read also when descriptors have run out.
    package static func residentBytes() -> Int {
        var text = [UInt8](repeating: 0, count: 256)
        let count = unsafe pread(statm, &text, text.count, 0)
        text.removeLast(text.count - max(0, count))
        let fields = text.split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self))
        else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static let statm = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)

    /// The processors that the calling thread may run on, in ascending order.
    package static func processors() -> [Int] {
        var numbers = [Int32](repeating: 0, count: Self.processorsMax)
        let count = unsafe clinux_processors(&numbers, Int32(numbers.count))
        return numbers.prefix(max(0, Int(count))).map(Int.init)
    }

    /// As many as the kernel can be built for.
    private static let processorsMax = 8_192

    /// What the machine calls itself; nil when it does not say.
    package static func hostName() -> String? {
        var text = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&text, text.count - 1) == 0 else { return nil }
        let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
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

/// The signals that end or reload the host, as a descriptor to poll.
///
/// Made on the first thread before any other starts, so that every thread inherits the mask.
package struct ProcessSignals: Sendable {
    /// What the operator asked for.
    package enum Request: Equatable, Sendable {
        /// SIGTERM.
        case stop
        /// SIGINT: a person at a terminal.
        case interrupt
        /// SIGHUP.
        case reload
    }

    /// Readable when a request waits; non-blocking, close-on-exec.
    package let descriptor: Int32

    /// Blocks SIGTERM, SIGINT and SIGHUP in favour of the descriptor and ignores SIGPIPE.
    ///
    /// Throws the error of signalfd(2).
    package init() throws(Errno) {
        descriptor = clinux_signals_open()
        guard descriptor >= 0 else { throw Errno.last }
    }

    /// The next request that waits, or nil.
    package func next() -> Request? {
        switch clinux_signals_next(descriptor) {
        case SIGTERM: .stop
        case SIGINT: .interrupt
        case SIGHUP: .reload
        default: nil
        }
    }

    /// From here on a crash names the plugin whose code was running.
    ///
    /// Before the first dlopen.
    package static func attributeCrashes() {
        clinux_crash_install()
    }

    /// Has each crash recorded as a line in an open file: seconds since 1970, the signal, the
    /// plugin or "-", what it was called for or "-".
    ///
    /// The descriptor must stay open.
    package static func recordCrashes(in descriptor: Int32) { clinux_crash_record(descriptor) }

    /// From here on the process gets no memory that is writable and executable (PR_SET_MDWE);
    /// children are free to.
    ///
    /// False: the kernel is older than Linux 6.6.
    package static func refuseWritableCode() -> Bool { clinux_refuse_writable_code() == 0 }

    /// Ends the process as a crash of plugin instance `index` in `step`.
    package static func abort(inPlugin index: Int32, _ step: UnsafePointer<CChar>?) -> Never {
        unsafe clinux_plugin_set(index, step)
        Glibc.abort()
    }

    /// Gives the crash handler the name of plugin instance `index`; at most 63 bytes are kept.
    package static func name(plugin index: Int, _ name: String) {
        unsafe name.withCString { unsafe clinux_crash_name(Int32(index), $0) }
    }
}
