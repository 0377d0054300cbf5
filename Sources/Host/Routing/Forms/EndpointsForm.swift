internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared

/// An endpoints document as the compiler uses it: a slice of the endpoints of a pool.
struct EndpointsForm: Sendable {
    let key: DocumentKey
    /// The pool that they belong to, of the same instance.
    let pool: DocumentKey
    let endpoints: [EndpointForm]

    /// Reads the document; nil when it must be left out, the reasons then stand in `reading`.
    init?(_ reading: inout Reading) {
        let root = reading.root
        guard let pool = root["pool"]?.string else {
            reading.shape(root["pool"], "the name of a pool")
            return nil
        }
        guard let endpoints = root["endpoints"], endpoints.kind == .array else {
            reading.shape(root["endpoints"], "an array of endpoints")
            return nil
        }
        key = reading.key
        self.pool = DocumentKey(instance: key.instance, kind: .pool, name: pool)
        self.endpoints = reading.endpoints(endpoints)
        guard reading.isSound else { return nil }
    }
}

/// One endpoint that may take requests.
struct EndpointForm: Sendable {
    /// What makes two endpoints of a pool one.
    struct Place: Hashable {
        let address: IPAddress
        let port: UInt16
    }

    let place: Place
    let weight: UInt64
    /// Else it serves while it terminates, and takes requests when no other is ready.
    let isReady: Bool
    let pointer: String
}

extension Reading {
    /// The endpoints of a list that may take requests; what cannot be used is reported and left
    /// out.
    mutating func endpoints(_ list: JSONValue) -> [EndpointForm] {
        var found: [EndpointForm] = []
        for value in list.elements {
            let isReady = value["ready"]?.bool ?? true
            let isServing = value["serving"]?.bool ?? isReady
            let isTerminating = value["terminating"]?.bool ?? false
            guard let place = place(value) else { continue }
            let weight = value["weight"]?.int64.flatMap(UInt64.init(exactly:)) ?? 1
            guard weight > 0, isReady || isServing && isTerminating else { continue }
            found.append(
                EndpointForm(
                    place: place,
                    weight: weight,
                    isReady: isReady,
                    pointer: value.pointer
                )
            )
        }
        return found
    }

    private mutating func place(_ endpoint: JSONValue) -> EndpointForm.Place? {
        if let host = endpoint["host"] {
            report(
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
            report(
                .notSupported,
                .warning,
                at: endpoint["address"],
                "unix sockets are not supported by this build: the endpoint is left out"
            )
            return nil
        }
        guard let address = IPAddress(text) else {
            report(
                .badAddress,
                .warning,
                at: endpoint["address"] ?? endpoint,
                "expected an IPv4 or IPv6 address, found \"\(text)\": the endpoint is left out"
            )
            return nil
        }
        guard let port = endpoint["port"]?.int64.flatMap(UInt16.init(exactly:)), port > 0 else {
            shape(endpoint["port"] ?? endpoint, "a port from 1 to 65535")
            return nil
        }
        return EndpointForm.Place(address: address, port: port)
    }
}
