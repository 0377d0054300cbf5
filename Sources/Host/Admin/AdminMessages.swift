internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceShared

/// One request to the admin API, as far as its pages look at it.
struct AdminRequest: Sendable, Equatable {
    var method: String
    var path: String
    /// Without the question mark; empty also when there is none.
    var query: String
    var body: [UInt8]
    /// The effective host, perhaps with a port; empty when there was none.
    var host: String
    /// A browser's page asked, or pretends so.
    var hasOrigin: Bool
    var keepsAlive: Bool

    /// What became of the bytes that have come so far.
    enum Reading: Equatable {
        /// More must come.
        case partial
        /// A request, and how many bytes it takes with its body.
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
            query: view.query.text,
            body: bytes.slice(length, Int(body)).array,
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

/// Keeps web pages away from the admin API: a browser on this machine can be made to ask it.
struct AdminGuard: Sendable {
    /// The address that the API listens on.
    let address: SocketAddress

    /// Why a request is refused, or nil.
    ///
    /// No page is meant for a browser's script, so a request with an Origin is one that a foreign
    /// page sent. On loopback the Host must be this machine's: a name that an attacker's DNS turns
    /// into 127.0.0.1 (rebinding) is none of them.
    func refusal(of request: AdminRequest) -> AdminAnswer? {
        if request.hasOrigin {
            return .text(403, "requests with an Origin are refused: this API is not for web pages")
        }
        guard address.address.isLoopback, !allows(host: request.host) else { return nil }
        return .text(
            421,
            "the Host \"\(request.host)\" is not this API's;"
                + " expected localhost, 127.0.0.1, [::1] or \(address)"
        )
    }

    private func allows(host: String) -> Bool {
        let name = Self.name(of: host).lowercased()
        return ["localhost", "127.0.0.1", "[::1]", Self.name(of: address.description)]
            .contains(name)
    }

    /// A Host without its port; brackets stay.
    private static func name(of host: String) -> String {
        guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host }
        return String(host[..<colon])
    }
}

/// What a page answers: a status and a body.
struct AdminAnswer: Sendable {
    var status: UInt16
    var mediaType: String
    var body: [UInt8]
    /// The methods of the page, for a 405.
    var allow: [String] = []

    /// Lines for people.
    static func text(_ status: UInt16, _ text: String) -> AdminAnswer {
        AdminAnswer(
            status: status,
            mediaType: "text/plain; charset=utf-8",
            body: Array((text + "\n").utf8)
        )
    }

    /// JSON, indented for people.
    static func json(_ status: UInt16, _ value: JSON) -> AdminAnswer {
        json(status, Array((value.text(pretty: true) + "\n").utf8))
    }

    /// JSON that is text already.
    static func json(_ status: UInt16, _ body: [UInt8]) -> AdminAnswer {
        AdminAnswer(status: status, mediaType: "application/json", body: body)
    }

    /// The bytes of the response; `keepsAlive` says whether the connection stays.
    func bytes(isHead: Bool, keepsAlive: Bool, date: borrowing DateLine) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(Status.reason(status))\r\n"
        head += "Date: \(date.bytes.text)\r\n"
        head += "Content-Type: \(mediaType)\r\n"
        head += "Content-Length: \(body.count)\r\n"
        if !allow.isEmpty { head += "Allow: \(allow.joined(separator: ", "))\r\n" }
        head += "Cache-Control: no-store\r\n"
        head += "X-Content-Type-Options: nosniff\r\n"
        head += "Connection: \(keepsAlive ? "keep-alive" : "close")\r\n\r\n"
        return Array(head.utf8) + (isHead ? [] : body)
    }
}
