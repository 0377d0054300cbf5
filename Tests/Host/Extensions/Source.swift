import Glibc
import SluiceConfig
import SluiceExtensions
import SluiceRouting

/// A started instance of `source.c`, whose calls a test writes as a script.
@safe
struct Source: @unchecked Sendable {
    let house: House
    private let handle: UnsafeMutableRawPointer

    init(_ change: (inout HostEnvironment) -> Void = { _ in }) throws {
        let fixture = try Fixture("source")
        house = try House([PluginConfiguration(name: "source", library: fixture.path)], change)
        let failures = house.host.load() + house.host.start()
        guard failures.isEmpty else { throw FixtureFailure("\(failures)") }
        guard let handle = unsafe dlopen(fixture.path, RTLD_NOW | Int32(RTLD_NOLOAD)) else {
            throw FixtureFailure("\(fixture.path) is not loaded")
        }
        unsafe self.handle = handle
    }

    /// Everything that was written down.
    var log: [String] {
        typealias Log = @convention(c) () -> UnsafeMutablePointer<CChar>
        let text = unsafe unsafeBitCast(dlsym(handle, "source_log"), to: Log.self)()
        defer { unsafe free(text) }
        return unsafe String(cString: text).split(separator: "\n").map(String.init)
    }

    /// Runs calls on the lane, words with tabs between them; what was written down meanwhile.
    @discardableResult
    func run(_ calls: String...) -> [String] { run(calls) }

    @discardableResult
    func run(_ calls: [String]) -> [String] {
        let before = log.count
        typealias Run = @convention(c) (UnsafePointer<CChar>) -> Int32
        _ = unsafe unsafeBitCast(dlsym(handle, "source_run"), to: Run.self)(
            calls.joined(separator: "\n")
        )
        return Array(log.dropFirst(before))
    }

    /// Runs calls on the thread of the test.
    func runHere(_ calls: String...) -> [String] {
        let before = log.count
        typealias Run = @convention(c) (UnsafePointer<CChar>) -> Void
        unsafe unsafeBitCast(dlsym(handle, "source_here"), to: Run.self)(
            calls.joined(separator: "\n")
        )
        return Array(log.dropFirst(before))
    }

    /// The transaction that was committed last.
    func newest() throws -> Transaction {
        try house.commits.all.last.unwrapped("nothing was committed")
    }

    /// Answers a transaction and waits until the source has heard; what was written down.
    func answer(
        _ transaction: Transaction,
        _ status: CommitStatus = .installed,
        _ problems: [Problem] = []
    ) -> [String] {
        let before = log.count
        transaction.complete(status: status, generation: 7, problems: problems)
        _ = eventually { log.dropFirst(before).contains { $0.hasPrefix("committed") } }
        return Array(log.dropFirst(before))
    }
}
