internal import Glibc

/// A name, copied into a value of fixed size: it needs no owner and no allocation.
public struct NameCopy: BitwiseCopyable, Sendable {
    /// Bytes that are kept; what is longer is cut off.
    public static let bytesMax = 96

    private var storage = InlineArray<96, UInt8>(repeating: 0)
    public private(set) var count = 0

    /// An empty name.
    public init() {}

    /// The first `bytesMax` bytes of a name.
    public init(_ name: Bytes) {
        count = min(name.count, Self.bytesMax)
        unsafe withUnsafeMutableBytes(of: &storage) { raw in
            guard let target = raw.baseAddress else { return }
            _ = unsafe memcpy(target, name.start, count)
        }
    }

    public var isEmpty: Bool { count == 0 }

    /// The name as text, invalid UTF-8 replaced; for control threads only.
    public var text: String {
        var copy = storage
        return unsafe withUnsafeBytes(of: &copy) { raw in
            unsafe String(decoding: raw.prefix(count), as: UTF8.self)
        }
    }
}
