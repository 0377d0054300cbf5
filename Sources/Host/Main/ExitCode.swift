/// How the process ends.
enum ExitCode: Int32 {
    case success = 0
    /// The configuration, a manifest, a plugin or a worker has a problem that was told.
    case problems = 1
    /// The command line is not one.
    case usage = 2
}
