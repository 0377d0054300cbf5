internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceShared

/// A listener document as the compiler uses it.
struct ListenerForm: Sendable {
    let key: DocumentKey
    let age: Age
    /// Nil: all addresses, dual-stack.
    let address: IPAddress?
    let port: UInt16
    /// 0: as `port`.
    let publicPort: UInt16
    let hostname: HostPattern
    /// Whether the routes of less specific listeners do not count for its hosts.
    let isIsolated: Bool

    let mergesSlashes: Bool
    let rejectsEscapedSlashes: Bool
    /// How paths are read on it.
    var pathOptions: PathForm.Options {
        PathForm.Options(
            mergesSlashes: mergesSlashes,
            rejectsEscapedSlashes: rejectsEscapedSlashes
        )
    }

    let restartsTrace: Bool
    /// Nil: the host's setting; `Clock.never`: no limit.
    let halfClosedNanoseconds: UInt64?
    let proxyProtocol: ProxyProtocol?
    /// Nil: HTTP in the clear.
    let tls: ListenerTLSForm?

    /// The header that comes before everything else on a connection.
    struct ProxyProtocol: Sendable, Equatable {
        let terms: ProxyTerms
        /// Nil: every peer.
        let trusted: [Network]?
    }

    private static let supported: Set<String> = [
        "port", "protocol", "address", "publicPort", "hostname", "isolation", "h2c", "order",
        "mergeSlashes", "escapedSlashes", "halfClosed", "restartTrace", "proxyProtocol",
        "tls", "detectMisdirected",
    ]

    /// Reads the document; nil when it must be left out, the reasons then stand in `reading`.
    init?(_ reading: inout Reading) {
        let root = reading.root
        guard let port = root["port"]?.int64, let port = UInt16(exactly: port) else {
            reading.shape(root["port"], "a port from 1 to 65535")
            return nil
        }
        reading.refuse(membersOf: root, except: ListenerForm.supported)
        let spoken = root["protocol"]?.string ?? "HTTP"
        if spoken != "HTTP" && spoken != "HTTPS" {
            reading.report(
                .notSupported,
                at: root["protocol"],
                "protocol \(spoken) is not supported by this build: the listener is left out; "
                    + "use HTTP or HTTPS"
            )
        }
        var address: IPAddress?
        if let text = root["address"]?.string {
            address = IPAddress(text)
            if address == nil {
                reading.report(
                    .badAddress,
                    at: root["address"],
                    "expected an IPv4 or IPv6 address, found \"\(text)\""
                )
            }
        }
        var hostname = HostPattern.any
        if let text = root["hostname"]?.string {
            if let pattern = HostPattern(text) {
                hostname = pattern
            } else {
                reading.badHost(text, at: root["hostname"])
            }
        }
        proxyProtocol = ListenerForm.proxyProtocol(&reading)
        halfClosedNanoseconds = reading.durationOrNever(root["halfClosed"])
        tls = spoken == "HTTPS" ? ListenerTLSForm(&reading) : nil
        guard reading.isSound else { return nil }
        key = reading.key
        age = Age(root["order"], document: reading.key.name)
        self.address = address
        self.port = port
        self.hostname = hostname
        isIsolated = root["isolation"]?.bool ?? true
        publicPort = root["publicPort"]?.int64.flatMap(UInt16.init(exactly:)) ?? 0
        mergesSlashes = root["mergeSlashes"]?.bool ?? true
        rejectsEscapedSlashes = root["escapedSlashes"]?.string == "reject"
        restartsTrace = root["restartTrace"]?.bool ?? false
    }

    private static func proxyProtocol(_ reading: inout Reading) -> ProxyProtocol? {
        guard let value = reading.root["proxyProtocol"], value.kind == .object else { return nil }
        var versions: UInt8 = 0
        for version in value["versions"].map({ Array($0.elements) }) ?? [] {
            versions |= version.int64 == 1 ? 1 : 2
        }
        let trusted = value["trusted"].map { list in
            list.elements.compactMap { reading.network($0) }
        }
        return ProxyProtocol(
            terms: ProxyTerms(
                versions: versions == 0 ? 3 : versions,
                isRequired: value["required"]?.bool ?? true
            ),
            trusted: trusted
        )
    }
}

extension ListenerForm {
    var socket: BindingNumbers.Socket {
        BindingNumbers.Socket(address: address ?? .any, port: port)
    }

    /// What workers read of it; `halfClosed` is the host's setting.
    func terms(halfClosed: UInt64) -> ListenerTerms {
        ListenerTerms(
            mergesSlashes: mergesSlashes,
            rejectsEscapedSlashes: rejectsEscapedSlashes,
            restartsTrace: restartsTrace,
            publicPort: publicPort,
            halfClosedNanoseconds: halfClosedNanoseconds ?? halfClosed,
            isSecured: tls != nil,
            detectsMisdirected: tls?.detectsMisdirected ?? false,
            forwardsIdentity: tls?.forwardsIdentity ?? false
        )
    }
}

extension Reading {
    /// The network of a text; nil when it is none, which is reported.
    mutating func network(_ value: JSONValue) -> Network? {
        let network = value.string.flatMap(Network.init)
        if network == nil {
            report(
                .badAddress,
                at: value,
                "expected \(Network.form), found \"\(value.string ?? "")\""
            )
        }
        return network
    }

    mutating func badHost(_ text: String, at value: JSONValue?) {
        report(
            .badHost,
            at: value,
            "expected a DNS name or \"*.\" and a DNS name, found \"\(text)\""
        )
    }
}
