internal import CCrypto

/// Random bytes that nobody can guess.
///
/// Any thread.
public enum SecureRandom {
    /// So many bytes from the generator of the system's OpenSSL; throws `.internal` when it has
    /// none, which no program should go on from.
    public static func bytes(_ count: Int) throws(PluginError) -> [UInt8] {
        var status: Int32 = 1
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            if count > 0 { status = unsafe RAND_bytes(room.baseAddress, Int32(count)) }
            filled = status == 1 ? count : 0
        }
        guard status == 1 else {
            throw PluginError(.internal, "the system's random generator gave no bytes")
        }
        return bytes
    }

    /// A token of so many random bytes in base64url, for URLs, headers and file names.
    public static func token(_ count: Int = 32) throws(PluginError) -> String {
        Base64.encode(try bytes(count), .url)
    }
}

/// Whether two secrets are equal, in a time that depends on their lengths alone.
///
/// Any thread.
public func isEqualInConstantTime(
    _ one: some Collection<UInt8>,
    _ other: some Collection<UInt8>
) -> Bool {
    unsafe withContiguousBytes(of: one) { one in
        unsafe withContiguousBytes(of: other) { other in
            guard one.count == other.count else { return false }
            return unsafe one.isEmpty
                || CRYPTO_memcmp(one.baseAddress, other.baseAddress, one.count) == 0
        }
    }
}
