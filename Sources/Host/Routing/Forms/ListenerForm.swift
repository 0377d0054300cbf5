internal import SluiceShared

/// A listener document as the compiler uses it.
struct ListenerForm: Sendable {
    let key: DocumentKey
    let age: Age
    /// Nil: all addresses, dual-stack.
    let address: Address?
    let port: UInt16
    let hostname: HostPattern
    /// Whether a host without a route here is not asked of less specific listeners.
    let isIsolated: Bool

    private static let carried: Set<String> = [
        "port", "protocol", "address", "publicPort", "hostname", "isolation", "h2c", "order",
        "where",
    ]

    /// Reads the document; nil when it must be left out, the reasons then stand in `reading`.
    init?(_ reading: inout Reading) {
        let root = reading.root
        guard let port = root["port"]?.int64, let port = UInt16(exactly: port) else {
            reading.shape(root["port"], "a port from 1 to 65535")
            return nil
        }
        reading.refuse(membersOf: root, except: ListenerForm.carried)
        if let spoken = root["protocol"]?.string, spoken != "HTTP" {
            reading.report(
                .notCarried,
                at: root["protocol"],
                "protocol \(spoken) is not carried by this build: the listener is left out; "
                    + "use HTTP"
            )
        }
        var address: Address?
        if let text = root["address"]?.string {
            address = Address(text)
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
        guard reading.isSound else { return nil }
        key = reading.key
        age = Age(root["order"], document: reading.key.name)
        self.address = address
        self.port = port
        self.hostname = hostname
        isIsolated = root["isolation"]?.bool ?? true
    }
}

extension ListenerForm {
    var socket: BindingNumbers.Socket {
        BindingNumbers.Socket(address: address ?? .everything, port: port)
    }
}

extension Reading {
    mutating func badHost(_ text: String, at value: JSONValue?) {
        report(
            .badHost,
            at: value,
            "expected a DNS name or \"*.\" and a DNS name, found \"\(text)\""
        )
    }
}
