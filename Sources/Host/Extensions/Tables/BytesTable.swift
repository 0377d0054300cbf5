internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// `sluice.bytes/1`, DIRECT: reference-counted bytes that both sides may hold.
enum BytesTable {
    /// What a `sluice_buf` is.
    @safe
    private struct Block: BitwiseCopyable {
        var references: UInt64
        var bytes: sluice_span
        var release: sluice_task?
        var context: UnsafeMutableRawPointer?
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

    private static let retain: @convention(c) (OpaquePointer?) -> Void = { buffer in
        if let buffer = unsafe buffer { unsafe references(buffer).add(1) }
    }

    private static let release: @convention(c) (OpaquePointer?) -> Void = { buffer in
        guard let buffer = unsafe buffer, unsafe references(buffer).add(-1) == 1 else { return }
        let ended = unsafe block(buffer).pointee
        unsafe free(UnsafeMutableRawPointer(buffer))
        unsafe ended.release?(ended.context)
    }

    private static let wrap:
        @convention(c) (
            sluice_span, sluice_task?, UnsafeMutableRawPointer?,
            UnsafeMutablePointer<OpaquePointer?>?
        ) -> sluice_status = { bytes, release, context, out in
            guard let out = unsafe out else { return SLUICE_E_INVALID }
            guard let memory = unsafe malloc(MemoryLayout<Block>.size) else {
                return SLUICE_E_NOMEM
            }
            unsafe memory.assumingMemoryBound(to: Block.self).initialize(
                to: Block(references: 1, bytes: bytes, release: release, context: context)
            )
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
                to: Block(references: 1, bytes: span, release: nil, context: nil)
            )
            unsafe out.pointee = OpaquePointer(memory)
            return SLUICE_OK
        }

    private static let view: @convention(c) (OpaquePointer?) -> sluice_span = { buffer in
        guard let buffer = unsafe buffer else { return unsafe sluice_span() }
        return unsafe block(buffer).pointee.bytes
    }
}
