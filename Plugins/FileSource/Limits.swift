// Alone because: every bound of the plugin is found in one place.

/// Every bound of this plugin, with its unit.
package enum Limits {
    /// Configured paths.
    package static let pathsMax = 64
    /// Manifest files of one instance.
    package static let filesMax = 20_000
    /// Folders below a configured path, counted from it.
    package static let depthMax = 32
    /// Bytes of one manifest file.
    package static let fileBytesMax = 16 * 1024 * 1024
    /// Quiet time after a change before the folders are looked at again.
    package static let settle = Duration.milliseconds(20)
    /// Time after the first change at which they are looked at, quiet or not.
    package static let settleMax = Duration.milliseconds(200)
    /// Wait before a refused publication is tried again; doubled each time.
    package static let retry = Duration.milliseconds(500)
    /// The longest of those waits.
    package static let retryMax = Duration.seconds(30)
    /// Problems of one look that the host is told; the host keeps at most 1,000.
    package static let notesMax = 1_000
    /// Problems of one look that are logged line by line.
    package static let loggedProblemsMax = 50
}
