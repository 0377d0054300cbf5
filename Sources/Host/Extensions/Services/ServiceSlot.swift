internal import SluiceABI
internal import SluiceBase

/// One mount of a service, as the workers read it.
@safe
struct Mount: BitwiseCopyable {
    var prefix: UnsafePointer<UInt8>
    var prefixLength: Int
    var pattern: UnsafePointer<UInt8>
    var patternLength: Int
    var methods: UInt32
    var tag: UInt32
    var isInline: Bool
    var allowsHalfClose: Bool
    var body: BodyMode
    var bodyBytesMax: Int
    var times: MountTimes
    var inflightMax: UInt64
    /// Calls that run or wait.
    var inflight: Cell

    var prefixBytes: Bytes { unsafe Bytes(start: prefix, count: prefixLength) }
    var patternBytes: Bytes { unsafe Bytes(start: pattern, count: patternLength) }
}

/// One service instance, as the workers and its lane read it.
@safe
struct ServiceSlot: BitwiseCopyable {
    enum State {
        static let empty: UInt64 = 0
        /// Loaded, not started.
        static let waiting: UInt64 = 1
        static let serving: UInt64 = 2
        static let draining: UInt64 = 3
        /// No call begins; those that are open are being ended.
        static let stopped: UInt64 = 4
    }

    /// `State`; written by the life cycle, read by everybody.
    var state: Cell
    /// Calls that wait for the lane.
    var queued: Cell
    var queuedMax: UInt64
    var mounts: UnsafeMutablePointer<Mount>?
    var mountCount: Int
    var instance: Int32
    var plugin: UnsafeMutableRawPointer?
    var operations: sluice_service_ops
    var lane: LaneGate
    /// As in `Lane`.
    var enteredAt: Cell
    var enteredFor: Cell
    /// Time an inline call may hold its worker before it is reported.
    var budgetNanoseconds: UInt64
    /// When it was last reported that it took longer.
    var reported: Cell

    static func empty() -> ServiceSlot {
        unsafe ServiceSlot(
            state: Cell.permanent(),
            queued: Cell.permanent(),
            queuedMax: 0,
            mounts: nil,
            mountCount: 0,
            instance: -1,
            plugin: nil,
            operations: sluice_service_ops(),
            lane: LaneGate.none,
            enteredAt: Cell.permanent(),
            enteredFor: Cell.permanent(),
            budgetNanoseconds: .max,
            reported: Cell.permanent()
        )
    }
}

extension ServiceSlot {
    /// [lane] Runs code of the plugin, as `Lane.inside` does, without counting references.
    func inside<Result>(_ step: StaticString, _ body: () -> Result) -> Result {
        Lane.inside(instance, enteredAt, enteredFor, step, body)
    }
}

extension Mount {
    /// Whether both say the same.
    func says(_ other: Mount) -> Bool {
        prefixBytes.equals(other.prefixBytes) && patternBytes.equals(other.patternBytes)
            && methods == other.methods && tag == other.tag && isInline == other.isInline
            && allowsHalfClose == other.allowsHalfClose && body == other.body
            && bodyBytesMax == other.bodyBytesMax && times == other.times
            && inflightMax == other.inflightMax
    }

    /// Whether the mount has `path`: its prefix by whole segments, then its pattern.
    func matches(_ path: Bytes) -> Bool {
        let prefix = prefixBytes
        guard path.hasPrefix(prefix) else { return false }
        let isWhole =
            prefix.isEmpty || prefix[prefix.count - 1] == UInt8(ascii: "/")
            || path.count == prefix.count || path[prefix.count] == UInt8(ascii: "/")
        guard isWhole else { return false }
        return patternLength == 0 || Self.fits(path.from(prefix.count), patternBytes)
    }

    /// Whether `suffix` has the segments of `pattern`; one that starts with ":" is any segment.
    private static func fits(_ suffix: Bytes, _ pattern: Bytes) -> Bool {
        var rest = suffix
        var wanted = pattern
        while true {
            let slash = rest.index(of: UInt8(ascii: "/"))
            let wantedSlash = wanted.index(of: UInt8(ascii: "/"))
            let segment = slash < 0 ? rest : rest.prefix(slash)
            let want = wantedSlash < 0 ? wanted : wanted.prefix(wantedSlash)
            let isAny = !want.isEmpty && want[0] == UInt8(ascii: ":")
            guard isAny ? !segment.isEmpty : segment.equals(want) else { return false }
            if slash < 0 || wantedSlash < 0 { return slash < 0 && wantedSlash < 0 }
            rest = rest.from(slash + 1)
            wanted = wanted.from(wantedSlash + 1)
        }
    }
}

/// The mounts a plugin declared, checked and in the order in which they are tried.
struct MountTable {
    /// Mounts of one instance.
    static let mountsMax = 256

    /// What the mounts may do and get where they say nothing.
    struct Terms {
        var allowsInline: Bool
        var bodyBytesMax: Int
        var timeoutNanoseconds: UInt64
        var inflightMax: Int
        /// The plugin has an operation for the pieces of a streamed body.
        var takesPieces: Bool
    }

    private(set) var mounts: [Mount] = []
    private(set) var remarks: [String] = []

    /// Copies `list`, of `sluice_mount`; throws a sentence about the first that is wrong.
    init(_ list: sluice_list, terms: Terms) throws(PluginRefusal) {
        guard unsafe list.count <= UInt32(Self.mountsMax) else {
            throw PluginRefusal(
                unsafe "mounts() gave \(list.count) mounts, expected at most \(Self.mountsMax)"
            )
        }
        for index in unsafe 0..<Int(list.count) {
            let mount: sluice_mount = unsafe list.element(index, empty: sluice_mount())
            unsafe mounts.append(try Self.checked(mount, index, terms))
            if unsafe mount.body == SLUICE_BODY_STREAM, !terms.takesPieces {
                remarks.append(
                    "mounts[\(index)] declares a streamed body and there is no body(); "
                        + "request() gets the whole body"
                )
            }
            if unsafe mount.flags & SLUICE_MOUNT_INLINE != 0, !terms.allowsInline {
                remarks.append(
                    "mounts[\(index)] is inline and the configuration does not say "
                        + "\"inline: true\"; its calls run on the lane"
                )
            }
        }
        mounts.sort { $0.prefixLength > $1.prefixLength }
    }

    /// No method is all of them, and GET includes HEAD.
    private static func methods(_ mask: UInt32) -> UInt32 {
        let head = mask & UInt32(SLUICE_M_GET) != 0 ? UInt32(SLUICE_M_HEAD) : 0
        return mask == 0 ? .max : mask | head
    }

    private static func checked(
        _ mount: sluice_mount,
        _ index: Int,
        _ terms: Terms
    ) throws(PluginRefusal) -> Mount {
        let prefix = unsafe mount.prefix.bytes
        guard !prefix.isEmpty, prefix[0] == UInt8(ascii: "/") else {
            throw PluginRefusal(
                "mounts[\(index)].prefix is \"\(prefix.text)\", expected it to start with \"/\""
            )
        }
        guard let body = unsafe BodyMode(rawValue: mount.body) else {
            throw PluginRefusal(unsafe "mounts[\(index)].body is \(mount.body), expected 0, 1 or 2")
        }
        let pattern = unsafe mount.pattern.bytes
        let limit = unsafe mount.max_body == 0 ? UInt64(terms.bodyBytesMax) : mount.max_body
        return unsafe Mount(
            prefix: prefix.permanent,
            prefixLength: prefix.count,
            pattern: pattern.permanent,
            patternLength: pattern.count,
            methods: Self.methods(mount.methods),
            tag: mount.tag,
            isInline: terms.allowsInline && mount.flags & SLUICE_MOUNT_INLINE != 0,
            allowsHalfClose: mount.flags & SLUICE_MOUNT_HALF_CLOSE != 0,
            body: body == .stream && !terms.takesPieces ? .buffered : body,
            bodyBytesMax: Int(clamping: limit),
            times: MountTimes(
                head: mount.head_ns == 0 ? terms.timeoutNanoseconds : mount.head_ns,
                idle: mount.idle_ns == 0 ? Clock.never : mount.idle_ns,
                total: mount.total_ns == 0 ? Clock.never : mount.total_ns
            ),
            inflightMax: mount.max_inflight == 0
                ? UInt64(terms.inflightMax) : UInt64(mount.max_inflight),
            inflight: Cell.permanent()
        )
    }
}
