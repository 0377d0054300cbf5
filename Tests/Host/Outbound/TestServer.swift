import CTLS
import Glibc
import SluiceBase
import SluiceTLS
import Synchronization

/// A server of one test, which does whatever its script says: one thread a connection, blocking.
@safe
final class TestServer: @unchecked Sendable {
    /// What to do with a connection; `number` counts from 1.
    typealias Script = @Sendable (_ connection: TestConnection, _ number: Int) -> Void

    let port: UInt16
    let path: String?
    private let descriptor: Int32
    private let accepted = Atomic(0)
    private let script: Script
    private let tls: TestTLS?

    /// Listens on loopback, or on a Unix socket.
    init(unix path: String? = nil, tls: TestTLS? = nil, _ script: @escaping Script) throws {
        self.path = path
        self.tls = tls
        self.script = script
        if let path {
            descriptor = try Self.listen(path)
            port = 0
        } else {
            descriptor = try Self.listen()
            port = StreamSocket.port(of: descriptor)
        }
        _ = try SluiceBase.Thread(name: "test-server") { [weak self, descriptor] in
            // Nobody waits for the threads of a server.
            pthread_detach(pthread_self())
            while true {
                let socket = accept(descriptor, nil, nil)
                guard socket >= 0 else { return }
                guard let self else { return Self.drop(socket) }
                self.serve(socket)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        if let path { unsafe unlink(path) }
    }

    /// Connections so far.
    var connections: Int { accepted.load(ordering: .sequentiallyConsistent) }

    func url(_ target: String = "/") -> String {
        if let path {
            return "http+unix://\(path.split(separator: "/").map { "%2F\($0)" }.joined())\(target)"
        }
        return "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)\(target)"
    }

    private func serve(_ socket: Int32) {
        let number = accepted.add(1, ordering: .sequentiallyConsistent).newValue
        let (script, tls) = (script, tls)
        _ = try? SluiceBase.Thread(name: "test-connection") {
            pthread_detach(pthread_self())
            var signals = sigset_t()
            unsafe sigemptyset(&signals)
            unsafe sigaddset(&signals, SIGPIPE)
            _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
            guard let connection = TestConnection(socket, tls) else { return }
            script(connection, number)
        }
    }

    private static func drop(_ socket: Int32) { close(socket) }

    private static func listen() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size)
            }
        }
        guard bound == 0, Glibc.listen(descriptor, 2_048) == 0 else { throw Errno(errno) }
        return descriptor
    }

    private static func listen(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: path.utf8)
        }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size)
            }
        }
        guard bound == 0, Glibc.listen(descriptor, 16) == 0 else { throw Errno(errno) }
        return descriptor
    }
}

/// One accepted connection; closed when the last reference goes.
@safe
final class TestConnection: @unchecked Sendable {
    private static let patienceSeconds = 20

    private let descriptor: Int32
    private let secured: OpaquePointer?
    private var buffer: [UInt8] = []

    /// nil when the TLS handshake fails.
    init?(_ descriptor: Int32, _ tls: TestTLS?) {
        self.descriptor = descriptor
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        guard let tls else {
            unsafe secured = nil
            return
        }
        unsafe secured = tls.accept(descriptor)
        if unsafe secured == nil { return nil }
    }

    deinit {
        if let secured = unsafe secured {
            unsafe SSL_shutdown(secured)
            unsafe SSL_free(secured)
        }
        close(descriptor)
    }

    /// The next bytes; empty at the end or after a failure.
    func read() -> [UInt8] {
        if !buffer.isEmpty {
            defer { buffer = [] }
            return buffer
        }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count: Int
        if let secured = unsafe secured {
            count = Int(unsafe SSL_read(secured, &bytes, Int32(bytes.count)))
        } else {
            count = unsafe recv(descriptor, &bytes, bytes.count, 0)
        }
        return Array(bytes.prefix(max(0, count)))
    }

    /// Everything up to and with `end`; what comes behind stays for the next read.
    func read(to end: String) -> String {
        let mark = Array(end.utf8)
        var bytes: [UInt8] = []
        while true {
            if let range = bytes.firstRange(of: mark) {
                buffer = Array(bytes[range.upperBound...]) + buffer
                return String(decoding: bytes[..<range.upperBound], as: UTF8.self)
            }
            let more = read()
            guard !more.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }

    /// The next request's head.
    @discardableResult
    func head() -> String { read(to: "\r\n\r\n") }

    /// The next `count` bytes; fewer at the end.
    func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = read()
            guard !more.isEmpty else { break }
            bytes += more
        }
        buffer = Array(bytes.dropFirst(count)) + buffer
        return Array(bytes.prefix(count))
    }

    /// Everything up to the end of the stream.
    func drain() -> [UInt8] { read(Int.max) }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Whether all bytes were taken.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        if let secured = unsafe secured {
            return unsafe SSL_write(secured, bytes, Int32(bytes.count)) == bytes.count
        }
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe Glibc.send(
                    descriptor,
                    all.baseAddress.map { unsafe $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Ends the sending half.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Makes the close a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, size)
    }
}

/// The TLS of a test server.
@safe
final class TestTLS: @unchecked Sendable {
    private let context: OpaquePointer
    let chain: [UInt8]
    let key: [UInt8]

    /// A certificate that vouches for itself, for `names` and `addresses`.
    init(
        names: [String] = ["server.test"],
        addresses: [String] = ["127.0.0.1"],
        clients: [UInt8]? = nil,
        newest: Int32 = TLS1_3_VERSION
    ) throws {
        (chain, key) = try SelfSigned.make(names: names, addresses: addresses, days: 1)
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else { throw Errno(ENOMEM) }
        unsafe self.context = context
        unsafe ctls_set_max_version(context, newest)
        unsafe Self.withCertificate(chain) { unsafe SSL_CTX_use_certificate(context, $0) }
        let keyBIO = unsafe Self.bio(key)
        let privateKey = unsafe PEM_read_bio_PrivateKey(keyBIO, nil, nil, nil)
        unsafe SSL_CTX_use_PrivateKey(context, privateKey)
        unsafe EVP_PKEY_free(privateKey)
        unsafe BIO_free(keyBIO)
        guard let clients else { return }
        let store = unsafe SSL_CTX_get_cert_store(context)
        unsafe Self.withCertificate(clients) { unsafe X509_STORE_add_cert(store, $0) }
        unsafe SSL_CTX_set_purpose(context, X509_PURPOSE_ANY)
        unsafe SSL_CTX_set_verify(
            context,
            SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
            nil
        )
    }

    deinit { unsafe SSL_CTX_free(context) }

    private static func withCertificate(_ text: [UInt8], _ body: (OpaquePointer?) -> Int32) {
        let bio = unsafe bio(text)
        let certificate = unsafe PEM_read_bio_X509(bio, nil, nil, nil)
        _ = unsafe body(certificate)
        unsafe X509_free(certificate)
        unsafe BIO_free(bio)
    }

    /// A BIO with a copy of the text.
    private static func bio(_ text: [UInt8]) -> OpaquePointer? {
        let bio = unsafe BIO_new(BIO_s_mem())
        unsafe BIO_write(bio, text, Int32(text.count))
        return unsafe bio
    }

    fileprivate func accept(_ descriptor: Int32) -> OpaquePointer? {
        guard let secured = unsafe SSL_new(context) else { return nil }
        unsafe SSL_set_fd(secured, descriptor)
        guard unsafe SSL_accept(secured) == 1 else {
            unsafe SSL_free(secured)
            close(descriptor)
            return nil
        }
        return unsafe secured
    }
}
