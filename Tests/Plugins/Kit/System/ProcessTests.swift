import Glibc
import SluiceKit
import Testing

/// Programs that run to their end.
struct ProcessTests {
    /// A shell script without a time limit of note.
    static func shell(
        _ script: String,
        environment: [String: String] = [:],
        timeLimit: Duration? = .seconds(60),
        grace: Duration = .seconds(60)
    ) -> Command {
        Command(
            "/bin/sh",
            ["-c", script],
            environment: environment,
            timeLimit: timeLimit,
            grace: grace
        )
    }

    private func run(
        _ command: Command,
        input: [UInt8] = [],
        outputMax: Int = 1 << 20,
        errorsMax: Int = 1 << 16
    ) async throws -> ProcessResult {
        try await PollingLane.run { lane in
            try await Process.run(
                command,
                input: input,
                outputMax: outputMax,
                errorsMax: errorsMax,
                on: lane
            )
        }
    }

    private func error(_ command: Command, outputMax: Int = 1 << 20) async -> PluginError? {
        do {
            _ = try await run(command, outputMax: outputMax)
            return nil
        } catch {
            return error as? PluginError
        }
    }

    @Test(arguments: [0, 1, 65_536, 3_000_000])
    func `a program gives back what it reads, more than pipes hold`(count: Int) async throws {
        var choices = Seeded(seed: UInt64(count))
        let bytes = choices.bytes(count)
        let cat = Command("/bin/cat", timeLimit: .seconds(60))
        let result = try await run(cat, input: bytes, outputMax: count)
        #expect(result.exit.isSuccess && result.output == bytes && result.errors.isEmpty)
    }

    @Test func `a program tells how it ended`() async throws {
        #expect(try await run(Self.shell("exit 0")).exit == .status(0))
        #expect(try await run(Self.shell("exit 201")).exit == .status(201))
        #expect(try await run(Self.shell("kill -9 $$")).exit == .signal(SIGKILL))
    }

    @Test func `a program need not read its input`() async throws {
        let result = try await run(Self.shell("exit 4"), input: .init(repeating: 0, count: 1 << 20))
        #expect(result.exit == .status(4))
    }

    @Test func `the beginning of standard error is kept, the rest is counted`() async throws {
        let script =
            "i=0; while [ $i -lt 3000 ]; do echo 123456789012345678901234567890; "
            + "i=$((i+1)); done >&2; echo whole"
        let result = try await run(Self.shell(script), errorsMax: 4)
        #expect(result.output == Array("whole\n".utf8))
        #expect(result.errors == Array("1234".utf8))
        #expect(result.errorsDropped == 3_000 * 31 - 4)
    }

    @Test func `more than the limit on standard output ends the program`() async throws {
        let endless = Self.shell("while :; do echo y; done")
        let error = await error(endless, outputMax: 1_000)
        #expect(error?.status == .limit)
        #expect(error?.text.hasPrefix("/bin/sh: ended, as it wrote more than") == true)
        #expect(await self.error(Self.shell("echo 12"), outputMax: 3) == nil)
        #expect(await self.error(Self.shell("echo 123"), outputMax: 3)?.status == .limit)
    }

    @Test func `the time limit ends a program`() async throws {
        let limit = Duration.milliseconds(20)
        let error = await error(Command("/bin/sleep", ["1000"], timeLimit: limit))
        #expect(error == PluginError(.timeout, "/bin/sleep: ended, as it ran for \(limit)"))
    }

    @Test func `a program that ignores SIGTERM is killed after the grace time`() async throws {
        let stubborn = Self.shell(
            "trap '' TERM; while :; do :; done",
            timeLimit: .milliseconds(20),
            grace: .milliseconds(20)
        )
        #expect(await error(stubborn)?.status == .timeout)
    }

    @Test func `a program may end in the grace time, and still was too slow`() async throws {
        let polite = Self.shell(
            "trap 'exit 0' TERM; while :; do :; done",
            timeLimit: .milliseconds(20)
        )
        #expect(await error(polite)?.status == .timeout)
    }

    @Test func `the environment, the folder and the name are the given ones`() async throws {
        let env = Command(
            "/usr/bin/env",
            environment: ["A": "1", "B": ""],
            timeLimit: .seconds(60)
        )
        #expect(try await run(env).output == Array("A=1\nB=\n".utf8))
        let pwd = Command("/bin/pwd", directory: "/usr/lib", timeLimit: .seconds(60))
        #expect(try await run(pwd).output == Array("/usr/lib\n".utf8))
        let echo = Command("/bin/echo", ["-n", "a b", "", "\u{E9}"], timeLimit: .seconds(60))
        #expect(try await run(echo).output == Array("a b  \u{E9}".utf8))
    }

    @Test func `no descriptor, no blocked and no ignored signal is inherited`() async throws {
        let extra = dup(0)
        defer { close(extra) }
        let (fds, status) = try await PollingLane.run { lane in
            var blocked = sigset_t()
            unsafe sigemptyset(&blocked)
            unsafe sigaddset(&blocked, SIGUSR1)
            unsafe pthread_sigmask(SIG_BLOCK, &blocked, nil)
            let before = signal(SIGUSR2, SIG_IGN)
            defer { signal(SIGUSR2, before) }
            let list = Command("/bin/ls", ["/proc/self/fd"], timeLimit: .seconds(60))
            let cat = Command("/bin/cat", ["/proc/self/status"], timeLimit: .seconds(60))
            return (
                try await Process.run(list, on: lane).output,
                try await Process.run(cat, on: lane).output
            )
        }
        // The last is the folder that is being listed.
        #expect(String(decoding: fds, as: UTF8.self) == "0\n1\n2\n3\n")
        let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
        #expect(lines.contains("SigBlk:\t0000000000000000"))
        // posix_spawn(3) leaves two signals ignored, which the C library keeps for itself.
        let ignored = try #require(lines.first { $0.hasPrefix("SigIgn:\t") })
        let mask = try #require(UInt64(ignored.dropFirst(8), radix: 16))
        #expect(mask & ~(0b11 << 31) == 0)
    }

    @Test func `a program that cannot start is named with the reason`() async throws {
        func sentence(_ file: String, directory: String = "/") async -> PluginError? {
            await error(Command(file, directory: directory, timeLimit: nil))
        }
        let missing = "No such file or directory"
        #expect(await sentence("/no/a") == PluginError(.notFound, "starting /no/a: \(missing)"))
        #expect(
            await sentence("/etc/passwd")
                == PluginError(.denied, "starting /etc/passwd: Permission denied")
        )
        #expect(
            await sentence("/bin/true", directory: "/no")
                == PluginError(.notFound, "starting /bin/true in /no: the folder: \(missing)")
        )
        #expect(await sentence("sh")?.text == "sh: expected an absolute path")
        #expect(await sentence("/bin/true", directory: ".")?.status == .invalid)
        #expect(await error(Self.shell("a\0b"))?.status == .invalid)
        #expect(await error(Self.shell("", environment: ["A=B": "c"]))?.status == .invalid)
        #expect(await error(Self.shell("", environment: ["": "c"]))?.status == .invalid)
    }

    @Test func `two hundred programs leave no descriptor and no zombie`() async throws {
        let children = try await PollingLane.run { lane in
            for _ in 0..<200 { _ = try await Process.run(Self.shell("exit 0"), on: lane) }
            return try Files.read("/proc/thread-self/children", bytesMax: 4_096)
        }
        #expect(children.isEmpty)
        // Tests beside this one have programs, too, but not as many at once.
        let left = try Self.openKinds().filter { $0.hasPrefix("pipe:") || $0.contains("[pidfd]") }
        #expect(left.count < 200)
    }

    /// What the descriptors of this process are.
    private static func openKinds() throws -> [String] {
        try Files.list("/proc/self/fd").map { entry in
            var target = [UInt8](repeating: 0, count: 64)
            let length = unsafe readlink("/proc/self/fd/\(entry.name)", &target, target.count)
            return String(decoding: target.prefix(max(0, length)), as: UTF8.self)
        }
    }
}
