internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared

/// A pool document as the compiler uses it.
struct PoolForm: Sendable {
    let key: DocumentKey
    /// Its own; those of its `endpoints` documents come beside them.
    let endpoints: [EndpointForm]
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
        self.endpoints = reading.endpoints(endpoints)
        balancing = PoolForm.balancing(&reading)
        connectTimeoutNanoseconds = reading.timeout(root["connectTimeout"])
        idleTimeoutNanoseconds = reading.timeout(root["idleTimeout"])
        proxyVersion = root["proxyProtocol"]?["version"]?.int64.flatMap(UInt8.init(exactly:)) ?? 0
        tls = root["tls"].flatMap { PoolTLSForm($0, &reading) }
        guard reading.isSound else { return nil }
        key = reading.key
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
