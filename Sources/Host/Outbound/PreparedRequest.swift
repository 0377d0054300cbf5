internal import SluiceBase

/// A request that was checked, in the forms that libcurl takes.
struct PreparedRequest: Sendable {
    let method: String
    let url: String
    /// For sentences.
    let host: String
    let isSecure: Bool
    let socketPath: String?
    let connectTo: String?
    /// Lines of `name: value`, each with a zero at its end.
    let lines: [[UInt8]]
    let body: [UInt8]
    let streamsBody: Bool
    /// Bytes of the whole body; -1 when nobody knows.
    let bodyLength: Int
    let speaks: OutboundProtocol
    let followsRedirects: Bool
    let profile: TLSProfile?
    let deadlines: OutboundDeadlines
    let responseBytesMax: Int

    /// RFC 9110 9.2.2: what may be sent again when nobody knows whether it arrived.
    var isIdempotent: Bool {
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method)
    }

    /// Whether a body may follow the head.
    var hasBody: Bool {
        streamsBody || !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method)
    }

    /// Throws a sentence when something of the request is wrong.
    ///
    /// `token` is the content of the bearer file.
    init(
        _ request: OutboundRequest,
        profile: TLSProfile?,
        token: String?,
        defaults: OutboundDeadlines
    ) throws(OutboundRefusal) {
        let form = try URLForm(request.url)
        guard RequestFields.isToken(request.method), request.method != "CONNECT" else {
            throw .invalid("method \"\(request.method)\"; expected a token other than CONNECT")
        }
        let isUpgrade = request.speaks == .upgrade
        guard !isUpgrade || request.body.isEmpty else {
            throw .invalid("body: an upgrade has none; expected its bytes by write, after 101")
        }
        var fields = RequestFields(request, token: token)
        try fields.check(authority: form.authority)
        isSecure = form.scheme == .https
        method = request.method
        host = form.host
        if case .unix(let path) = form.scheme { socketPath = path } else { socketPath = nil }
        let serverName = isSecure ? profile?.serverName : nil
        url = form.text(host: serverName)
        connectTo = serverName.map { form.connectTo($0) }
        if serverName != nil { fields.host = form.authority }
        lines = fields.lines
        body = request.body
        streamsBody = request.streamsBody || isUpgrade
        bodyLength = fields.length ?? (streamsBody ? -1 : body.count)
        guard bodyLength < 0 || (streamsBody ? body.count <= bodyLength : body.count == bodyLength)
        else {
            throw .invalid("content-length: \(bodyLength), but the body has \(body.count) bytes")
        }
        speaks = request.speaks
        followsRedirects =
            request.followsRedirects && socketPath == nil && !isUpgrade
            && ["GET", "HEAD"].contains(method)
        self.profile = profile
        deadlines = request.deadlines.filled(from: defaults)
        responseBytesMax = request.responseBytesMax ?? Int.max
    }
}

/// The fields of a request, checked and completed.
private struct RequestFields {
    private let given: [OutboundField]
    private let isUpgrade: Bool
    private let token: String?
    /// The value of `content-length`, which libcurl writes itself.
    private(set) var length: Int?
    /// Sent unless the request names another.
    var host: String?

    /// Fields that belong to the connection, not to the message (RFC 9110 7.6.1).
    private static let ofConnection: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "http2-settings",
    ]

    init(_ request: OutboundRequest, token: String?) {
        given = request.fields
        isUpgrade = request.speaks == .upgrade
        self.token = token
    }

    mutating func check(authority: String) throws(OutboundRefusal) {
        guard given.count <= OutboundLimits.fieldsMax else {
            throw .invalid("headers: \(given.count), at most \(OutboundLimits.fieldsMax)")
        }
        let bytes = given.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
        guard bytes <= OutboundLimits.requestHeadBytesMax else {
            throw .invalid("headers: \(bytes) bytes, at most \(OutboundLimits.requestHeadBytesMax)")
        }
        for field in given { try check(field) }
        let names = given.map { $0.name.lowercased() }
        for single in ["host", "content-length", "authorization"]
        where names.count(where: { $0 == single }) > 1 {
            throw .invalid("header \(single): more than one")
        }
        guard token == nil || !names.contains("authorization") else {
            throw .invalid("header authorization: the bearer file gives it already")
        }
        guard !isUpgrade || names.contains("upgrade") else {
            throw .invalid("header upgrade: missing; an upgrade names its protocol there")
        }
    }

    private mutating func check(_ field: OutboundField) throws(OutboundRefusal) {
        guard Self.isToken(field.name) else {
            throw .invalid("header \"\(field.name)\": the name is not a token")
        }
        guard field.value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
            throw .invalid("header \(field.name): the value has a control byte")
        }
        let name = field.name.lowercased()
        guard !Self.ofConnection.contains(name), name != "upgrade" || isUpgrade else {
            throw .invalid("header \(name): belongs to the connection, which the host makes")
        }
        guard name == "content-length" else { return }
        let text = String(decoding: field.value, as: UTF8.self)
        guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let value = Int(text), !isUpgrade else {
            throw .invalid("header content-length: \"\(text)\"; expected a decimal number")
        }
        length = value
    }

    /// What libcurl gets; a line that ends with a colon keeps it from adding the field.
    var lines: [[UInt8]] {
        var lines = given.filter { $0.name.lowercased() != "content-length" }.map(Self.line)
        let names = Set(given.map { $0.name.lowercased() })
        func add(_ text: String) { lines.append(Array(text.utf8) + [0]) }
        if let host, !names.contains("host") { add("Host: \(host)") }
        if let token { add("Authorization: Bearer \(token)") }
        for name in ["Accept", "Expect"] where !names.contains(name.lowercased()) {
            add("\(name):")
        }
        if isUpgrade {
            add("Connection: Upgrade")
            add("Transfer-Encoding:")
        }
        return lines
    }

    /// A field without a value ends with a semicolon there.
    private static func line(_ field: OutboundField) -> [UInt8] {
        let isEmpty = field.value.allSatisfy { $0 == 0x20 || $0 == 0x09 }
        return Array(field.name.utf8) + (isEmpty ? Array(";".utf8) : Array(": ".utf8) + field.value)
            + [0]
    }

    /// RFC 9110 5.6.2.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }
}
