internal import Glibc
internal import SluiceBase

/// The trial load as the child process does it: `sluice plugin-check PATH`.
///
/// What the library's constructors and entry break, they break here. The child says on standard
/// output how far it came, one line a step, so that the parent can name the step that killed it.
package enum PluginCheck {
    /// The hidden sub-command of the binary.
    package static let command = "plugin-check"

    enum Line {
        static let loading = "loading"
        static let accepted = "accepted"
        static let refused = "refused "
    }

    /// Loads the library at `path`, prints the verdict, and returns the exit code: 0 accepted,
    /// 1 refused.
    package static func run(_ path: String) -> Int32 {
        // A file that is no library is refused before any of its code runs.
        do throws(PluginRefusal) {
            try ObjectFile.check(path)
            say(Line.loading)
            _ = try Image.open(path)
            say(Line.accepted)
            return 0
        } catch {
            say(Line.refused + error.text)
            return 1
        }
    }

    private static func say(_ text: String) {
        let line = Array((text.split(separator: "\n").joined(separator: " ") + "\n").utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
