internal import Glibc
package import SluiceBase

/// The file in which the crash handler writes a line for each crash of the process.
///
/// A line has seconds since 1970, the signal, the plugin and the operation; "-" where there was
/// none. It is kept over restarts, and bounded.
package struct CrashRecord: Sendable {
    /// Lines that are kept when the host starts.
    static let linesMax = 100
    private static let bytesMax = 1 << 20
    /// How long a crash counts as recent, in seconds.
    static let recentSeconds: Int64 = 600

    private let lines: [String]

    /// Reads what is there; no file is no crash.
    package init(folder: String) {
        let bytes = (try? Files.read("\(folder)/\(Self.file)", bytesMax: Self.bytesMax)) ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        lines = text.split(separator: "\n").suffix(Self.linesMax).map(String.init)
    }

    private static let file = "crashes"

    /// Has crashes of this process written behind what was read; an error of open(2) or write(2).
    package func open(folder: String) throws(Errno) {
        let path = "\(folder)/\(Self.file)"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC
        let descriptor = unsafe Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw Errno.last }
        let text = Array(lines.map { $0 + "\n" }.joined().utf8)
        guard unsafe write(descriptor, text, text.count) == text.count else { throw Errno.last }
        ProcessSignals.recordCrashes(in: descriptor)
    }

    /// How often each plugin instance has crashed the process in the last ten minutes.
    package func recent(now: Int64) -> [String: Int] {
        var counts: [String: Int] = [:]
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 4, let second = Int64(words[0]), words[2] != "-",
                now - second < Self.recentSeconds
            else { continue }
            counts[String(words[2]), default: 0] += 1
        }
        return counts
    }
}
