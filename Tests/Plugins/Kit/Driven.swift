import SluiceABI
import SluiceKit

/// The scripted plugin, driven through its C tables as a host drives it.
@safe
final class Driven {
    /// What a failed step wrote.
    struct Failure: Error, Equatable {
        var status: Int32
        var pointer: String
        var text: String
    }

    let ops: UnsafePointer<sluice_plugin_ops>
    private var context: UnsafeMutableRawPointer?

    /// What the entry answers to a host of a revision.
    static func describe(
        revision: UInt16 = UInt16(SLUICE_ABI_MAJOR),
        _ report: UnsafeMutablePointer<sluice_error>? = nil
    ) -> UnsafePointer<sluice_plugin_desc>? {
        var hello = unsafe sluice_hello()
        unsafe hello.size = unsafe UInt32(MemoryLayout<sluice_hello>.size)
        unsafe hello.stamp = sluice_stamp_make()
        unsafe hello.stamp.abi_major = revision
        return PluginEntry.describe(ScriptedPlugin.self, to: &hello, report)
    }

    /// The description of the plugin.
    static func description() -> DescriptionWords? {
        guard let table = unsafe describe() else { return nil }
        return unsafe DescriptionWords(table.pointee)
    }

    /// Says hello as a host of a revision; throws when it is refused.
    static func meet(revision: UInt16) throws {
        unsafe try reporting { report in
            unsafe describe(revision: revision, report) == nil ? report.pointee.code : 0
        }
    }

    /// Says hello, and creates an instance.
    init(_ configuration: String = "{}", isCheckOnly: Bool = false) throws {
        guard let ops = unsafe Driven.describe()?.pointee.ops
        else { throw Failure(status: 0, pointer: "", text: "no description") }
        unsafe self.ops = unsafe ops
        var context: UnsafeMutableRawPointer?
        let name = Array("one".utf8)
        let words = Array(configuration.utf8)
        let folder = Array("/etc/sluice".utf8)
        unsafe try name.withUnsafeBufferPointer { name in
            unsafe try words.withUnsafeBufferPointer { words in
                unsafe try folder.withUnsafeBufferPointer { folder in
                    var instance = unsafe sluice_instance()
                    unsafe instance.size = unsafe UInt32(MemoryLayout<sluice_instance>.size)
                    unsafe instance.workers = 3
                    unsafe instance.name = unsafe sluice_bytes(name.baseAddress, name.count)
                    unsafe instance.config = unsafe sluice_bytes(words.baseAddress, words.count)
                    unsafe instance.config_dir = unsafe sluice_bytes(
                        folder.baseAddress,
                        folder.count
                    )
                    unsafe instance.check_only = isCheckOnly ? 1 : 0
                    unsafe try Driven.reporting {
                        unsafe ops.pointee.create(FakeTables.host, &instance, &context, $0)
                    }
                }
            }
        }
        unsafe self.context = unsafe context
    }

    deinit {
        if let context = unsafe context { unsafe ops.pointee.destroy(context) }
    }

    var plugin: ScriptedPlugin? { unsafe ScriptedPlugin.last }

    func start() throws {
        unsafe try Driven.reporting { unsafe ops.pointee.start(context, $0) }
    }

    func reconfigure(_ text: String) throws {
        unsafe try Driven.withSpan(text) { span in
            unsafe try Driven.reporting { unsafe ops.pointee.reconfigure(context, span, $0) }
        }
    }

    func check(_ text: String) throws {
        unsafe try Driven.withSpan(text) { span in
            unsafe try Driven.reporting { unsafe ops.pointee.check_config(span, $0) }
        }
    }

    func drain(deadline: UInt64) -> Int32 { unsafe ops.pointee.drain(context, deadline) }

    @discardableResult
    func stop(deadline: UInt64 = .max) -> Int32 {
        unsafe ops.pointee.stop(context, deadline)
    }

    func destroy() {
        if let context = unsafe context { unsafe ops.pointee.destroy(context) }
        unsafe context = nil
    }

    func source() -> sluice_source_ops? {
        unsafe ops.pointee.role(context, SLUICE_ROLE_SOURCE)?
            .assumingMemoryBound(to: sluice_source_ops.self).pointee
    }

    func service() -> sluice_service_ops? {
        unsafe ops.pointee.role(context, SLUICE_ROLE_SERVICE)?
            .assumingMemoryBound(to: sluice_service_ops.self).pointee
    }

    func playsService() -> Bool { service() != nil }

    func isRequired() -> Bool? { source().map { $0.required == 1 } }

    func playsFilter() -> Bool { unsafe ops.pointee.role(context, SLUICE_ROLE_FILTER) != nil }

    func resync() throws {
        unsafe try Driven.reporting { unsafe source()?.resync(context, $0) ?? SLUICE_E_STATE }
    }

    func installed(_ generation: UInt64, settled: UInt32) {
        unsafe source()?.installed(context, generation, settled)
    }

    func mounts() -> [MountWords] {
        var list = unsafe sluice_list()
        guard unsafe service()?.mounts(context, &list, nil) == SLUICE_OK,
            let items = unsafe list.items
        else {
            return []
        }
        return unsafe (0..<Int(list.count)).map {
            unsafe MountWords(
                items.loadUnaligned(fromByteOffset: $0 * Int(list.stride), as: sluice_mount.self)
            )
        }
    }

    /// Sends a request with one header and a body in two pieces.
    @discardableResult
    func request(_ path: String, id: UInt64 = 11) throws -> Int32 {
        let texts = ["GET", path, "q=1", "accept", "x/y", "bo", "dy"].map { Array($0.utf8) }
        let copies = unsafe texts.map { text -> UnsafeMutableBufferPointer<UInt8> in
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
            _ = unsafe copy.initialize(from: text)
            return unsafe copy
        }
        defer { for index in unsafe copies.indices { unsafe copies[index].deallocate() } }
        let spans = unsafe copies.map { unsafe sluice_bytes($0.baseAddress, $0.count) }
        var header = unsafe sluice_header(name: spans[3], value: spans[4], flags: 0, reserved: 0)
        var words = unsafe sluice_request()
        unsafe words.size = unsafe UInt32(MemoryLayout<sluice_request>.size)
        unsafe words.method_name = unsafe spans[0]
        unsafe words.path = unsafe spans[1]
        unsafe words.query = unsafe spans[2]
        let pieces = unsafe [5, 6].map { unsafe sluice_chunk(bytes: spans[$0], owner: nil) }
        var ignored: UnsafeMutableRawPointer?
        var status = SLUICE_E_STATE
        unsafe try withUnsafePointer(to: &header) { header in
            unsafe words.headers = unsafe sluice_headers(items: header, count: 1)
            unsafe try Driven.reporting { report in
                status =
                    unsafe service()?.request(
                        context,
                        id,
                        5,
                        &words,
                        pieces,
                        pieces.count,
                        &ignored,
                        report
                    ) ?? status
                return status
            }
        }
        return status
    }

    func cancel(_ id: UInt64) { unsafe service()?.cancel(context, nil, id, SLUICE_CLOSE_CLIENT) }

    func done(_ id: UInt64) {
        var facts = unsafe sluice_exchange()
        unsafe service()?.done(context, nil, id, &facts)
    }

    private static func withSpan<Answer>(
        _ text: String,
        _ body: (sluice_span) throws -> Answer
    ) rethrows -> Answer {
        var text = text
        return try text.withUTF8 { unsafe try body(sluice_bytes($0.baseAddress, $0.count)) }
    }

    /// Throws what a step wrote into its error report when it failed.
    static func reporting(
        _ step: (UnsafeMutablePointer<sluice_error>) -> Int32
    ) throws {
        let report = UnsafeMutablePointer<sluice_error>.allocate(capacity: 1)
        unsafe report.initialize(to: sluice_error())
        defer { unsafe report.deallocate() }
        unsafe report.pointee.size = UInt32(MemoryLayout<sluice_error>.size)
        let status = unsafe step(report)
        guard status < 0 else { return }
        let bytes = unsafe UnsafeRawBufferPointer(
            start: report,
            count: MemoryLayout<sluice_error>.size
        )
        let path = unsafe bytes[16..<16 + Int(report.pointee.path_len)]
        let text = unsafe bytes[128..<128 + Int(report.pointee.text_len)]
        throw unsafe Failure(
            status: status,
            pointer: String(decoding: path, as: UTF8.self),
            text: String(decoding: text, as: UTF8.self)
        )
    }
}
