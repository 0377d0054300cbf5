internal import SluiceABI

/// Mounts in the header's words, which the host borrows until it asks again.
@safe
final class MountList {
    private var arena = Arena()
    private let mounts: UnsafeMutablePointer<sluice_mount>
    private let count: Int

    init(_ mounts: [Mount]) {
        count = mounts.count
        unsafe self.mounts = .allocate(capacity: max(count, 1))
        for (index, mount) in mounts.enumerated() {
            unsafe (self.mounts + index).initialize(to: mount.words(&arena))
        }
    }

    deinit {
        arena.free()
        unsafe mounts.deallocate()
    }

    var list: sluice_list {
        unsafe sluice_items(mounts, UInt32(count), UInt32(MemoryLayout<sluice_mount>.stride))
    }
}

extension Mount {
    fileprivate func words(_ arena: inout Arena) -> sluice_mount {
        var words = unsafe sluice_mount()
        unsafe words.size = UInt32(MemoryLayout<sluice_mount>.size)
        unsafe words.methods = methods.reduce(0) { $0 | $1.rawValue }
        unsafe words.prefix = arena.span(prefix)
        unsafe words.pattern = arena.span(pattern)
        unsafe words.body = bodyBytesMax == nil ? SLUICE_BODY_NONE : SLUICE_BODY_BUFFERED
        unsafe words.max_body = bodyBytesMax ?? 0
        unsafe words.flags = allowsHalfClose ? SLUICE_MOUNT_HALF_CLOSE : 0
        unsafe words.timeout_ns = timeout.nanoseconds
        unsafe words.max_inflight = inFlightMax ?? 0
        unsafe words.tag = tag
        return unsafe words
    }
}

extension Timeout {
    fileprivate var nanoseconds: UInt64 {
        switch self {
        case .hostDefault: 0
        case .after(let duration): duration.nanoseconds
        case .never: UInt64.max
        }
    }
}
