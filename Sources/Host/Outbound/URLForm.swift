internal import SluiceBase

/// The parts of a URL that a call needs, read strictly: what is unusual is refused, not guessed.
struct URLForm: Equatable {
    enum Scheme: Equatable {
        case http
        case https
        /// `http+unix`: the path of the socket, decoded.
        case unix(String)
    }

    let scheme: Scheme
    /// The host without brackets; of a Unix socket `localhost`.
    let host: String
    let port: Int?
    /// Path and query, from the slash on.
    let target: String

    /// A host with its brackets, as a URL writes it.
    private static func written(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }

    /// What a `host` field says.
    var authority: String {
        guard let port else { return Self.written(host) }
        return "\(Self.written(host)):\(port)"
    }

    /// The URL for libcurl, with `other` as host instead where it is not nil.
    func text(host other: String? = nil) -> String {
        let name = scheme == .https ? "https" : "http"
        let suffix = port.map { ":\($0)" } ?? ""
        return "\(name)://\(Self.written(other ?? host))\(suffix)\(target)"
    }

    /// Leads every connection to `name` to the host of this URL instead (CURLOPT_CONNECT_TO).
    func connectTo(_ name: String) -> String {
        let port = port ?? 443
        return "\(Self.written(name)):\(port):\(Self.written(host)):\(port)"
    }

    /// Throws a sentence that names the fault.
    init(_ url: String) throws(OutboundRefusal) {
        guard url.utf8.count <= OutboundLimits.requestHeadBytesMax else {
            throw .invalid("url: longer than \(OutboundLimits.requestHeadBytesMax) bytes")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .invalid("url: has a space, a control byte or a byte outside ASCII")
        }
        guard let separator = url.firstRange(of: "://") else {
            throw .invalid("url: has no scheme; expected http, https or http+unix")
        }
        let rest = url[separator.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = String(rest[..<end])
        guard !authority.contains("@") else {
            throw .invalid("url: has credentials; expected them in the field authorization")
        }
        target = Self.target(rest[end...])
        switch url[..<separator.lowerBound].lowercased() {
        case "http": scheme = .http
        case "https": scheme = .https
        case "http+unix":
            scheme = .unix(try Self.socketPath(authority))
            host = "localhost"
            port = nil
            return
        case let other:
            throw .invalid("url: scheme \(other); expected http, https or http+unix")
        }
        (host, port) = try Self.hostAndPort(authority)
    }

    /// Path and query without a fragment; never empty.
    private static func target(_ text: Substring) -> String {
        let sent = text.prefix { $0 != "#" }
        return sent.hasPrefix("/") ? String(sent) : "/\(sent)"
    }

    private static func hostAndPort(_ authority: String) throws(OutboundRefusal) -> (String, Int?) {
        var host = authority[...]
        var port: Int?
        let bracket = authority.lastIndex(of: "]")
        if let colon = authority.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }),
                let number = Int(digits), number > 0, number < 65_536
            else { throw .invalid("url: port \"\(digits)\"; expected 1 to 65535") }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard isHost(String(host)) else {
            throw .invalid("url: host \"\(host)\"; expected a name or an address")
        }
        return (String(host), port)
    }

    /// Whether a text is a host name or an address.
    static func isHost(_ text: String) -> Bool {
        let isName = text.utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        }
        if isName { return !text.isEmpty && text.utf8.count <= 253 }
        return text.contains(":") && text.withBytes { PeerAddress(host: $0, port: 0) } != nil
    }

    /// The longest path of a socket that Linux takes, without the zero behind it.
    private static let socketPathBytesMax = 107

    private static func socketPath(_ authority: String) throws(OutboundRefusal) -> String {
        guard let path = decoded(authority), path.hasPrefix("/"),
            path.utf8.count <= socketPathBytesMax
        else {
            throw .invalid(
                "url: \"\(authority)\" is no path of a socket; expected it percent-encoded, "
                    + "from the root, at most \(socketPathBytesMax) bytes"
            )
        }
        return path
    }

    /// A text with its percent escapes decoded (RFC 3986 2.1); nil when one is broken or a byte of
    /// the result is a control.
    private static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, !digits.hasPrefix("+"), !digits.hasPrefix("-"),
                let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
