internal import Glibc

/// A secret that no description, dump, mirror or JSON text shows.
///
/// Bytes are overwritten with zeros when the last copy of this value goes, unless somebody else
/// keeps the same array. Other types, as String, cannot be overwritten: prefer bytes. Two secrets
/// are compared in constant time, not by `==`: it has none.
public struct Redacted<Value> {
    private let storage: Storage<Value>

    /// Hides a value.
    public init(_ value: Value) {
        storage = Storage(value) { _ in }
    }

    /// The only way to the value: `secret.withValue { use($0) }`.
    ///
    /// What is copied out of `body` is no longer protected.
    public func withValue<Answer, Failure>(
        _ body: (Value) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try body(storage.value)
    }
}

extension Redacted where Value == [UInt8] {
    /// Hides bytes; they are overwritten at the end.
    public init(_ bytes: consuming [UInt8]) {
        storage = Storage(bytes) { bytes in
            unsafe bytes.withUnsafeMutableBytes { memory in
                // The compiler may not leave this out, as it may an ordinary assignment.
                if let start = memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
            }
        }
    }
}

/// Shared by the copies of one secret; nobody changes the value before the end.
private final class Storage<Value>: @unchecked Sendable {
    private(set) var value: Value
    private let erase: (inout Value) -> Void

    init(_ value: consuming Value, erase: @escaping (inout Value) -> Void) {
        self.value = value
        self.erase = erase
    }

    deinit {
        erase(&value)
    }
}

extension Redacted: Sendable where Value: Sendable {}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// "[redacted]".
    public var description: String { "[redacted]" }

    /// "[redacted]".
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Redacted: JSONRepresentable {
    /// "[redacted]".
    public func json() -> JSON { .string(description) }
}
