internal import Glibc
internal import SluiceABI
package import SluiceBase

/// The body of a call, collected piece by piece behind its head.
extension ServiceCall {
    /// Bytes of body so far.
    package var bodyCount: Int { unsafe block.pointee.bodyLength }

    /// [worker] Adds a piece of the body, which is copied.
    package func append(body piece: Bytes) {
        let needed = unsafe block.pointee.used + piece.count
        if unsafe needed > block.pointee.capacity { grow(to: needed) }
        unsafe memcpy(block.pointee.storage + block.pointee.used, piece.start, piece.count)
        unsafe block.pointee.used += piece.count
        unsafe block.pointee.bodyLength += piece.count
    }

    /// The body is whole: the head says whether there is one.
    func sealBody() {
        unsafe block.pointee.head.flags = bodyCount == 0 ? UInt32(SLUICE_REQ_END) : 0
        if unsafe block.pointee.head.content_length < 0 {
            unsafe block.pointee.head.content_length = Int64(bodyCount)
        }
    }

    /// Moves everything to a larger piece of memory, with the spans that point into it.
    private func grow(to needed: Int) {
        let before = unsafe block.pointee.storage
        let capacity = unsafe max(needed, block.pointee.capacity * 2)
        let after = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe memcpy(after, before, block.pointee.used)
        unsafe block.pointee.storage = after
        unsafe block.pointee.capacity = capacity
        unsafe rebase(&block.pointee.head, by: after - before)
        for index in 0..<(unsafe block.pointee.headerCount) {
            let header = unsafe block.pointee.headers + index
            unsafe move(&header.pointee.name, by: after - before)
            unsafe move(&header.pointee.value, by: after - before)
        }
        unsafe before.deallocate()
    }

    private func rebase(_ head: inout sluice_request, by distance: Int) {
        unsafe move(&head.method_name, by: distance)
        unsafe move(&head.scheme, by: distance)
        unsafe move(&head.authority, by: distance)
        unsafe move(&head.path, by: distance)
        unsafe move(&head.suffix, by: distance)
        unsafe move(&head.query, by: distance)
        unsafe move(&head.peer, by: distance)
        unsafe move(&head.route, by: distance)
    }

    private func move(_ span: inout sluice_span, by distance: Int) {
        if let data = unsafe span.data { unsafe span.data = data + distance }
    }
}
