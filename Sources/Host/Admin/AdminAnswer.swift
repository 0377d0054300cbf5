internal import SluiceBase
internal import SluiceHTTP
internal import SluiceShared

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
