internal import CFFI
internal import CLinux
internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// A library in this process: opened once, never closed, described by its entry function.
///
/// `open` runs the library's constructors and entry on the calling thread, so it is only called
/// in the child of a trial load, and on the instance's lane after the trial has passed.
struct Image: Sendable {
    let path: String
    let description: Description

    /// Throws a sentence without the path when the library is not one of ours.
    static func open(_ path: String) throws(PluginRefusal) -> Image {
        let flags = RTLD_NOW | RTLD_LOCAL | Int32(RTLD_NODELETE)
        guard let handle = unsafe dlopen(path, flags) else {
            throw PluginRefusal("it cannot be loaded: \(lastError())")
        }
        guard let symbol = unsafe dlsym(handle, SLUICE_ENTRY_SYMBOL) else {
            throw PluginRefusal("it exports no \(SLUICE_ENTRY_SYMBOL): it is not a plugin")
        }
        guard let entry = unsafe unsafeBitCast(symbol, to: sluice_entry_fn?.self) else {
            throw PluginRefusal("its \(SLUICE_ENTRY_SYMBOL) is null")
        }
        return unsafe Image(path: path, description: try call(entry))
    }

    private static func call(_ entry: sluice_entry_fn) throws(PluginRefusal) -> Description {
        var hello = unsafe sluice_hello()
        unsafe hello.size = unsafe UInt32(MemoryLayout<sluice_hello>.size)
        unsafe hello.stamp = sluice_stamp_make()
        unsafe hello.host_name = Bytes("sluice").span
        unsafe hello.host_version = Bytes(HostVersion.literal).span
        var failure = PluginError.empty
        guard let description = unsafe entry(&hello, &failure) else {
            throw PluginRefusal(PluginError.text(failure, otherwise: "it does not want this host"))
        }
        return try unsafe Description(description)
    }

    private static func lastError() -> String {
        guard let text = unsafe dlerror() else { return "dlopen gave no reason" }
        return unsafe String(cString: text)
    }
}

/// The version that plugins and people are told.
package enum HostVersion {
    static let literal: StaticString = "0.1.0"
    package static var text: String { Bytes(literal).text }
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

    /// Fills the plugin's error, cutting what does not fit; a missing or short one is left alone.
    static func fill(
        _ error: UnsafeMutablePointer<sluice_error>?,
        _ code: sluice_status,
        _ text: String,
        pointer: String = ""
    ) {
        guard let error = unsafe error,
            unsafe error.pointee.size >= UInt32(MemoryLayout<sluice_error>.size)
        else { return }
        unsafe error.pointee.code = code
        unsafe error.pointee.text_len = UInt32(
            copy(text, into: &error.pointee.text, max: Int(SLUICE_ERROR_TEXT_MAX))
        )
        unsafe error.pointee.path_len = UInt32(
            copy(pointer, into: &error.pointee.path, max: Int(SLUICE_ERROR_PATH_MAX))
        )
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
