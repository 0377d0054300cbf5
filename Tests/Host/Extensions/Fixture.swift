import Glibc
import SluiceBase

/// A small C plugin, compiled for one test into a folder of its own.
///
/// Each has a path of its own, hence an image and counters of its own: tests run in parallel.
struct Fixture {
    let path: String

    private static let root = String(
        #filePath.dropLast("/Tests/Host/Extensions/Fixture.swift".count)
    )

    /// Compiles `Tests/Fixtures/Plugins/<source>.c` with `-D` for each of `defines`.
    init(_ source: String, _ defines: [String] = []) throws {
        let folder = try TemporaryFolder()
        path = folder.path + "/lib\(source).so"
        let sources = Self.root + "/Tests/Fixtures/Plugins"
        let arguments =
            [
                "cc", "-std=gnu11", "-fPIC", "-shared", "-fvisibility=hidden", "-w", "-Wl,-z,now",
                "-I\(Self.root)/Plugins/ABI/include", "-I\(sources)",
            ] + defines.map { "-D\($0)" } + ["\(sources)/\(source).c", "-o", path]
        let status = try run("/usr/bin/env", ["env"] + arguments)
        guard status == 0 else { throw FixtureFailure("cc ended with \(status)") }
    }

    /// A file with these bytes in place of a library.
    init(bytes: [UInt8]) throws {
        path = try TemporaryFolder().path + "/libforeign.so"
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
        _ = unsafe write(descriptor, bytes, bytes.count)
        close(descriptor)
    }
}

struct FixtureFailure: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

/// A folder that only this test uses; it goes when the test process ends.
struct TemporaryFolder {
    let path: String

    /// One folder a process, removed by `atexit`: a loaded library outlives its test.
    private static let root: String = {
        var template = Array("/tmp/sluice-extensions-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { return "/tmp" }
        atexit { _ = try? run("/bin/rm", ["rm", "-rf", TemporaryFolder.root]) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()
    private static let count = Cell.permanent()

    init() throws {
        path = "\(Self.root)/\(Self.count.add(1))"
        guard unsafe mkdir(path, 0o700) == 0 else { throw Errno.last }
    }
}

/// Runs a program and waits for its end; its exit status.
func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { for index in 0..<arguments.count { unsafe free(words[index]) } }
    var child: pid_t = 0
    let status = unsafe posix_spawn(&child, program, nil, nil, &words, environ)
    guard status == 0 else { throw Errno(status) }
    var ended: Int32 = 0
    while unsafe waitpid(child, &ended, 0) < 0, errno == EINTR {}
    return ended
}

/// Waits until `condition` holds; false when it does not within ten seconds.
func eventually(_ condition: () -> Bool) -> Bool {
    let end = Clock.now() + 10 * Clock.nanosecondsPerSecond
    while Clock.now() < end {
        if condition() { return true }
        _ = poll(nil, 0, 1)
    }
    return condition()
}
