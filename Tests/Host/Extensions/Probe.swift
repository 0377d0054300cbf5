import Glibc
import SluiceABI

/// The counters and levers of `probe.c`, reached behind the host's back.
@safe
struct Probe: @unchecked Sendable {
    /// In the order of the enumeration in `probe.c`.
    enum Counter: Int32 {
        case created, started, drained, stopped, destroyed, requests, bodies, cancels, dones
        case fired, watched, posted, blocked, blockedDone, issues, committed, installed
        case wrongThread, lastStatus, lastGeneration, resyncs, lastWhy, entered
        case wrongOrder, doneStatus, doneClose, doneBytes, ended, canceled, released
    }

    private let handle: UnsafeMutableRawPointer

    /// The library must have been loaded by the host.
    init(_ path: String) throws {
        guard let handle = unsafe dlopen(path, RTLD_NOW | Int32(RTLD_NOLOAD)) else {
            throw FixtureFailure("\(path) is not loaded")
        }
        unsafe self.handle = handle
    }

    private func function<Function>(_ name: String, as: Function.Type) -> Function {
        unsafe unsafeBitCast(dlsym(handle, name), to: Function.self)
    }

    subscript(counter: Counter) -> Int64 {
        function("probe_read", as: (@convention(c) (Int32) -> Int64).self)(counter.rawValue)
    }

    /// What happened, one letter an event.
    var order: String {
        unsafe String(
            cString: function(
                "probe_order",
                as: (@convention(c) () -> UnsafePointer<CChar>).self
            )()
        )
    }

    /// The last issue a commit was told.
    var text: String {
        unsafe String(
            cString: function(
                "probe_text",
                as: (@convention(c) () -> UnsafePointer<CChar>).self
            )()
        )
    }

    /// While closed, every request waits at its beginning.
    func gate(isClosed: Bool) {
        function("probe_gate", as: (@convention(c) (Int32) -> Void).self)(isClosed ? 1 : 0)
    }

    func post(_ letter: Character) -> Int32 {
        function("probe_post", as: (@convention(c) (Int32) -> Int32).self)(
            Int32(letter.asciiValue ?? 0)
        )
    }

    func late() -> Int32 { function("probe_late", as: (@convention(c) () -> Int32).self)() }

    func blocking(_ instance: Int32 = 0) -> Int32 {
        function("probe_blocking", as: (@convention(c) (Int32) -> Int32).self)(instance)
    }

    func timer(_ first: UInt64, every interval: UInt64) -> Int32 {
        function("probe_timer", as: (@convention(c) (UInt64, UInt64) -> Int32).self)(
            first,
            interval
        )
    }

    func watch(_ descriptor: Int32, _ id: inout UInt64) -> Int32 {
        typealias Watch = @convention(c) (Int32, UnsafeMutablePointer<UInt64>) -> Int32
        return unsafe function("probe_watch", as: Watch.self)(descriptor, &id)
    }

    func cancel(_ id: UInt64) -> Int32 {
        function("probe_cancel", as: (@convention(c) (UInt64) -> Int32).self)(id)
    }

    /// Blocking work that waits while the gate is closed.
    func slow(_ instance: Int32 = 0) -> Int32 {
        function("probe_slow", as: (@convention(c) (Int32) -> Int32).self)(instance)
    }

    /// A buffer that the plugin lends, with one reference.
    func lend() -> OpaquePointer? {
        unsafe function("probe_lend", as: (@convention(c) () -> OpaquePointer?).self)()
    }

    func beat(_ gap: UInt64) -> Int32 {
        function("probe_beat", as: (@convention(c) (UInt64) -> Int32).self)(gap)
    }

    func report(_ instance: Int32, _ state: Int32) -> Int32 {
        function("probe_report", as: (@convention(c) (Int32, Int32) -> Int32).self)(
            instance,
            state
        )
    }

    func respond(_ id: UInt64, _ status: Int32) -> Int32 {
        function("probe_respond", as: (@convention(c) (UInt64, Int32) -> Int32).self)(id, status)
    }

    var bytes: UnsafePointer<sluice_bytes_api> {
        unsafe function(
            "probe_bytes",
            as: (@convention(c) () -> UnsafePointer<sluice_bytes_api>).self
        )()
    }
}
