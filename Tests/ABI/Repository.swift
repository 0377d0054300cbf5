internal import Glibc

/// Files of the checkout that the tests read, and commands they run.
enum Repository {
    /// The folder that holds Package.swift.
    static let root: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    /// The folder of the test binary, where the plugins are built too.
    static let products: String = {
        var path = [UInt8](repeating: 0, count: 4096)
        let length = unsafe readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path.prefix(max(length, 0)), as: UTF8.self)
        return "/" + text.split(separator: "/").dropLast().joined(separator: "/")
    }()

    /// A text of the checkout; nil when it is not there.
    static func text(_ path: String) -> String? {
        let answer = run("cat '\(root)/\(path)'")
        return answer.status == 0 ? answer.output : nil
    }

    static func exists(_ path: String) -> Bool {
        unsafe access(path, R_OK) == 0
    }

    /// Runs a shell command and returns its exit status and what it printed, errors too.
    static func run(_ command: String) -> (status: Int32, output: String) {
        guard let stream = unsafe popen("{ \(command) ; } 2>&1", "r") else { return (-1, "popen") }
        var output: [UInt8] = []
        var line = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe fread(&line, 1, line.count, stream)
            if count == 0 { break }
            output += line.prefix(count)
        }
        let status = unsafe pclose(stream)
        return ((status >> 8) & 0xff, String(decoding: output, as: UTF8.self))
    }
}
