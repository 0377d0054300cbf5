internal import CProcess
internal import Glibc

/// A program that was started with posix_spawn(3).
struct ProcessStart {
    /// The ends of the pipes that stay here; they do not wait.
    let input: Descriptor
    let output: Descriptor
    let errors: Descriptor
    /// The process; also the number of its group.
    let id: pid_t
    /// Readable when it has ended (pidfd).
    let end: Descriptor

    /// Starts `command`, or says what is wrong with it.
    init(_ command: Command) throws(PluginError) {
        try command.check()
        let input = try Descriptor.pipe()
        let output = try Descriptor.pipe()
        let errors = try Descriptor.pipe()
        self.input = input.writer
        self.output = output.reader
        self.errors = errors.reader
        for end in [self.input, self.output, self.errors] { end.setNonBlocking() }
        id = try command.spawn([input.reader, output.writer, errors.writer])
        do throws(PluginError) {
            end = try Descriptor(pidfd_open(id, 0), "watching \(command.file)")
        } catch {
            Self.abandon(id)
            throw error
        }
    }

    /// Ends a program that cannot be watched; waits, but a killed process ends at once.
    static func abandon(_ id: pid_t) {
        kill(-id, SIGKILL)
        while waitpid(id, nil, 0) < 0, errno == EINTR {}
    }
}

extension Command {
    /// What the C library would cut or read in another way.
    fileprivate func check() throws(PluginError) {
        for path in [file, directory] where !path.hasPrefix("/") {
            throw PluginError(.invalid, "\(path): expected an absolute path")
        }
        for name in environment.keys where name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) {
            throw PluginError(.invalid, "\(file): \"\(name)\" is no name of a variable")
        }
        let texts = [file, directory] + arguments + environment.keys + environment.values
        if texts.contains(where: { $0.utf8.contains(0) }) {
            throw PluginError(.invalid, "\(file): a NUL in an argument, a variable or a path")
        }
    }

    /// Starts the program with these descriptors as its standard streams.
    fileprivate func spawn(_ streams: [Descriptor]) throws(PluginError) -> pid_t {
        var attributes = posix_spawnattr_t()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawnattr_init(&attributes)
        unsafe posix_spawn_file_actions_init(&actions)
        defer {
            unsafe posix_spawnattr_destroy(&attributes)
            unsafe posix_spawn_file_actions_destroy(&actions)
        }
        var number = unsafe -cprocess_attributes(&attributes)
        for (place, stream) in streams.enumerated() where number == 0 {
            number = unsafe posix_spawn_file_actions_adddup2(&actions, stream.number, Int32(place))
        }
        if number == 0 {
            number = unsafe posix_spawn_file_actions_addchdir_np(&actions, directory)
        }
        if number == 0 {
            number = unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        }
        var id: pid_t = 0
        if number == 0 {
            let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            number = unsafe withCStrings([file] + arguments) { arguments in
                unsafe withCStrings(variables) { variables in
                    // The descriptors are open until the program has its copies.
                    withExtendedLifetime(streams) {
                        unsafe posix_spawn(&id, file, &actions, &attributes, arguments, variables)
                    }
                }
            }
        }
        if number != 0 { throw failure(number) }
        return id
    }

    /// The kernel answers one number for the folder and the file: a second look tells which.
    fileprivate func failure(_ number: Int32) -> PluginError {
        let status: Status =
            switch number {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM: .denied
            case ENOEXEC, E2BIG: .invalid
            case ENOMEM: .noMemory
            default: .io
            }
        if unsafe access(directory, X_OK) != 0 {
            let reason = errorSentence(errno)
            return PluginError(status, "starting \(file) in \(directory): the folder: \(reason)")
        }
        return PluginError(status, "starting \(file): \(errorSentence(number))")
    }
}

/// Lends the texts as a C array of C strings that ends with NULL.
private func withCStrings<Answer>(
    _ texts: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Answer
) -> Answer {
    var strings = unsafe texts.map { text in unsafe strdup(text) }
    unsafe strings.append(nil)
    defer { for place in texts.indices { unsafe free(strings[place]) } }
    return unsafe strings.withUnsafeBufferPointer { strings in
        guard let start = strings.baseAddress else { preconditionFailure("no NULL") }
        return unsafe body(start)
    }
}
