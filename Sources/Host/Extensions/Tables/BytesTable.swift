internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// `sluice.bytes`, DIRECT: reference-counted bytes that both sides may hold.
enum BytesTable {
    /// What a `sluice_buf` is.
    @safe
    private struct Block: BitwiseCopyable {
        var references: UInt64
        var bytes: sluice_span
        var release: sluice_release?
        var context: UnsafeMutableRawPointer?
        /// Buffers of the instance that lent the bytes; its end waits for them.
        var lent: Cell?
    }

    nonisolated(unsafe) static let table = unsafe permanent(
        sluice_bytes_api(retain: retain, release: release, wrap: wrap, copy: copy, view: view)
    )

    private static func block(_ buffer: OpaquePointer) -> UnsafeMutablePointer<Block> {
        unsafe UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: Block.self)
    }

    private static func references(_ buffer: OpaquePointer) -> Cell {
        unsafe Cell(UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: UInt64.self))
    }

    static let retain: @convention(c) (OpaquePointer?) -> Void = { buffer in
        if let buffer = unsafe buffer { unsafe references(buffer).add(1) }
    }

    static let release: @convention(c) (OpaquePointer?) -> Void = { buffer in
        guard let buffer = unsafe buffer, unsafe references(buffer).add(-1) == 1 else { return }
        let ended = unsafe block(buffer).pointee
        unsafe free(UnsafeMutableRawPointer(buffer))
        unsafe ended.release?(ended.context)
        ended.lent?.add(-1)
    }

    private static let wrap:
        @convention(c) (
            UnsafePointer<sluice_host>?, sluice_span, sluice_release?, UnsafeMutableRawPointer?,
            UnsafeMutablePointer<OpaquePointer?>?
        ) -> sluice_status = { owner, bytes, release, context, out in
            guard let out = unsafe out, unsafe bytes.isWhole else { return SLUICE_E_INVALID }
            var lent: Cell?
            if unsafe owner != nil {
                guard let instance = unsafe caller(owner) else { return SLUICE_E_GONE }
                lent = instance.lent
            }
            guard let memory = unsafe malloc(MemoryLayout<Block>.size) else {
                return SLUICE_E_NOMEM
            }
            unsafe memory.assumingMemoryBound(to: Block.self).initialize(
                to: Block(
                    references: 1,
                    bytes: bytes,
                    release: release,
                    context: context,
                    lent: lent
                )
            )
            lent?.add(1)
            unsafe out.pointee = OpaquePointer(memory)
            return SLUICE_OK
        }

    private static let copy:
        @convention(c) (sluice_span, UnsafeMutablePointer<OpaquePointer?>?) -> sluice_status = {
            bytes,
            out in
            guard let out = unsafe out else { return SLUICE_E_INVALID }
            let head = MemoryLayout<Block>.size
            let count = unsafe bytes.len
            guard let memory = unsafe malloc(head + count) else { return SLUICE_E_NOMEM }
            let place = unsafe memory + head
            if count > 0, let data = unsafe bytes.data { unsafe memcpy(place, data, count) }
            let span = unsafe sluice_span(
                data: UnsafePointer(place.assumingMemoryBound(to: UInt8.self)),
                len: count
            )
            unsafe memory.assumingMemoryBound(to: Block.self).initialize(
                to: Block(references: 1, bytes: span, release: nil, context: nil, lent: nil)
            )
            unsafe out.pointee = OpaquePointer(memory)
            return SLUICE_OK
        }

    private static let view: @convention(c) (OpaquePointer?) -> sluice_span = { buffer in
        guard let buffer = unsafe buffer else { return unsafe sluice_span() }
        return unsafe block(buffer).pointee.bytes
    }
}

extension sluice_span {
    /// The bytes as the host's view; an absent span is empty.
    var bytes: Bytes {
        guard let data = unsafe data else { return .empty }
        return unsafe Bytes(start: data, count: len)
    }

    /// Whether it names bytes: a length that memory can have, and a place unless it is 0.
    var isWhole: Bool { unsafe len >= 0 && (len == 0 || data != nil) }

    /// The bytes as text, copied.
    var text: String { unsafe bytes.text }

    /// Whether there is anything, if only zero bytes.
    var isPresent: Bool { unsafe data != nil }
}

extension Bytes {
    /// The view as the header's type; borrowed.
    var span: sluice_span { unsafe sluice_span(data: start, len: count) }

    /// A copy that lives as long as the process, followed by a NUL.
    var permanent: UnsafePointer<UInt8> {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: count + 1)
        unsafe memcpy(copy, start, count)
        unsafe copy[count] = 0
        return unsafe UnsafePointer(copy)
    }
}

extension String {
    /// The text as a span that lives as long as the process.
    var permanentSpan: sluice_span {
        unsafe withBytes { bytes in unsafe sluice_span(data: bytes.permanent, len: bytes.count) }
    }
}

extension sluice_list {
    /// Element `index`, of a struct that may be shorter or longer than ours (header, C2).
    func element<Element: BitwiseCopyable>(_ index: Int, empty: Element) -> Element {
        var copy = empty
        guard let items = unsafe items else { return copy }
        let source = unsafe items + index * Int(stride)
        unsafe memcpy(&copy, source, min(Int(stride), MemoryLayout<Element>.size))
        return copy
    }
}

extension UnsafePointer where Pointee: BitwiseCopyable {
    /// The struct behind the pointer, which starts with its own `size`: shorter ones are filled
    /// with zeros, longer ones cut (header, C2).
    func sized(empty: Pointee) -> Pointee {
        var copy = empty
        let raw = unsafe UnsafeRawPointer(self)
        let size = unsafe Int(raw.loadUnaligned(as: UInt32.self))
        unsafe memcpy(&copy, raw, min(size, MemoryLayout<Pointee>.size))
        return copy
    }
}

/// The header's names of its status codes, for messages.
enum StatusName {
    private static let names: [sluice_status: String] = [
        SLUICE_OK: "SLUICE_OK", SLUICE_PENDING: "SLUICE_PENDING",
        SLUICE_DECLINED: "SLUICE_DECLINED", SLUICE_E_INVALID: "SLUICE_E_INVALID",
        SLUICE_E_UNSUPPORTED: "SLUICE_E_UNSUPPORTED", SLUICE_E_GONE: "SLUICE_E_GONE",
        SLUICE_E_AGAIN: "SLUICE_E_AGAIN", SLUICE_E_LIMIT: "SLUICE_E_LIMIT",
        SLUICE_E_DENIED: "SLUICE_E_DENIED", SLUICE_E_THREAD: "SLUICE_E_THREAD",
        SLUICE_E_STATE: "SLUICE_E_STATE", SLUICE_E_TIMEOUT: "SLUICE_E_TIMEOUT",
        SLUICE_E_IO: "SLUICE_E_IO", SLUICE_E_EXISTS: "SLUICE_E_EXISTS",
        SLUICE_E_NOTFOUND: "SLUICE_E_NOTFOUND", SLUICE_E_NOMEM: "SLUICE_E_NOMEM",
        SLUICE_E_CANCELED: "SLUICE_E_CANCELED", SLUICE_E_TYPE: "SLUICE_E_TYPE",
        SLUICE_E_INTERNAL: "SLUICE_E_INTERNAL", SLUICE_E_BUSY: "SLUICE_E_BUSY",
    ]

    static func text(_ status: sluice_status) -> String { names[status] ?? "status \(status)" }
}
