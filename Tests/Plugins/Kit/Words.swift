import SluiceABI

/// A mount as C sees it.
struct MountWords {
    let prefix: String
    let pattern: String
    let methods: UInt32
    let body: Int32
    let flags: UInt32
    let bytesMax: UInt64
    let headNanoseconds: UInt64
    let idleNanoseconds: UInt64
    let totalNanoseconds: UInt64
    let inFlightMax: UInt32
    let tag: UInt32

    init(_ words: sluice_mount) {
        prefix = unsafe String(words.prefix)
        pattern = unsafe String(words.pattern)
        methods = unsafe words.methods
        body = unsafe words.body
        flags = unsafe words.flags
        bytesMax = unsafe words.max_body
        headNanoseconds = unsafe words.head_ns
        idleNanoseconds = unsafe words.idle_ns
        totalNanoseconds = unsafe words.total_ns
        inFlightMax = unsafe words.max_inflight
        tag = unsafe words.tag
    }
}

/// A description as C sees it.
struct DescriptionWords {
    let size: Int
    let flags: UInt32
    let magic: UInt32
    let id: String
    let version: String
    let schema: String
    let requires: [String]

    init(_ words: sluice_plugin_desc) {
        size = unsafe Int(words.size)
        flags = unsafe words.flags
        magic = unsafe words.stamp.magic
        id = unsafe String(words.id)
        version = unsafe String(words.version)
        schema = unsafe String(words.config_schema)
        let ids = unsafe words.requires_ids.items?.assumingMemoryBound(to: sluice_span.self)
        let needs = unsafe UnsafeBufferPointer(start: ids, count: Int(words.requires_ids.count))
        requires = unsafe needs.map { unsafe String($0) }
    }
}
