internal import CTLS

/// Memory that OpenSSL reads from or writes to; wiped when it is released (BUF_MEM_free).
@safe
struct MemoryBIO: ~Copyable {
    let pointer: OpaquePointer

    /// An empty one to write to.
    init() {
        unsafe pointer = allocated(BIO_new(BIO_s_mem()))
    }

    /// One to read a copy of `bytes` from.
    init(_ bytes: [UInt8]) {
        self.init()
        var written = 0
        let status = unsafe BIO_write_ex(pointer, bytes, bytes.count, &written)
        precondition(bytes.isEmpty || status == 1 && written == bytes.count, "memory")
    }

    /// What was written and not read yet.
    var contents: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe ctls_memory_bytes(pointer, &start)
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(count))
        return unsafe [UInt8](bytes)
    }

    deinit { unsafe BIO_free(pointer) }
}

/// What OpenSSL allocated; without memory there is no going on, as everywhere in Swift.
@unsafe
func allocated(_ pointer: OpaquePointer?) -> OpaquePointer {
    guard let pointer = unsafe pointer else { preconditionFailure("no memory for OpenSSL") }
    return unsafe pointer
}

/// The blocks of a PEM text, one after the other; the text outside them is skipped.
@safe
struct PEMReader: ~Copyable {
    private let text: MemoryBIO
    private let source: MaterialFault.Source
    /// The number of the block that was read last.
    private(set) var block = 0

    init(
        _ bytes: [UInt8],
        _ source: MaterialFault.Source,
        bytesMax: Int
    ) throws(MaterialFault) {
        guard bytes.count <= bytesMax else {
            throw .oversizedText(source, bytesMax: bytesMax)
        }
        text = MemoryBIO(bytes)
        self.source = source
    }

    /// The next block; nil at the end of the text.
    mutating func next() throws(MaterialFault) -> PEMBlock? {
        var label: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var start: UnsafeMutablePointer<UInt8>?
        var count = 0
        // With this flag the buffers of OpenSSL are wiped: one may have a key in it.
        let flags = UInt32(PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE)
        ERR_clear_error()
        let status = unsafe PEM_read_bio_ex(
            text.pointer,
            &label,
            &header,
            &start,
            &count,
            flags
        )
        guard status == 1 else {
            let reason = ERR_GET_REASON(ERR_peek_last_error())
            ERR_clear_error()
            if reason == PEM_R_NO_START_LINE { return nil }
            throw .unreadableBlock(block + 1, source)
        }
        block += 1
        defer {
            unsafe CRYPTO_secure_free(label, #file, #line)
            unsafe CRYPTO_secure_free(header, #file, #line)
        }
        guard let label = unsafe label, let header = unsafe header, let start = unsafe start else {
            throw .unreadableBlock(block, source)
        }
        return unsafe PEMBlock(
            label: String(cString: label),
            header: String(cString: header),
            start: start,
            count: count
        )
    }

    /// The fault of the block that was read last when what is in it cannot be decoded.
    var unreadable: MaterialFault { .unreadableBlock(block, source) }

    /// The fault of the block that was read last when it is a key where none belongs.
    var misplacedKey: MaterialFault { .misplacedKey(block: block, source) }
}

/// One block of a PEM text, decoded from base64; wiped when it is released.
@safe
struct PEMBlock: ~Copyable {
    private let label: String
    private let header: String
    private let start: UnsafeMutablePointer<UInt8>
    private let count: Int

    fileprivate init(
        label: String,
        header: String,
        start: UnsafeMutablePointer<UInt8>,
        count: Int
    ) {
        self.label = label
        self.header = header
        unsafe self.start = unsafe start
        self.count = count
    }

    var isCertificate: Bool { label == "CERTIFICATE" || label == "X509 CERTIFICATE" }

    var isPrivateKey: Bool { label.hasSuffix("PRIVATE KEY") }

    /// Whether the label says so (PKCS#8), or the header (RFC 1421).
    var isEncrypted: Bool { label.hasPrefix("ENCRYPTED") || header.contains("ENCRYPTED") }

    /// The certificate, which the caller owns; nil when this is not one and nothing but one.
    func certificate() -> OpaquePointer? {
        var cursor: UnsafePointer<UInt8>? = unsafe UnsafePointer(start)
        guard let certificate = unsafe d2i_X509(nil, &cursor, count) else { return nil }
        guard unsafe cursor == UnsafePointer(start) + count else {
            unsafe X509_free(certificate)
            return nil
        }
        return unsafe certificate
    }

    /// The private key, which the caller owns: PKCS#8, PKCS#1 or SEC1; never one that is encrypted.
    func privateKey() -> OpaquePointer? {
        var cursor: UnsafePointer<UInt8>? = unsafe UnsafePointer(start)
        return unsafe d2i_AutoPrivateKey(nil, &cursor, count)
    }

    deinit { unsafe CRYPTO_secure_clear_free(start, count, #file, #line) }
}
