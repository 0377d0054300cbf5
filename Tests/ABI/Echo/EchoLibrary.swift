import Glibc
import SluiceABI

/// libecho.so, loaded and driven as a host drives it.
@safe
final class EchoLibrary {
    struct Answer: Equatable {
        var status: Int32
        var type: String
        var body: String
    }

    /// What the last request was answered with; the header's table takes no context.
    nonisolated(unsafe) fileprivate static var answer: Answer?
    nonisolated(unsafe) fileprivate static var isOffered = true
    nonisolated(unsafe) fileprivate static let http: UnsafeMutablePointer<sluice_http_api> = {
        let table = UnsafeMutablePointer<sluice_http_api>.allocate(capacity: 1)
        unsafe table.initialize(to: sluice_http_api())
        unsafe table.pointee.respond = respond
        return unsafe table
    }()

    private let ops: sluice_plugin_ops
    private let context: UnsafeMutableRawPointer
    let id: String
    let flags: UInt32

    /// Loads the library and creates an instance; the text is what stood in the way.
    init(_ configuration: String, offersHTTP: Bool = true) throws(Refusal) {
        let path = "\(Repository.products)/libecho.so"
        guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL),
            let symbol = unsafe dlsym(library, SLUICE_ENTRY_SYMBOL)
        else { throw Refusal("\(path) is not built: run `swift build -c release --build-tests`") }
        typealias Entry =
            @convention(c) (
                UnsafePointer<sluice_hello>, UnsafeMutablePointer<sluice_error>?
            ) -> UnsafePointer<sluice_plugin_desc>?
        let entry = unsafe unsafeBitCast(symbol, to: Entry.self)
        var hello = unsafe sluice_hello()
        unsafe hello.size = UInt32(MemoryLayout<sluice_hello>.size)
        unsafe hello.stamp = sluice_stamp_make()
        guard let description = unsafe entry(&hello, nil)?.pointee,
            let ops = unsafe description.ops?.pointee
        else { throw Refusal("no description") }
        unsafe id = text(description.id)
        unsafe flags = description.flags
        self.ops = ops
        unsafe Self.isOffered = offersHTTP
        unsafe context = try Self.create(ops, configuration)
    }

    deinit {
        unsafe ops.destroy(context)
    }

    /// What `create` and `check_config` wrote.
    struct Refusal: Error, Equatable {
        let text: String

        init(_ text: String) {
            self.text = text
        }
    }

    private static func create(
        _ ops: sluice_plugin_ops,
        _ configuration: String
    ) throws(Refusal) -> UnsafeMutableRawPointer {
        var host = unsafe sluice_host(
            size: UInt32(MemoryLayout<sluice_host>.size),
            abi_major: 0,
            abi_minor: 0,
            find: find
        )
        var context: UnsafeMutableRawPointer?
        var report = sluice_error()
        report.size = UInt32(MemoryLayout<sluice_error>.size)
        let words = Pinned(configuration)
        var instance = unsafe sluice_instance()
        unsafe instance.size = UInt32(MemoryLayout<sluice_instance>.size)
        unsafe instance.config = words.span
        let status = unsafe ops.create(&host, &instance, &context, &report)
        words.free()
        guard status == SLUICE_OK, let context = unsafe context else {
            throw Refusal("\(status) \(message(&report))")
        }
        return unsafe context
    }

    /// The mount's prefix, limit and flags.
    func mount() -> (prefix: String, bytesMax: UInt64, flags: UInt32)? {
        var list = unsafe sluice_list()
        guard let service = service(), unsafe service.mounts(context, &list, nil) == SLUICE_OK,
            let mount = unsafe list.items?.assumingMemoryBound(to: sluice_mount.self).pointee
        else { return nil }
        return unsafe (text(mount.prefix), mount.max_body, mount.flags)
    }

    /// Sends a request with these header lines and body pieces.
    func request(
        _ method: String,
        _ path: String,
        query: String? = nil,
        headers: [(name: String, value: [UInt8])] = [],
        body: [[UInt8]] = []
    ) -> Answer? {
        var pins: [Pinned] = []
        func pin(_ bytes: [UInt8]) -> sluice_span {
            pins.append(Pinned(bytes))
            return unsafe pins[pins.count - 1].span
        }
        defer { for pin in pins { pin.free() } }
        let lines = unsafe headers.map { line in
            unsafe sluice_header(
                name: pin(Array(line.name.utf8)),
                value: pin(line.value),
                flags: 0,
                reserved: 0
            )
        }
        let pieces = unsafe body.map { unsafe sluice_chunk(bytes: pin($0), owner: nil) }
        var words = unsafe sluice_request()
        unsafe words.size = UInt32(MemoryLayout<sluice_request>.size)
        unsafe words.method_name = pin(Array(method.utf8))
        unsafe words.path = pin(Array(path.utf8))
        if let query { unsafe words.query = pin(Array(query.utf8)) }
        unsafe words.http_version = 11
        unsafe Self.answer = nil
        var state: UnsafeMutableRawPointer?
        return unsafe lines.withUnsafeBufferPointer { lines in
            unsafe words.headers = sluice_headers(items: lines.baseAddress, count: lines.count)
            let status = unsafe service()?.request(
                context,
                1,
                0,
                &words,
                pieces,
                pieces.count,
                &state,
                nil
            )
            return unsafe status == SLUICE_OK ? Self.answer : nil
        }
    }

    /// Changes the configuration; nil when it was taken, else what was written.
    func reconfigure(_ configuration: String) -> String? {
        var report = sluice_error()
        report.size = UInt32(MemoryLayout<sluice_error>.size)
        let words = Pinned(configuration)
        defer { words.free() }
        let status = unsafe ops.reconfigure(context, words.span, &report)
        return status == SLUICE_OK ? nil : "\(status) \(message(&report))"
    }

    private func service() -> sluice_service_ops? {
        unsafe ops.role(context, SLUICE_ROLE_SERVICE)?
            .assumingMemoryBound(to: sluice_service_ops.self).pointee
    }
}

private func find(
    _ host: UnsafePointer<sluice_host>?,
    _ id: UnsafePointer<CChar>?
) -> UnsafeRawPointer? {
    unsafe EchoLibrary.isOffered ? UnsafeRawPointer(EchoLibrary.http) : nil
}

private func respond(
    _ id: UInt64,
    _ response: UnsafePointer<sluice_response>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let words = unsafe response?.pointee, let type = unsafe words.headers.items?.pointee,
        let body = unsafe words.body?.pointee
    else { return SLUICE_E_INVALID }
    unsafe EchoLibrary.answer = EchoLibrary.Answer(
        status: words.status,
        type: text(type.value),
        body: text(body.bytes)
    )
    return SLUICE_OK
}

/// Bytes with a stable address.
@safe
private struct Pinned {
    private let place: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        // One more than needed: an empty text is present, not absent.
        unsafe place = .allocate(capacity: bytes.count + 1)
        unsafe place.initialize(repeating: 0)
        for (index, byte) in bytes.enumerated() { unsafe place[index] = byte }
    }

    init(_ text: String) {
        self.init(Array(text.utf8))
    }

    var span: sluice_span {
        unsafe sluice_bytes(place.baseAddress, place.count - 1)
    }

    func free() {
        unsafe place.deallocate()
    }
}

private func text(_ span: sluice_span) -> String {
    unsafe String(decoding: UnsafeBufferPointer(start: span.data, count: span.len), as: UTF8.self)
}

private func message(_ report: inout sluice_error) -> String {
    let path = Int(report.path_len)
    let length = Int(report.text_len)
    return unsafe withUnsafeBytes(of: &report) { bytes in
        let words = unsafe [bytes[16..<16 + path], bytes[128..<128 + length]].map {
            unsafe String(decoding: $0, as: UTF8.self)
        }
        return words.joined(separator: ": ")
    }
}
