internal import SluiceBase
internal import SluiceHTTP

/// One request to the admin API, as far as its pages look at it.
struct AdminRequest: Sendable, Equatable {
    var method: String
    var path: String
    /// The effective host, perhaps with a port; empty when there was none.
    var host: String
    /// A browser's page asked, or pretends so.
    var hasOrigin: Bool
    var keepsAlive: Bool

    /// What became of the bytes that have come so far.
    enum Reading: Equatable {
        /// More must come.
        case partial
        /// A request, and how many bytes it takes with its body, which no page reads.
        case whole(AdminRequest, length: Int)
        /// Not to be answered but by this, and then closed.
        case refused(UInt16, String)
    }

    static let fieldsMax = 64

    /// Reads the request at the start of `bytes` by the rules of the HTTP room.
    static func read(
        _ bytes: Bytes,
        with head: inout RequestHead,
        bytesMax: Int
    ) -> Reading {
        switch head.parse(bytes) {
        case .incomplete:
            bytes.count < bytesMax
                ? .partial : .refused(431, "the head is longer than \(bytesMax) bytes")
        case .faulty(let fault):
            .refused(fault.status, Bytes(fault.text).text)
        case .complete(let length):
            whole(bytes, head, length, bytesMax)
        }
    }

    private static func whole(
        _ bytes: Bytes,
        _ head: borrowing RequestHead,
        _ length: Int,
        _ bytesMax: Int
    ) -> Reading {
        guard !head.facts.fields.isChunked else {
            return .refused(501, "a body with a transfer coding is not accepted here")
        }
        let body = max(0, head.facts.fields.contentLength)
        guard body <= Int64(bytesMax - length) else {
            return .refused(413, "the request is longer than \(bytesMax) bytes")
        }
        guard bytes.count >= length + Int(body) else { return .partial }
        let view = head.view(of: bytes)
        let request = AdminRequest(
            method: view.method.text,
            path: view.path.text,
            host: view.host.text,
            hasOrigin: hasOrigin(view),
            keepsAlive: view.facts.keepsAlive
        )
        return .whole(request, length: length + Int(body))
    }

    private static func hasOrigin(_ view: RequestView) -> Bool {
        for index in 0..<view.facts.fields.count {
            let name = view.fields[index].nameBytes(in: view.text)
            if name.equalsIgnoringCase("origin") { return true }
        }
        return false
    }
}
