package import SluiceConfig

/// What the plugin host needs to know about the process it runs in.
package struct HostEnvironment: Sendable {
    /// The folder in which each instance has one of its own.
    package var stateDirectory: String
    /// Absolute; relative library paths start there, and plugins are told.
    package var configurationDirectory: String
    package var workers: Int
    package var limits = Limits()
    /// Where `lib<name>.so` is looked for; the folder of the binary unless changed.
    package var libraryDirectories: [String] = [LibraryPath.besideBinary()]
    /// The binary that is started for a trial load.
    package var executable = "/proc/self/exe"
    /// `sluice check`: create and one resync, no start.
    package var isCheck = false
    /// Compiled trampolines instead of closures, as where the kernel refuses them.
    package var usesFixedTrampolines = false

    package init(stateDirectory: String, configurationDirectory: String, workers: Int) {
        self.stateDirectory = stateDirectory
        self.configurationDirectory = configurationDirectory
        self.workers = workers
    }
}
