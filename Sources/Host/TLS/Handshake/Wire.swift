internal import CTLS
package import SluiceBase

/// Where the calls of one worker into OpenSSL take ciphertext from and put it: the worker's own
/// buffers, without a copy between.
///
/// Before a call the worker offers the bytes that came and lends memory for those to send. One
/// wire serves all connections of a worker, one call at a time; it is never freed, for it lives as
/// long as the worker.
@safe
package struct Wire: BitwiseCopyable {
    @unsafe
    fileprivate struct Area: BitwiseCopyable {
        var input: UnsafePointer<UInt8>
        var inputCount = 0
        var taken = 0
        var output: UnsafeMutablePointer<UInt8>
        var capacity = 0
        var written = 0
        var messages: Int32 = 0
    }

    private let area: UnsafeMutablePointer<Area>
    /// One for all wires: OpenSSL numbers the types of BIOs, and has few numbers.
    private nonisolated(unsafe) static let method = unsafe makeMethod()

    /// Nothing is offered or lent.
    package init() {
        unsafe area = .allocate(capacity: 1)
        let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        unsafe area.initialize(to: Area(input: UnsafePointer(nothing), output: nothing))
    }

    /// Offers the bytes that came; they stay in place until they are taken.
    package func offer(_ bytes: Bytes) {
        unsafe area.pointee.input = bytes.start
        unsafe area.pointee.inputCount = bytes.count
        unsafe area.pointee.taken = 0
        unsafe area.pointee.messages = 0
    }

    /// Bytes of the offer that were taken.
    package var taken: Int { unsafe area.pointee.taken }

    /// Whether the whole offer was taken.
    package var isDrained: Bool { unsafe area.pointee.taken == area.pointee.inputCount }

    /// Messages of the protocol that came in the offer behind the handshake: new keys, or attempts
    /// at a new handshake.
    package var messages: Int32 { unsafe area.pointee.messages }

    /// Data has come behind those that were counted.
    package func forgetMessages() { unsafe area.pointee.messages = 0 }

    /// Counts the messages of a connection from here on.
    func count(messagesOf ssl: OpaquePointer) {
        unsafe ctls_set_message_argument(ssl, area)
        unsafe SSL_set_msg_callback(ssl) { isSent, _, type, bytes, count, _, argument in
            guard isSent == 0, let argument = unsafe argument else { return }
            // In TLS 1.2 the header of a record tells; a refused handshake has no message.
            let isOld = type == SSL3_RT_HEADER && count > 0
            let isOldMessage =
                unsafe isOld && bytes?.load(as: UInt8.self) == UInt8(SSL3_RT_HANDSHAKE)
            guard isOldMessage || type == SSL3_RT_HANDSHAKE else { return }
            unsafe argument.assumingMemoryBound(to: Area.self).pointee.messages &+= 1
        }
    }

    /// Lends memory for bytes to send: the free part of `writer`.
    package func lend(_ writer: ByteWriter) {
        unsafe area.pointee.output = writer.start + writer.count
        unsafe area.pointee.capacity = writer.remaining
        unsafe area.pointee.written = 0
    }

    /// Bytes that were written to the lent memory.
    package var written: Int { unsafe area.pointee.written }

    /// A BIO of this wire, held once; nil when there is no memory.
    func makeBIO() -> OpaquePointer? {
        guard let bio = unsafe BIO_new(Wire.method) else { return nil }
        unsafe BIO_set_data(bio, area)
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }
}

// What OpenSSL calls (BIO_meth_new(3)).
extension Wire {
    private static func makeMethod() -> OpaquePointer {
        let type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = unsafe BIO_meth_new(type, "worker") else {
            preconditionFailure("a worker starts with memory")
        }
        unsafe BIO_meth_set_read_ex(method) { bio, target, length, count in
            guard let bio = unsafe bio, let target = unsafe target, let count = unsafe count
            else { return 0 }
            return unsafe Wire.read(bio, target, length, count)
        }
        unsafe BIO_meth_set_write_ex(method) { bio, source, length, count in
            guard let bio = unsafe bio, let source = unsafe source, let count = unsafe count
            else { return 0 }
            return unsafe Wire.write(bio, source, length, count)
        }
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in
            // Flushing has nothing to do; everything else is unknown here.
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return unsafe method
    }

    private static func read(
        _ bio: OpaquePointer,
        _ target: UnsafeMutablePointer<CChar>,
        _ length: Int,
        _ count: UnsafeMutablePointer<Int>
    ) -> CInt {
        let area = unsafe area(of: bio)
        unsafe ctls_clear_retry(bio)
        let number = unsafe min(length, area.pointee.inputCount &- area.pointee.taken)
        guard number > 0 else {
            unsafe count.pointee = 0
            unsafe ctls_set_retry_read(bio)
            return -1
        }
        unsafe UnsafeMutableRawPointer(target).copyMemory(
            from: area.pointee.input + area.pointee.taken,
            byteCount: number
        )
        unsafe area.pointee.taken &+= number
        unsafe count.pointee = number
        return 1
    }

    private static func write(
        _ bio: OpaquePointer,
        _ source: UnsafePointer<CChar>,
        _ length: Int,
        _ count: UnsafeMutablePointer<Int>
    ) -> CInt {
        let area = unsafe area(of: bio)
        unsafe ctls_clear_retry(bio)
        let number = unsafe min(length, area.pointee.capacity &- area.pointee.written)
        guard number > 0 else {
            unsafe count.pointee = 0
            unsafe ctls_set_retry_write(bio)
            return -1
        }
        unsafe UnsafeMutableRawPointer(area.pointee.output + area.pointee.written).copyMemory(
            from: source,
            byteCount: number
        )
        unsafe area.pointee.written &+= number
        unsafe count.pointee = number
        return 1
    }

    private static func area(of bio: OpaquePointer) -> UnsafeMutablePointer<Area> {
        guard let data = unsafe BIO_get_data(bio) else {
            preconditionFailure("a BIO of a wire")
        }
        return unsafe data.assumingMemoryBound(to: Area.self)
    }
}
