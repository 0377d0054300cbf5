/// Reason phrases for the statuses that the host itself answers with (RFC 9110 15).
package enum Status {
    package static func reason(_ status: UInt16) -> StaticString {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 425: "Too Early"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 508: "Loop Detected"
        default: "Status"
        }
    }
}

/// What is wrong with a message head; each has one status to answer with.
package enum HeadFault: UInt8, Error, Sendable, BitwiseCopyable {
    case requestLine, target, version, unsupportedVersion
    case lineEnd, fieldName, fieldValue, folding
    case hostMissing, hostRepeated, hostInvalid
    case contentLength, transferEncoding, unknownCoding, lengthAndEncoding
    case tooManyFields, headTooLarge, lineTooLong
    case connect
    case statusLine

    /// The status that reports the fault to a client (RFC 9112, RFC 6585).
    package var status: UInt16 {
        switch self {
        case .unsupportedVersion: 505
        case .unknownCoding, .connect: 501
        case .lineTooLong: 414
        case .tooManyFields, .headTooLarge: 431
        case .requestLine, .target, .version, .lineEnd, .fieldName, .fieldValue, .folding,
            .hostMissing, .hostRepeated, .hostInvalid, .contentLength, .transferEncoding,
            .lengthAndEncoding, .statusLine:
            400
        }
    }

    /// The text for the person who sent it.
    package var text: StaticString {
        switch self {
        case .requestLine:
            "the request line is not METHOD SP target SP HTTP/1.1 (RFC 9112 section 3)"
        case .target: "the request target is not valid (RFC 9112 section 3.2)"
        case .version: "the HTTP version is malformed (RFC 9112 section 2.3)"
        case .unsupportedVersion: "this HTTP version is not supported; use HTTP/1.1"
        case .lineEnd: "lines must end with CRLF (RFC 9112 section 2.2)"
        case .fieldName: "a field name has a character that is not allowed (RFC 9110 section 5.1)"
        case .fieldValue: "a field value has a control character (RFC 9110 section 5.5)"
        case .folding: "folded field lines are not accepted (RFC 9112 section 5.2)"
        case .hostMissing: "the Host field is missing (RFC 9112 section 3.2)"
        case .hostRepeated: "there is more than one Host field (RFC 9112 section 3.2)"
        case .hostInvalid: "the Host field is not a valid host and port (RFC 9110 section 7.2)"
        case .contentLength: "Content-Length must be one decimal number (RFC 9112 section 6.3)"
        case .transferEncoding: "Transfer-Encoding must end with chunked (RFC 9112 section 6.3)"
        case .unknownCoding: "only the transfer coding chunked is supported"
        case .lengthAndEncoding:
            "Content-Length and Transfer-Encoding exclude each other (RFC 9112 section 6.3)"
        case .tooManyFields: "there are more fields than the limit allows"
        case .headTooLarge: "the head is larger than the limit allows"
        case .lineTooLong: "the request target is longer than the limit allows"
        case .connect:
            "the method CONNECT is not supported: this host opens no tunnels to elsewhere"
        case .statusLine: "the status line is not HTTP/1.1 SP code SP reason"
        }
    }
}

/// Whether a head could be parsed.
package enum HeadOutcome: Sendable, BitwiseCopyable {
    /// The head takes this many bytes.
    case complete(Int)
    /// The end has not arrived yet.
    case incomplete
    case faulty(HeadFault)
}
