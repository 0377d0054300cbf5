internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceShared

/// The trial load as the host does it: a child process of its own binary, with a deadline.
struct TrialLoad {
    /// The binary that knows `plugin-check`.
    let executable: String
    let timeoutNanoseconds: UInt64
    /// Bytes of the child's report that are read.
    private static let reportMax = 4 << 20
    /// Where the child finds the library; after what it reports to.
    private static let libraryDescriptor = PluginCheck.reportDescriptor + 1

    /// Throws a sentence about what the library did in the child; else what it says of itself, as
    /// JSON text.
    @discardableResult
    func run(_ library: Library) throws(PluginRefusal) -> String {
        let (reader, writer) = try Self.pipe()
        defer { close(reader) }
        let child: pid_t
        do {
            defer { close(writer) }
            let file = try Self.apart(library.descriptor)
            defer { close(file) }
            child = try spawn(file, report: writer)
        }
        let (report, isInTime) = collect(reader)
        if !isInTime { kill(child, SIGKILL) }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        return try judge(report, status, isInTime: isInTime)
    }

    private static func pipe() throws(PluginRefusal) -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw cannot("pipe", Errno.last) }
        defer { for end in ends { close(end) } }
        let reader = try apart(ends[0])
        do throws(PluginRefusal) {
            return (reader, try apart(ends[1]))
        } catch {
            close(reader)
            throw error
        }
    }

    /// A copy of a descriptor, closed on exec, whose number is none that the child gets.
    private static func apart(_ descriptor: Int32) throws(PluginRefusal) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, libraryDescriptor + 1)
        guard copy >= 0 else { throw cannot("fcntl", Errno.last) }
        return copy
    }

    private static func cannot(_ call: String, _ error: Errno) -> PluginRefusal {
        PluginRefusal("its trial load could not be started: \(call): \(error)")
    }

    /// What the library prints goes where the errors of this process go.
    private func spawn(_ library: Int32, report: Int32) throws(PluginRefusal) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, report, PluginCheck.reportDescriptor)
        unsafe posix_spawn_file_actions_adddup2(&actions, library, Self.libraryDescriptor)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [
            strdup(executable), strdup(PluginCheck.command),
            strdup("/proc/self/fd/\(Self.libraryDescriptor)"), nil,
        ]
        defer { for index in 0..<3 { unsafe free(arguments[index]) } }
        var surroundings = unsafe quietEnvironment()
        defer { for index in unsafe 0..<surroundings.count { unsafe free(surroundings[index]) } }
        var child: pid_t = 0
        let status = unsafe posix_spawn(
            &child,
            executable,
            &actions,
            nil,
            &arguments,
            &surroundings
        )
        guard status == 0 else { throw Self.cannot(executable, Errno(status)) }
        return child
    }

    /// The process's environment, with the backtraces of Swift's runtime off: a plugin that dies in
    /// its trial is one sentence, not forty lines.
    private func quietEnvironment() -> [UnsafeMutablePointer<CChar>?] {
        let name = "SWIFT_BACKTRACE="
        var variables: [UnsafeMutablePointer<CChar>?] = unsafe [strdup(name + "enable=no")]
        var place = 0
        while let variable = unsafe environ[place] {
            if unsafe strncmp(variable, name, name.utf8.count) != 0 {
                unsafe variables.append(strdup(variable))
            }
            place += 1
        }
        unsafe variables.append(nil)
        return unsafe variables
    }

    /// What the child reported until it ended; false: the deadline came first.
    private func collect(_ descriptor: Int32) -> (String, Bool) {
        let end = Clock.after(timeoutNanoseconds, from: Clock.now())
        var report: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let now = Clock.now()
            guard now < end else { return (String(decoding: report, as: UTF8.self), false) }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let wait = Int32(clamping: (end - now) / Clock.nanosecondsPerMillisecond + 1)
            guard unsafe poll(&entry, 1, wait) > 0 else { continue }
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return (String(decoding: report, as: UTF8.self), true) }
            if report.count < Self.reportMax { report += buffer.prefix(count) }
        }
    }

    private func judge(
        _ report: String,
        _ status: Int32,
        isInTime: Bool
    ) throws(PluginRefusal) -> String {
        let lines = report.split(separator: "\n").map(String.init)
        let accepted = lines.last.flatMap { line in
            line.hasPrefix(PluginCheck.Line.accepted)
                ? String(line.dropFirst(PluginCheck.Line.accepted.count)) : nil
        }
        let isAccepted = accepted != nil
        let place =
            isAccepted
            ? "while its process ended"
            : "in its constructors or \(SLUICE_ENTRY_SYMBOL), in a trial load"
        guard isInTime else {
            let seconds = Double(timeoutNanoseconds) / Double(Clock.nanosecondsPerSecond)
            throw PluginRefusal("it hung for \(seconds) s \(place)")
        }
        let signal = status & 0x7f
        guard signal == 0 else {
            throw PluginRefusal("it died of \(Self.name(signal)) \(place)")
        }
        if let accepted, status == 0 { return accepted }
        guard let refused = lines.last(where: { $0.hasPrefix(PluginCheck.Line.refused) }) else {
            throw PluginRefusal("it ended the process with code \(status >> 8 & 0xff) \(place)")
        }
        throw PluginRefusal(String(refused.dropFirst(PluginCheck.Line.refused.count)))
    }

    /// The name of a signal, for messages.
    static func name(_ signal: Int32) -> String {
        let names: [Int32: String] = [
            SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL",
            SIGABRT: "SIGABRT", SIGTRAP: "SIGTRAP", SIGKILL: "SIGKILL", SIGTERM: "SIGTERM",
            SIGSYS: "SIGSYS", SIGPIPE: "SIGPIPE", SIGQUIT: "SIGQUIT", SIGINT: "SIGINT",
            SIGHUP: "SIGHUP",
        ]
        return names[signal] ?? "signal \(signal)"
    }
}

/// The trial load as the child process does it: `sluice plugin-check PATH`.
///
/// What the library's constructors and entry break, they break here. The child says on a descriptor
/// of its own how far it came, one line a step, so that the parent can name the step that killed
/// it, and nothing that the library prints is taken for its report.
package enum PluginCheck {
    /// The hidden sub-command of the binary.
    package static let command = "plugin-check"
    /// Where the report goes; to standard output when it is not open.
    static let reportDescriptor: Int32 = 3

    enum Line {
        static let loading = "loading"
        static let accepted = "accepted "
        static let refused = "refused "
    }

    /// Loads the library at `path`, reports the verdict, and returns the exit code: 0 accepted,
    /// 1 refused.
    package static func run(_ path: String) -> Int32 {
        let isOpen = fcntl(reportDescriptor, F_GETFD) >= 0
        let report = isOpen ? reportDescriptor : STDOUT_FILENO
        // A file that is no library is refused before any of its code runs.
        do throws(PluginRefusal) {
            try ObjectFile.check(path)
            say(Line.loading, to: report)
            let description = try Image.open(path).description
            say(Line.accepted + description.json.text(), to: report)
            return 0
        } catch {
            say(Line.refused + error.text, to: report)
            return 1
        }
    }

    private static func say(_ text: String, to report: Int32) {
        let line = Array((text.split(separator: "\n").joined(separator: " ") + "\n").utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(report, $0.baseAddress, $0.count) }
    }
}
