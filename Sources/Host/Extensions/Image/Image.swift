internal import CFFI
internal import CLinux
internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceTelemetry

/// A library in this process: opened once, never closed, described by its entry function.
///
/// `open` runs the library's constructors and entry on the calling thread, so it is only called
/// in the child of a trial load, and on the instance's lane after the trial has passed.
struct Image: Sendable {
    let description: Description

    /// Opens the library that the loader knows by `path` (`Library.loadPath`).
    ///
    /// Throws a sentence without the path when it is not one of ours.
    static func open(_ path: String) throws(PluginRefusal) -> Image {
        let flags = RTLD_NOW | RTLD_LOCAL | Int32(RTLD_NODELETE)
        guard let handle = unsafe dlopen(path, flags) else {
            throw PluginRefusal("it cannot be loaded: \(lastError(about: path))")
        }
        guard let symbol = unsafe dlsym(handle, SLUICE_ENTRY_SYMBOL) else {
            throw PluginRefusal("it exports no \(SLUICE_ENTRY_SYMBOL): it is not a plugin")
        }
        guard let entry = unsafe unsafeBitCast(symbol, to: sluice_entry_fn?.self) else {
            throw PluginRefusal("its \(SLUICE_ENTRY_SYMBOL) is null")
        }
        return unsafe Image(description: try call(entry))
    }

    private static func call(_ entry: sluice_entry_fn) throws(PluginRefusal) -> Description {
        var hello = unsafe sluice_hello()
        unsafe hello.size = unsafe UInt32(MemoryLayout<sluice_hello>.size)
        unsafe hello.stamp = sluice_stamp_make()
        unsafe hello.host_name = Bytes("sluice").span
        unsafe hello.host_version = Bytes(BuildInfo.literal).span
        var failure = PluginError.empty
        guard let description = unsafe entry(&hello, &failure) else {
            throw PluginRefusal(PluginError.text(failure, otherwise: "it does not want this host"))
        }
        return try unsafe Description(description)
    }

    private static func lastError(about path: String) -> String {
        guard let text = unsafe dlerror() else { return "dlopen gave no reason" }
        return unsafe String(cString: text).replacing("\(path): ", with: "")
    }
}

/// The caller-owned error of the header.
enum PluginError {
    static var empty: sluice_error {
        var error = sluice_error()
        error.size = UInt32(MemoryLayout<sluice_error>.size)
        return error
    }

    /// The sentence in it; `otherwise` when the plugin gave none.
    static func text(_ error: sluice_error, otherwise: String) -> String {
        let count = min(Int(error.text_len), Int(SLUICE_ERROR_TEXT_MAX))
        guard count > 0 else { return otherwise }
        return unsafe withUnsafeBytes(of: error.text) { buffer in
            unsafe String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }

    /// The JSON Pointer in it; empty when there is none.
    static func pointer(_ error: sluice_error) -> String {
        let count = min(Int(error.path_len), Int(SLUICE_ERROR_PATH_MAX))
        return unsafe withUnsafeBytes(of: error.path) { buffer in
            unsafe String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }

    /// Fills the plugin's error, cutting what does not fit, and returns `code`; a missing or short
    /// one is left alone.
    @discardableResult
    static func fill(
        _ error: UnsafeMutablePointer<sluice_error>?,
        _ code: sluice_status,
        _ text: String,
        pointer: String = ""
    ) -> sluice_status {
        guard let error = unsafe error,
            unsafe error.pointee.size >= UInt32(MemoryLayout<sluice_error>.size)
        else { return code }
        unsafe error.pointee.code = code
        unsafe error.pointee.text_len = UInt32(
            copy(text, into: &error.pointee.text, max: Int(SLUICE_ERROR_TEXT_MAX))
        )
        unsafe error.pointee.path_len = UInt32(
            copy(pointer, into: &error.pointee.path, max: Int(SLUICE_ERROR_PATH_MAX))
        )
        return code
    }

    private static func copy<Storage>(_ text: String, into storage: inout Storage, max: Int) -> Int
    {
        unsafe withUnsafeMutableBytes(of: &storage) { buffer in
            let bytes = text.utf8.prefix(max)
            unsafe buffer.copyBytes(from: bytes)
            return bytes.count
        }
    }
}

/// The host's signal handlers before a library was loaded, so that a changed one is put back.
///
/// A dynamic Swift runtime and others install handlers where they find none (header, C7).
@safe
struct SignalGuard {
    private static let watched: [Int32] = [
        SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGQUIT, SIGPIPE, SIGTERM, SIGINT,
        SIGHUP,
    ]
    private let before: [sigaction]

    init() { before = Self.watched.map(Self.current) }

    private static func current(_ signal: Int32) -> sigaction {
        var action = sigaction()
        _ = unsafe sigaction(signal, nil, &action)
        return action
    }

    /// Puts back what has changed since; the numbers of the signals.
    func restore() -> [Int32] {
        var changed: [Int32] = []
        for (index, signal) in Self.watched.enumerated() {
            var now = Self.current(signal)
            var kept = before[index]
            guard unsafe clinux_same_action(&now, &kept) == 0 else { continue }
            changed.append(signal)
            _ = unsafe sigaction(signal, &kept, nil)
        }
        return changed
    }
}

/// What a library says about itself, copied out of its static description.
@safe
struct Description: @unchecked Sendable {
    let id: String
    let version: String
    let summary: String
    /// JSON Schema text for the instance's configuration; nil: it takes none.
    let configSchema: String?
    /// The same for what a route says to a filter.
    let routeSchema: String?
    /// The minor of the header that it was built with, and the lowest that will do.
    let builtMinor: UInt16
    let needsMinor: UInt16
    let requires: [String]
    let flags: UInt32
    let operations: sluice_plugin_ops

    var isSingleton: Bool { flags & SLUICE_PLUGIN_SINGLETON != 0 }
    var isGo: Bool { flags & SLUICE_PLUGIN_GO != 0 }

    /// Checks and copies; throws a sentence about what is missing.
    init(_ pointer: UnsafePointer<sluice_plugin_desc>) throws(PluginRefusal) {
        let stampEnd = 8 + MemoryLayout<sluice_stamp>.size
        guard unsafe pointer.pointee.size >= UInt32(stampEnd) else {
            throw unsafe PluginRefusal(
                "its description has size \(pointer.pointee.size), expected at least \(stampEnd)"
            )
        }
        try Stamp.check(unsafe pointer.pointee.stamp)
        let described = unsafe pointer.sized(empty: sluice_plugin_desc())
        guard unsafe described.needs_minor <= UInt16(SLUICE_ABI_MINOR) else {
            throw unsafe PluginRefusal(
                "it needs ABI minor \(described.needs_minor), this host has \(SLUICE_ABI_MINOR)"
            )
        }
        guard let operations = unsafe described.ops else {
            throw PluginRefusal("its description has no ops")
        }
        unsafe self.operations = operations.sized(empty: sluice_plugin_ops())
        unsafe id = described.id.text
        unsafe version = described.version.text
        unsafe summary = described.summary.text
        unsafe configSchema =
            described.config_schema.isPresent
            ? described.config_schema.text : nil
        unsafe routeSchema =
            described.route_schema.isPresent
            ? described.route_schema.text : nil
        unsafe builtMinor = described.stamp.abi_minor
        unsafe needsMinor = described.needs_minor
        unsafe flags = described.flags
        var names: [String] = []
        for index in 0..<Int(unsafe described.requires_ids.count) {
            let span: sluice_span = unsafe described.requires_ids.element(
                index,
                empty: sluice_span()
            )
            unsafe names.append(span.text)
        }
        requires = names
        try check()
    }

    private func check() throws(PluginRefusal) {
        guard !id.isEmpty else { throw PluginRefusal("its description has no id") }
        guard unsafe operations.create != nil else { throw PluginRefusal("its ops have no create") }
        let missing = requires.filter { !HostInterface.names.contains($0) }
        guard missing.isEmpty else {
            let list = missing.map { "\"\($0)\"" }.joined(separator: ", ")
            throw PluginRefusal(
                "it requires \(list), which this host does not offer; it offers "
                    + HostInterface.names.joined(separator: ", ")
            )
        }
    }
}

/// The layout stamp of a library against the host's, field by field, so that the one that differs
/// is named.
enum Stamp {
    /// Throws a sentence about the first field that differs; minors are compared elsewhere.
    static func check(_ plugin: sluice_stamp) throws(PluginRefusal) {
        let host = sluice_stamp_make()
        guard plugin.magic == host.magic else {
            throw PluginRefusal(
                "its stamp begins with \(hex(plugin.magic)), host \(hex(host.magic)): "
                    + "it was not built with sluice.h, or with another draft of it"
            )
        }
        let fields: [(String, Int, Int)] = [
            ("abi_major", Int(plugin.abi_major), Int(host.abi_major)),
            ("pointer_bits", Int(plugin.pointer_bits), Int(host.pointer_bits)),
            ("little_endian", Int(plugin.little_endian), Int(host.little_endian)),
            ("sizeof(sluice_span)", Int(plugin.sz_span), Int(host.sz_span)),
            ("sizeof(sluice_chunk)", Int(plugin.sz_chunk), Int(host.sz_chunk)),
            ("sizeof(sluice_header)", Int(plugin.sz_header), Int(host.sz_header)),
            ("sizeof(sluice_list)", Int(plugin.sz_list), Int(host.sz_list)),
            ("sizeof(sluice_error)", Int(plugin.sz_error), Int(host.sz_error)),
        ]
        for (name, theirs, ours) in fields where theirs != ours {
            throw PluginRefusal(
                "\(name) is \(theirs), host \(ours): rebuild it against this host's sluice.h"
            )
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
