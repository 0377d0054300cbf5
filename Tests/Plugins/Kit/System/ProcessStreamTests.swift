import Glibc
import SluiceKit
import Testing

private struct Stop: Error, Equatable {}

/// Programs whose streams are read and written while they run, and how they end.
struct ProcessStreamTests {
    private let cat = Command("/bin/cat", timeLimit: .seconds(60))

    @Test func `a body talks with its program, on the lane alone`() async throws {
        let (answers, exit) = try await PollingLane.run { [cat] lane in
            let thread = pthread_self()
            let run = try await Process.run(cat, on: lane) { process in
                var answers: [String] = []
                for word in ["one", "two", "three"] {
                    try await process.input.write(Array(word.utf8))
                    let piece = try #require(try await process.output.next())
                    answers.append(String(decoding: piece, as: UTF8.self))
                    #expect(pthread_equal(thread, pthread_self()) != 0)
                }
                process.input.close()
                #expect(try await process.output.next() == nil)
                #expect(try await process.output.next() == nil)
                return answers
            }
            return (run.answer, run.exit)
        }
        #expect(answers == ["one", "two", "three"] && exit.isSuccess)
    }

    @Test func `pieces are a sequence, at most 64 KiB each`() async throws {
        let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done"
        let (total, largest) = try await PollingLane.run { lane in
            try await Process.run(ProcessTests.shell(script), on: lane) { process in
                var (total, largest) = (0, 0)
                for try await piece in process.output {
                    total += piece.count
                    largest = max(largest, piece.count)
                }
                return (total, largest)
            }.answer
        }
        #expect(total == 220_000 && largest <= 65_536)
    }

    @Test func `both streams may be read, and the kept one is there at the end`() async throws {
        let script = "echo out; echo err >&2"
        let (output, errors, kept) = try await PollingLane.run { lane in
            let streamed = try await Process.run(
                ProcessTests.shell(script),
                errors: .stream,
                on: lane
            ) { process in
                (try await process.output.next(), try await process.errors.next())
            }
            let run = try await Process.run(ProcessTests.shell(script), on: lane) { process in
                for try await _ in process.output {}
            }
            return (streamed.answer.0, streamed.answer.1, run.errors)
        }
        #expect(output == Array("out\n".utf8))
        #expect(errors == Array("err\n".utf8) && kept == errors)
    }

    @Test func `a body that has enough ends a program that would write for ever`() async throws {
        let exit = try await PollingLane.run { lane in
            let yes = Command("/usr/bin/yes", timeLimit: .seconds(60))
            return try await Process.run(yes, on: lane) { try await $0.output.next() }.exit
        }
        #expect(exit == .signal(SIGPIPE))
    }

    @Test func `the error of a body ends the program and is thrown on`() async throws {
        await #expect(throws: Stop.self) {
            try await PollingLane.run { lane in
                let sleep = Command("/bin/sleep", ["1000"], timeLimit: nil)
                _ = try await Process.run(sleep, on: lane) { _ in throw Stop() }
            }
        }
    }

    @Test func `a program that no longer reads is told to the writer`() async throws {
        let before = signal(SIGPIPE, SIG_DFL)
        defer { signal(SIGPIPE, before) }
        let script = "exec 0<&-; echo closed; while :; do :; done"
        let status = try await PollingLane.run { lane in
            try await Process.run(ProcessTests.shell(script), on: lane) { process in
                _ = try await process.output.next()
                do throws(PluginError) {
                    // More than the pipe takes, while a process that is being started holds it.
                    try await process.input.write([UInt8](repeating: 1, count: 1 << 20))
                    return Status.ok
                } catch {
                    process.end()
                    return error.status
                }
            }.answer
        }
        #expect(status == .gone)
    }

    @Test func `a cancelled task ends its program and hears why`() async throws {
        let status = try await PollingLane.run { [cat] lane in
            do {
                _ = try await Process.run(cat, on: lane) { process in
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    return try await process.output.next()
                }
                return Status?.some(.ok)
            } catch {
                return (error as? PluginError)?.status
            }
        }
        #expect(status == .canceled)
    }

    @Test func `a task that is cancelled already starts nothing`() async throws {
        let error = try await PollingLane.run { [cat] lane in
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            do throws(PluginError) {
                _ = try await Process.run(cat, on: lane)
                return PluginError?.none
            } catch {
                return error
            }
        }
        #expect(error?.text == "/bin/cat: not started, as its task was cancelled")
    }

    @Test func `a cancellation does not cut the grace time short`() async throws {
        let script = "trap 'echo late; exit 0' TERM; echo ready; while :; do :; done"
        let answer = try await PollingLane.run { lane in
            try await Process.run(ProcessTests.shell(script), on: lane) { process in
                _ = try await process.output.next()
                process.end()
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await process.output.next()
            }
        }
        #expect(answer.answer == Array("late\n".utf8) && answer.exit == .status(0))
    }

    @Test func `signals reach the whole group`() async throws {
        let script =
            "(trap 'echo child; exit 0' HUP; echo ready; while :; do :; done) & "
            + "trap '' HUP; wait"
        let answer = try await PollingLane.run { lane in
            try await Process.run(ProcessTests.shell(script), on: lane) { process in
                _ = try await process.output.next()
                process.signal(SIGHUP)
                return try await process.output.next()
            }.answer
        }
        #expect(answer == Array("child\n".utf8))
    }

    @Test func `a lane that stops watching ends the program`() async throws {
        let status = try await PollingLane.run { [cat] lane in
            do {
                _ = try await Process.run(cat, on: lane) { process in
                    lane.loseWatches()
                    return try await process.output.next()
                }
                return Status?.some(.ok)
            } catch {
                return (error as? PluginError)?.status
            }
        }
        #expect(status == .gone)
    }

    /// What holds a pipe open is seen at its other end: a child that outlives its program.
    @Test(arguments: ["exit 0", "wait"])
    func `what a program leaves in its group is killed`(end: String) async throws {
        let folder = try Scratch()
        let pipe = "\(folder.path)/pipe"
        unsafe mkfifo(pipe, 0o600)
        let reader = unsafe open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let script = "exec 3>'\(pipe)'; echo open >&3; sleep 1000 & echo started; \(end)"
        _ = try await PollingLane.run { lane in
            try await Process.run(ProcessTests.shell(script), on: lane) { process in
                _ = try await process.output.next()
                if end == "wait" { process.end() }
            }
        }
        var polled = pollfd(fd: reader, events: 0, revents: 0)
        unsafe #expect(poll(&polled, 1, 60_000) == 1)
        #expect(polled.revents & Int16(POLLHUP) != 0)
    }
}

/// A folder that goes with its test.
private final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/sluice-process-XXXXXX".utf8CString)
        _ = unsafe try #require(mkdtemp(&template))
        path = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    }

    deinit {
        unsafe unlink("\(path)/pipe")
        unsafe rmdir(path)
    }
}
