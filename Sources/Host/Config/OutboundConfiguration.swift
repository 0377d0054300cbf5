package import SluiceBase
internal import SluiceShared

/// What the calls of one plugin instance to other servers may do; the defaults are those of the
/// settings table.
package struct OutboundConfiguration: Sendable, Equatable {
    package private(set) var callsMax = 4_096
    package private(set) var connectionsMax = 4_096
    package private(set) var connectionsPerHostMax = 2_048
    package private(set) var responseBytesMax = 64 << 20
    package private(set) var usesEnvironmentProxy = false
    package private(set) var allow: [Network] = []
    package private(set) var deny = ["169.254.0.0/16", "fe80::/10"].compactMap { Network($0) }
    package private(set) var allowsUnixSockets = true
    package private(set) var connectNanoseconds = 10_000_000_000
    package private(set) var headNanoseconds = 30_000_000_000
    /// `Int.max` is never; so is that of `totalNanoseconds`.
    package private(set) var idleNanoseconds = 60_000_000_000
    package private(set) var totalNanoseconds = 3_600_000_000_000
    package private(set) var profiles: [OutboundProfile] = []

    /// The defaults.
    package init() {}
}

/// A TLS profile: paths of files as they are written, nil where there is none.
package struct OutboundProfile: Sendable, Equatable {
    package let name: String
    package let authorities: String?
    package let certificate: String?
    package let key: String?
    package let serverName: String?
    package let isInsecure: Bool
}

extension OutboundConfiguration {
    /// Takes a section that the table has found right.
    init(_ section: JSONValue?) {
        self.init()
        guard let section else { return }
        callsMax = Self.count(section["calls"]) ?? callsMax
        connectionsMax = Self.count(section["connections"]) ?? connectionsMax
        connectionsPerHostMax = Self.count(section["connectionsPerHost"]) ?? connectionsPerHostMax
        responseBytesMax = section["responseBodyMax"]?.byteSize ?? responseBytesMax
        usesEnvironmentProxy = section["proxy"]?.string == "environment"
        allow = Self.networks(section["allow"]) ?? allow
        deny = Self.networks(section["deny"]) ?? deny
        allowsUnixSockets = section["unixSockets"]?.bool ?? true
        connectNanoseconds = section["connectTimeout"]?.timeSpanOrNever ?? connectNanoseconds
        headNanoseconds = section["headTimeout"]?.timeSpanOrNever ?? headNanoseconds
        idleNanoseconds = section["idleTimeout"]?.timeSpanOrNever ?? idleNanoseconds
        totalNanoseconds = section["totalTimeout"]?.timeSpanOrNever ?? totalNanoseconds
        profiles = section["tls"].map { $0.elements.map(OutboundProfile.init) } ?? []
    }

    private static func count(_ value: JSONValue?) -> Int? { value?.int64.map(Int.init) }

    private static func networks(_ value: JSONValue?) -> [Network]? {
        value.map { $0.elements.compactMap { $0.string.flatMap(Network.init) } }
    }
}

extension OutboundProfile {
    init(_ value: JSONValue) {
        name = value["name"]?.string ?? ""
        authorities = value["ca"]?.string
        certificate = value["certificate"]?.string
        key = value["key"]?.string
        serverName = value["serverName"]?.string
        isInsecure = value["insecure"]?.bool ?? false
    }
}
