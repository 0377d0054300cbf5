package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// A request head: the same verdict however it arrives, and forwarded it says the same, with
    /// the fields that a plain reading of the rules drops and adds.
    package static func request(_ bytes: Bytes) -> String? {
        var head = RequestHead(fieldsMax: fieldsMax, lineMax: lineMax)
        let whole = Verdict(head.parse(bytes))
        for cut in cuts(bytes.count) {
            let part = Verdict(head.parse(bytes.prefix(cut)))
            guard part.mayPrecede(whole) else {
                return "\(part) after \(cut) bytes became \(whole)"
            }
        }
        guard case .complete(let length) = whole else { return nil }
        guard Verdict(head.parse(bytes)) == whole, head.facts.length == length,
            length <= bytes.count, bytes.prefix(length).hasSuffix("\r\n\r\n")
        else { return "the length \(length) is not where the head ends" }
        let view = head.view(of: bytes)
        return ReferenceForwarding.all.lazy.compactMap { forwarded(view, $0) }.first
    }

    private static func forwarded(_ came: RequestView, _ terms: RequestForwarding) -> String? {
        let memory = Table<UInt8>(repeating: 0, count: came.text.count + Forward.growthMax)
        let copyMemory = Table<UInt8>(repeating: 0, count: 2 * came.text.count + 1)
        var copy = copyMemory.writer()
        copy.append(came.text)
        guard PathForm.write(came.path, PathForm.Options(), to: &copy) else { return nil }
        var view = came
        view.text = copy.bytes
        view.facts.pathStart = came.text.count
        view.facts.pathLength = copy.count - came.text.count
        var output = memory.writer()
        Forward.request(view, terms, to: &output)
        guard !output.overflowed else { return "forwarding grew beyond \(Forward.growthMax) bytes" }
        guard view.facts.isAbsolute || view.facts.fields.hostIndex >= 0 else {
            return output.bytes.text.contains(" HTTP/1.1\r\nHost:\r\n") ? nil : "no Host was added"
        }
        var again = RequestHead(fieldsMax: fieldsMax + 12, lineMax: lineMax + 16)
        guard Verdict(again.parse(output.bytes)) == .complete(output.count) else {
            return "the forwarded head does not parse: \(output.bytes.text)"
        }
        return difference(view, terms, again.view(of: output.bytes))
    }

    private static func difference(
        _ came: RequestView,
        _ terms: RequestForwarding,
        _ went: RequestView
    ) -> String? {
        let (facts, after) = (came.facts, went.facts)
        guard went.method.equals(came.method), after.method == facts.method else {
            return "the method"
        }
        guard went.path.equals(came.path) || went.path.equals("*") else { return "the path" }
        guard (after.queryStart < 0) == (facts.queryStart < 0), went.query.equals(came.query)
        else { return "the query" }
        guard went.host.equals(came.host) else { return "the host" }
        guard after.version == 11, !after.isAbsolute,
            after.fields.hopByHopCount == (terms.isUpgrade ? 2 : 0),
            after.fields.contentLength == facts.fields.contentLength,
            after.fields.isChunked == facts.fields.isChunked
        else { return "version, hop-by-hop fields or framing" }
        let expected = ReferenceForwarding.fields(came, terms)
        let found = FieldText.all(went.fields, went.text) { $0.name != .host }
        return found == expected ? nil : "the fields are \(found) and should be \(expected)"
    }
}

/// What forwarding does to fields, made on text.
private enum ReferenceForwarding {
    static let all: [RequestForwarding] = {
        let plain = RequestForwarding(
            peer: PeerAddress(v4: 0xC000_0207, port: 5_000),
            isTrusted: false,
            scheme: "http",
            localPort: 80,
            addsForwarded: false,
            addsVia: true,
            restartsTrace: false,
            requestID: (0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210),
            isUpgrade: false
        )
        var trusted = plain
        trusted.peer = PeerAddress(v6High: 0x2001_0db8_0000_0000, low: 1, port: 1)
        trusted.isTrusted = true
        trusted.scheme = "https"
        trusted.addsForwarded = true
        trusted.restartsTrace = true
        trusted.isUpgrade = true
        var bare = plain
        bare.peer = .none
        bare.isTrusted = true
        bare.localPort = 0
        bare.addsVia = false
        return [plain, trusted, bare]
    }()

    static func fields(_ view: RequestView, _ terms: RequestForwarding) -> [FieldText] {
        let came = FieldText.all(view.fields, view.text) { $0.name != .host }
        let passed = FieldText.all(view.fields, view.text) { !$0.isHopByHop && $0.name != .host }
        let id = came.filter { $0.key == "x-request-id" }
        let keepsID = id.count == 1 && id.allSatisfy { isIdentifier($0.value) }
        let hops = view.facts.fields.maxForwards
        let counts = hops > 0 && ["TRACE", "OPTIONS"].contains(view.method.text)
        let kept = passed.filter { field in
            switch field.key {
            case "x-forwarded-for": terms.isTrusted && terms.peer.isNone
            case "forwarded": terms.isTrusted && !terms.addsForwarded
            case "traceparent", "tracestate": !terms.restartsTrace
            case "x-request-id": keepsID
            case "max-forwards": !counts
            case let name where HTTPInvariants.isForwarding(name): terms.isTrusted
            default: true
            }
        }
        var all = kept + added(came, view, terms)
        if counts { all.append(FieldText("Max-Forwards", "\(hops - 1)")) }
        if !keepsID { all.append(FieldText("X-Request-Id", "0123456789abcdeffedcba9876543210")) }
        if terms.addsVia {
            all.append(FieldText("Via", view.facts.version == 10 ? "1.0 sluice" : "1.1 sluice"))
        }
        if terms.isUpgrade {
            all += [FieldText("Connection", "upgrade"), FieldText("Upgrade", "websocket")]
        }
        return all
    }

    private static func added(
        _ came: [FieldText],
        _ view: RequestView,
        _ terms: RequestForwarding
    ) -> [FieldText] {
        let peer = terms.peer.isNone ? "" : terms.peer.isIPv6 ? "2001:db8::1" : "192.0.2.7"
        let node = peer.contains(":") ? "\"[\(peer)]\"" : peer.isEmpty ? "unknown" : peer
        let scheme = terms.scheme.text
        let host = view.host.text
        let believed = terms.isTrusted ? came : []
        func join(_ name: String, _ last: String) -> String {
            (believed.filter { $0.key == name && !$0.value.isEmpty }.map(\.value) + [last])
                .joined(separator: ", ")
        }
        var fields: [FieldText] = []
        func add(_ name: String, _ value: String, unless isMissing: Bool) {
            guard !isMissing, !believed.contains(where: { $0.key == name.lowercased() }) else {
                return
            }
            fields.append(FieldText(name, value))
        }
        if !peer.isEmpty {
            fields.append(FieldText("X-Forwarded-For", join("x-forwarded-for", peer)))
        }
        add("X-Forwarded-Proto", scheme, unless: false)
        add("X-Forwarded-Host", host, unless: host.isEmpty)
        add("X-Forwarded-Port", "\(terms.localPort)", unless: terms.localPort == 0)
        if terms.addsForwarded {
            let element = "for=\(node);proto=\(scheme)" + (host.isEmpty ? "" : ";host=\"\(host)\"")
            fields.append(FieldText("Forwarded", join("forwarded", element)))
        }
        return fields
    }

    private static func isIdentifier(_ value: String) -> Bool {
        (1...128).contains(value.utf8.count)
            && value.utf8.allSatisfy { byte in
                ("a"..."z").contains(Character(Unicode.Scalar(byte | 0x20)))
                    || ("0"..."9").contains(Character(Unicode.Scalar(byte)))
                    || "._:-".utf8.contains(byte)
            }
    }
}
