/// What is wrong with a message head; each has one status to answer with.
package enum HeadFault: UInt8, Error, Sendable, BitwiseCopyable {
    case requestLine, target, version, unsupportedVersion
    case lineEnd, fieldName, fieldValue, folding
    case hostMissing, hostRepeated, hostInvalid
    case contentLength, transferEncoding, unknownCoding, lengthAndEncoding
    case tooManyFields, headTooLarge, lineTooLong
    case statusLine

    /// The status that tells a client of the fault (RFC 9112, RFC 6585).
    package var status: UInt16 {
        switch self {
        case .unsupportedVersion: 505
        case .unknownCoding: 501
        case .lineTooLong: 414
        case .tooManyFields, .headTooLarge: 431
        case .requestLine, .target, .version, .lineEnd, .fieldName, .fieldValue, .folding,
            .hostMissing, .hostRepeated, .hostInvalid, .contentLength, .transferEncoding,
            .lengthAndEncoding, .statusLine:
            400
        }
    }

    /// What to tell the person who sent it.
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
