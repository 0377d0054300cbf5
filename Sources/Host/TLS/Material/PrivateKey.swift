internal import CTLS

/// A private key of a kind that servers use, owned.
@safe
struct PrivateKey: ~Copyable {
    /// Bits of an RSA key: fewer are refused by peers, more make handshakes too dear.
    static let bitsMin = 2048
    static let bitsMax = 8192
    /// Bytes of the text; a key of the largest size has some 6,500.
    static let bytesMax = 65_536

    private static let curves: Set = ["prime256v1", "secp384r1", "secp521r1"]

    /// An `EVP_PKEY *`, valid as long as this.
    let pointer: OpaquePointer
    let kind: Certificate.KeyKind

    /// Reads a PEM text that has one private key; other blocks are skipped.
    init(_ text: [UInt8]) throws(MaterialFault) {
        let pointer = try unsafe Self.read(text)
        do throws(MaterialFault) {
            kind = try unsafe Self.kind(of: pointer)
        } catch {
            unsafe EVP_PKEY_free(pointer)
            throw error
        }
        unsafe self.pointer = unsafe pointer
    }

    @unsafe
    private static func read(_ text: [UInt8]) throws(MaterialFault) -> OpaquePointer {
        var reader = try PEMReader(text, .key, bytesMax: bytesMax)
        var key: OpaquePointer?
        do throws(MaterialFault) {
            while let block = try reader.next() {
                guard block.isPrivateKey else { continue }
                guard unsafe key == nil else { throw .severalKeys }
                guard !block.isEncrypted else { throw .encryptedKey }
                unsafe key = unsafe block.privateKey()
                guard unsafe key != nil else { throw reader.unreadable }
            }
        } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        guard let key = unsafe key else { throw .noKey }
        return unsafe key
    }

    private static func kind(
        of key: OpaquePointer
    ) throws(MaterialFault) -> Certificate.KeyKind {
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA:
            let bits = unsafe Int(EVP_PKEY_get_bits(key))
            guard bits >= bitsMin else { throw .smallKey(bits: bits) }
            guard bits <= bitsMax else { throw .oversizedKey(bits: bits) }
            return .rsa
        case EVP_PKEY_EC:
            let curve = unsafe curve(of: key)
            guard curves.contains(curve) else { throw .unsupportedKey(kind: "ECDSA on \(curve)") }
            return .ecdsa
        default:
            let name = unsafe EVP_PKEY_get0_type_name(key)
            throw .unsupportedKey(kind: unsafe name.map { unsafe String(cString: $0) } ?? "unknown")
        }
    }

    /// OpenSSL's name of the curve; peers do not know curves that a key describes itself.
    private static func curve(of key: OpaquePointer) -> String {
        var isExplicit: Int32 = 0
        unsafe EVP_PKEY_get_int_param(
            key,
            OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
            &isExplicit
        )
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        let status = unsafe EVP_PKEY_get_group_name(key, &name, name.count, &count)
        guard isExplicit == 0, status == 1 else { return "a curve without a name" }
        return String(decoding: name[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether `certificate` was issued for this key.
    func fits(_ certificate: OpaquePointer) -> Bool {
        guard let other = unsafe X509_get0_pubkey(certificate) else { return false }
        return unsafe EVP_PKEY_eq(other, pointer) == 1
    }

    /// SHA-256 of the key in DER; no copy of it remains.
    var digest: [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe Int(i2d_PrivateKey(pointer, &start))
        precondition(count > 0, "what was decoded can be encoded")
        defer { unsafe CRYPTO_clear_free(start, count, #file, #line) }
        return unsafe SHA256.digest(UnsafeRawBufferPointer(start: start, count: count))
    }

    deinit { unsafe EVP_PKEY_free(pointer) }
}
