internal import SluiceABI

/// What the kit keeps in the host's tag beside the plugin's own.
enum MountTag {
    static let inline: UInt32 = 1 << 31
    static let streamed: UInt32 = 1 << 30
    static let own: UInt32 = streamed - 1
}

/// Mounts in the header's words, which the host borrows until it asks again.
@safe
final class MountList {
    private var arena = Arena()
    private let mounts: UnsafeMutablePointer<sluice_mount>
    private let count: Int

    init(_ mounts: [Mount]) throws(PluginError) {
        for mount in mounts where mount.tag > MountTag.own {
            throw PluginError(
                .invalid,
                "the mount \(mount.prefix) has the tag \(mount.tag); tags are at most "
                    + "\(MountTag.own)"
            )
        }
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
        unsafe words.head_ns = headTimeout.nanoseconds
        unsafe words.idle_ns = idleTimeout.nanoseconds
        unsafe words.total_ns = totalTimeout.nanoseconds
        unsafe words.max_inflight = inFlightMax ?? 0
        unsafe words.tag = tag
        switch body {
        case .none: unsafe words.body = SLUICE_BODY_NONE
        case .buffered(let bytesMax):
            unsafe words.body = SLUICE_BODY_BUFFERED
            unsafe words.max_body = bytesMax
        case .streamed(let bytesMax):
            unsafe words.body = SLUICE_BODY_STREAM
            unsafe words.max_body = bytesMax
            unsafe words.tag |= MountTag.streamed
        }
        if allowsHalfClose { unsafe words.flags |= SLUICE_MOUNT_HALF_CLOSE }
        if isInline {
            unsafe words.flags |= SLUICE_MOUNT_INLINE
            unsafe words.tag |= MountTag.inline
        }
        return unsafe words
    }
}

extension Timeout {
    /// The header's number for it.
    var nanoseconds: UInt64 {
        switch self {
        case .hostDefault: 0
        case .after(let duration): duration.nanoseconds
        case .never: UInt64.max
        }
    }
}
