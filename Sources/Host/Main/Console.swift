internal import Glibc
internal import SluiceBase

/// What commands say to the one who typed them.
///
/// A running host writes to its log instead.
enum Console {
    /// Writes lines to standard output.
    static func say(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes lines to standard error.
    static func complain(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        // A closed pipe is the reader's decision; there is nobody left to tell.
        try? Files.write(Array((text + "\n").utf8), to: descriptor)
    }
}
