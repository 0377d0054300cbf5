/// A status of gRPC that is not OK.
public struct GRPCFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The status codes (https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
    public enum Code: Int, Sendable {
        case canceled = 1
        case unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists
        case permissionDenied, resourceExhausted, failedPrecondition, aborted, outOfRange
        case unimplemented, `internal`, unavailable, dataLoss, unauthenticated
    }

    /// The status.
    public let code: Code
    /// The server's sentence.
    public let message: String
    /// What came with the status.
    public let trailers: Headers

    /// Describes a failure.
    public init(_ code: Code, _ message: String, trailers: Headers = [:]) {
        self.code = code
        self.message = message
        self.trailers = trailers
    }

    /// The status and the sentence.
    public var description: String { "\(code) (\(code.rawValue)): \(message)" }

    /// Throws when the head says that no messages follow.
    static func check(_ answer: Answer) throws(GRPCFailure) {
        guard answer.status == 200 else {
            throw GRPCFailure(
                code(ofHTTP: answer.status),
                "the server answered HTTP status \(answer.status)"
            )
        }
        let type = answer.headers["content-type"] ?? ""
        guard type.hasPrefix("application/grpc") else {
            throw GRPCFailure(.unknown, "the server answered content of the type \"\(type)\"")
        }
        if answer.headers["grpc-status"] != nil {
            try check(trailers: answer.headers, of: answer)
        }
    }

    /// Throws when the status in the trailers, or in a head without a body, is not OK.
    static func check(trailers: Headers, of answer: Answer) throws(GRPCFailure) {
        let word = trailers["grpc-status"] ?? answer.headers["grpc-status"]
        guard let word else {
            throw GRPCFailure(.unknown, "the server has sent no grpc-status", trailers: trailers)
        }
        if word == "0" { return }
        let text = trailers["grpc-message"] ?? answer.headers["grpc-message"] ?? ""
        throw GRPCFailure(
            Int(word).flatMap(Code.init(rawValue:)) ?? .unknown,
            percentDecoded(text),
            trailers: trailers
        )
    }

    /// For answers that are not gRPC's own
    /// (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
    private static func code(ofHTTP status: Int) -> Code {
        switch status {
        case 400: .internal
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .unimplemented
        case 429, 502, 503, 504: .unavailable
        default: .unknown
        }
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
