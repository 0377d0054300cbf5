internal import SluiceABI
public import SluiceKit

/// A request as a test describes it.
public struct SimulatedRequest: Sendable {
    /// "GET".
    public var method: String
    /// Without the query.
    public var path: String
    /// What follows the mount's prefix.
    public var suffix = ""
    /// Without "?"; nil: there is none.
    public var query: String?
    /// Header lines.
    public var headers: Headers
    /// The body of a mount that buffers.
    public var body: [UInt8] = []
    /// The body follows by `SimulatedExchange.send`.
    public var isStreamed = false
    /// It is answered on the worker.
    public var isInline = false
    /// The tag of the mount that takes it.
    public var tag: UInt32 = 0
    /// When the answer is too late; 0: never.
    public var deadline: UInt64 = 0

    /// Describes a request.
    public init(_ method: String, _ path: String, headers: Headers = [:]) {
        self.method = method
        self.headers = headers
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.path = String(parts[0])
        query = parts.count > 1 ? String(parts[1]) : nil
    }
}

/// A request in the header's words, in memory of its own.
@safe
final class RequestMemory {
    private(set) var words: UnsafeMutablePointer<sluice_request>
    private var places: [UnsafeMutablePointer<UInt8>] = unsafe []
    private let lines: UnsafeMutablePointer<sluice_header>

    init(_ request: SimulatedRequest) {
        unsafe words = .allocate(capacity: 1)
        unsafe words.initialize(to: sluice_request())
        unsafe lines = .allocate(capacity: max(request.headers.count, 1))
        unsafe words.pointee.size = UInt32(MemoryLayout<sluice_request>.size)
        unsafe words.pointee.method_name = copy(Array(request.method.utf8))
        unsafe words.pointee.scheme = copy(Array("http".utf8))
        unsafe words.pointee.authority = copy(Array("simulated.test".utf8))
        unsafe words.pointee.path = copy(Array(request.path.utf8))
        unsafe words.pointee.suffix = copy(Array(request.suffix.utf8))
        if let query = request.query { unsafe words.pointee.query = copy(Array(query.utf8)) }
        unsafe words.pointee.peer = copy(Array("192.0.2.1:50000".utf8))
        unsafe words.pointee.content_length = request.isStreamed ? -1 : Int64(request.body.count)
        unsafe words.pointee.http_version = 11
        unsafe words.pointee.flags =
            request.headers["upgrade"] == nil ? 0 : SLUICE_REQ_UPGRADE
        unsafe words.pointee.deadline_ns = request.deadline
        for (index, line) in request.headers.enumerated() {
            unsafe (lines + index).initialize(
                to: sluice_header(
                    name: copy(Array(line.name.utf8)),
                    value: copy(line.octets),
                    flags: 0,
                    reserved: 0
                )
            )
        }
        unsafe words.pointee.headers = sluice_headers(
            items: UnsafePointer(lines),
            count: request.headers.count
        )
    }

    deinit {
        // A plugin that still looks there sees nonsense, and a test that compares it fails.
        for index in unsafe places.indices {
            unsafe places[index].pointee = 0xFF
            unsafe places[index].deallocate()
        }
        unsafe lines.deallocate()
        unsafe words.deallocate()
    }

    private func copy(_ bytes: [UInt8]) -> sluice_span {
        let place = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        for (index, byte) in bytes.enumerated() { unsafe (place + index).initialize(to: byte) }
        unsafe places.append(place)
        return unsafe sluice_bytes(place, bytes.count)
    }
}
