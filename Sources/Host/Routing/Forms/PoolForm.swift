internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared

/// A pool document as the compiler uses it.
struct PoolForm: Sendable {
    struct Member: Sendable {
        let address: IPAddress
        let port: UInt16
        let weight: UInt64
        let pointer: String
    }

    let key: DocumentKey
    /// The endpoints that take requests: the ready ones, else those that serve while terminating.
    let members: [Member]
    let balancing: Balancing
    /// Nil: the host's setting; `Clock.never`: none.
    let connectTimeoutNanoseconds: UInt64?
    /// Nil: the host's setting; `Clock.never`: none.
    let idleTimeoutNanoseconds: UInt64?
    /// The PROXY protocol header that each connection begins with; 0: none.
    let proxyVersion: UInt8
    /// Nil: its endpoints are spoken to in the clear.
    let tls: PoolTLSForm?

    private static let supported: Set<String> = [
        "endpoints", "protocol", "tls", "balancing", "connectTimeout", "idleTimeout",
        "proxyProtocol",
        "where",
    ]

    /// Reads the document; nil when it must be left out, the reasons then stand in `reading`.
    init?(_ reading: inout Reading) {
        let root = reading.root
        guard let endpoints = root["endpoints"], endpoints.kind == .array else {
            reading.shape(root["endpoints"], "an array of endpoints")
            return nil
        }
        reading.refuse(membersOf: root, except: PoolForm.supported, .warning)
        PoolForm.refuseProtocol(&reading)
        var ready: [Member] = []
        var leaving: [Member] = []
        for endpoint in endpoints.elements {
            guard let member = PoolForm.member(endpoint, &reading), member.weight > 0 else {
                continue
            }
            let isReady = endpoint["ready"]?.bool ?? true
            let isServing = endpoint["serving"]?.bool ?? isReady
            let isTerminating = endpoint["terminating"]?.bool ?? false
            if isReady {
                ready.append(member)
            } else if isServing && isTerminating {
                leaving.append(member)
            }
        }
        balancing = PoolForm.balancing(&reading)
        connectTimeoutNanoseconds = reading.timeout(root["connectTimeout"])
        idleTimeoutNanoseconds = reading.timeout(root["idleTimeout"])
        proxyVersion = root["proxyProtocol"]?["version"]?.int64.flatMap(UInt8.init(exactly:)) ?? 0
        tls = root["tls"].flatMap { PoolTLSForm($0, &reading) }
        guard reading.isSound else { return nil }
        key = reading.key
        members = ready.isEmpty ? leaving : ready
    }

    /// HTTP/1.1 to an endpoint that expects another protocol would be wrong: left out whole.
    private static func refuseProtocol(_ reading: inout Reading) {
        if let spoken = reading.root["protocol"], let name = spoken.string,
            name != "http1" && name != "ws"
        {
            reading.report(
                .notSupported,
                at: spoken,
                "protocol \(name) is not supported by this build: the pool is left out; use http1"
            )
        }
    }

    private static func balancing(_ reading: inout Reading) -> Balancing {
        guard let value = reading.root["balancing"] else { return .leastRequests }
        reading.refuse(membersOf: value, except: ["policy"], .warning)
        switch value["policy"]?.string ?? "LeastRequests" {
        case "LeastRequests": return .leastRequests
        case "RoundRobin": return .roundRobin
        case "Random": return .random
        case let other:
            reading.report(
                .notSupported,
                .warning,
                at: value["policy"],
                "policy \(other) is not supported by this build: the pool uses LeastRequests"
            )
            return .leastRequests
        }
    }

    private static func member(_ endpoint: JSONValue, _ reading: inout Reading) -> Member? {
        if let host = endpoint["host"] {
            reading.report(
                .notSupported,
                .warning,
                at: host,
                "endpoints by host name are not supported by this build: the endpoint is left out; "
                    + "write its address"
            )
            return nil
        }
        let text = endpoint["address"]?.string ?? ""
        if text.hasPrefix("unix:") {
            reading.report(
                .notSupported,
                .warning,
                at: endpoint["address"],
                "unix sockets are not supported by this build: the endpoint is left out"
            )
            return nil
        }
        guard let address = IPAddress(text) else {
            reading.report(
                .badAddress,
                .warning,
                at: endpoint["address"] ?? endpoint,
                "expected an IPv4 or IPv6 address, found \"\(text)\": the endpoint is left out"
            )
            return nil
        }
        guard let port = endpoint["port"]?.int64.flatMap(UInt16.init(exactly:)), port > 0 else {
            reading.shape(endpoint["port"] ?? endpoint, "a port from 1 to 65535")
            return nil
        }
        let weight = endpoint["weight"]?.int64.flatMap(UInt64.init(exactly:)) ?? 1
        return Member(address: address, port: port, weight: weight, pointer: endpoint.pointer)
    }
}

extension PoolForm {
    /// A hash of what is spoken on a connection, TLS apart: two pools share the connections to an
    /// address only where it is equal, and the context of TLS, too.
    var transport: UInt64 { "http1 proxy\(proxyVersion)".withBytes { $0.hash(seed: 0) } }
}

extension Reading {
    /// A timeout as the Gateway API writes it: `0s` is none, `Clock.never`; nil when there is no
    /// duration, or none that can be read, which is reported.
    mutating func timeout(_ value: JSONValue?) -> UInt64? {
        duration(value, words: "").map { $0 == 0 ? Clock.never : $0 }
    }

    /// A duration or `never`, which is `Clock.never`; `0s` is at once.
    mutating func durationOrNever(_ value: JSONValue?) -> UInt64? {
        if value?.string == TimeSpan.neverWord { return Clock.never }
        return duration(value, words: "\(TimeSpan.neverWord), or ")
    }

    private mutating func duration(_ value: JSONValue?, words: String) -> UInt64? {
        guard let value, let text = value.string else { return nil }
        guard let nanoseconds = TimeSpan.nanoseconds(text) else {
            report(.badDuration, at: value, "expected \(words)\(TimeSpan.form), found \"\(text)\"")
            return nil
        }
        return UInt64(nanoseconds)
    }
}
