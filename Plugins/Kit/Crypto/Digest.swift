internal import CCrypto

/// SHA-256 (FIPS 180-4), at once or piece by piece.
///
/// Any thread, one at a time. Without memory the program stops.
@safe
public struct SHA256: ~Copyable {
    /// Bytes of a digest.
    public static let byteCount = 32

    private let context: OpaquePointer

    /// Starts a digest of no bytes.
    public init() {
        guard let context = unsafe EVP_MD_CTX_new(),
            unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { preconditionFailure("no memory for a digest") }
        unsafe self.context = unsafe context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    /// Adds the next bytes.
    public mutating func update(_ bytes: some Collection<UInt8>) {
        let isDone = unsafe withContiguousBytes(of: bytes) { bytes in
            unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
        }
        precondition(isDone, "a digest refused bytes")
    }

    /// The digest of all bytes, `byteCount` long.
    public consuming func finish() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { room, count in
            let isDone = unsafe EVP_DigestFinal_ex(context, room.baseAddress, nil) == 1
            precondition(isDone, "a digest did not end")
            count = Self.byteCount
        }
    }

    /// The digest of these bytes.
    public static func digest(of bytes: some Collection<UInt8>) -> [UInt8] {
        var digest = SHA256()
        digest.update(bytes)
        return digest.finish()
    }
}

/// HMAC with SHA-256 (RFC 2104, RFC 4231), at once or piece by piece.
///
/// Any thread, one at a time. Without memory the program stops.
@safe
public struct HMACSHA256: ~Copyable {
    /// Bytes of an authentication code.
    public static let byteCount = 32

    private let context: OpaquePointer

    /// Starts a code of no bytes under this key, which may have any length.
    public init(key: some Collection<UInt8>) {
        let context = unsafe withContiguousBytes(of: key) { key in
            var none: UInt8 = 0
            return unsafe key.baseAddress == nil
                ? ccrypto_hmac_sha256(&none, 0) : ccrypto_hmac_sha256(key.baseAddress, key.count)
        }
        guard let context = unsafe context else {
            preconditionFailure("no memory for an authentication code")
        }
        unsafe self.context = unsafe context
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    /// Adds the next bytes.
    public mutating func update(_ bytes: some Collection<UInt8>) {
        let isDone = unsafe withContiguousBytes(of: bytes) { bytes in
            unsafe EVP_MAC_update(context, bytes.baseAddress, bytes.count) == 1
        }
        precondition(isDone, "an authentication code refused bytes")
    }

    /// The code of all bytes, `byteCount` long.
    public consuming func finish() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { room, count in
            let isDone = unsafe EVP_MAC_final(context, room.baseAddress, &count, room.count) == 1
            precondition(isDone && count == Self.byteCount, "an authentication code did not end")
        }
    }

    /// The code of these bytes under this key.
    public static func code(
        of bytes: some Collection<UInt8>,
        key: some Collection<UInt8>
    ) -> [UInt8] {
        var code = HMACSHA256(key: key)
        code.update(bytes)
        return code.finish()
    }

    /// Whether `code` is that of these bytes under this key; takes the same time for every code
    /// of the right length.
    public static func isValid(
        _ code: some Collection<UInt8>,
        for bytes: some Collection<UInt8>,
        key: some Collection<UInt8>
    ) -> Bool {
        isEqualInConstantTime(code, Self.code(of: bytes, key: key))
    }
}

/// Lends the bytes in one piece; a collection that has them elsewhere is copied.
func withContiguousBytes<Answer>(
    of bytes: some Collection<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>) -> Answer
) -> Answer {
    if let answer = bytes.withContiguousStorageIfAvailable(body) { return answer }
    return unsafe Array(bytes).withUnsafeBufferPointer(body)
}
