/// How far a problem reaches; the values are those of `sluice_issue.severity`.
package enum Severity: Int32, Sendable, Comparable {
    /// The object serves, with less than it says.
    case warning = 0
    /// The object was left out and the rest serves.
    case object = 1
    /// The whole snapshot was refused.
    case snapshot = 2

    package static func < (left: Severity, right: Severity) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What is wrong with one document, written for its owner.
package struct Problem: Sendable, Equatable {
    package let severity: Severity
    package let instance: String
    package let kind: DocumentKind
    package let name: String
    /// A stable word, listed in `ProblemCode`.
    package let code: String
    /// A JSON Pointer into the document; empty means the document itself.
    package let pointer: String
    /// The place as the source named it, `file:line`; empty when it named none.
    package internal(set) var `where` = ""
    /// A JSON Pointer into the person's own object, as the source gave it; empty when it gave none.
    package internal(set) var source = ""
    package let text: String

    package init(
        severity: Severity,
        key: DocumentKey,
        code: ProblemCode,
        pointer: String = "",
        text: String
    ) {
        self.severity = severity
        self.instance = key.instance
        self.kind = key.kind
        self.name = key.name
        self.code = code.rawValue
        self.pointer = pointer
        self.text = text
    }

    /// A source's own problem, with a code and severity of its choice.
    package init(
        ofSource key: DocumentKey,
        severity: Severity,
        code: String,
        pointer: String,
        where place: String,
        source: String,
        text: String
    ) {
        self.severity = severity
        self.instance = key.instance
        self.kind = key.kind
        self.name = key.name
        self.code = code
        self.pointer = pointer
        self.where = place
        self.source = source
        self.text = text
    }

    package var key: DocumentKey { DocumentKey(instance: instance, kind: kind, name: name) }
}

/// The stable words by which programs distinguish problems.
package enum ProblemCode: String, CaseIterable, Sendable {
    /// The document does not have the shape that its JSON Schema requires.
    case schema
    /// Valid, but this build does not support it.
    case notSupported = "not-supported"
    case unknownListener = "unknown-listener"
    case unknownPool = "unknown-pool"
    case unknownPlugin = "unknown-plugin"
    /// No certificate that serves has this name.
    case unknownCertificate = "unknown-certificate"
    /// No trust that serves has this name.
    case unknownTrust = "unknown-trust"
    /// The plugin is not exposed to the namespace of the route.
    case notPermitted = "not-permitted"
    /// The plugin of a filter refuses its configuration.
    case badFilter = "bad-filter"
    /// The plugin of a filter has not taken its configuration yet.
    case filterPending = "filter-pending"
    /// The pool a backend names was itself left out.
    case poolLeftOut = "pool-left-out"
    /// An older listener without an address has this port and hostname.
    case portInUse = "port-in-use"
    /// Another listener has this address, port and hostname.
    case hostnameConflict = "hostname-conflict"
    /// Another listener has this address and port with another `proxyProtocol`, or one of the two
    /// is HTTP and the other HTTPS.
    case protocolConflict = "protocol-conflict"
    /// None of the route's hosts lies within a hostname of its listeners.
    case noMatchingHostname = "no-matching-hostname"
    case badAddress = "bad-address"
    case badHost = "bad-host"
    case badPath = "bad-path"
    case badDuration = "bad-duration"
    /// A certificate or its key cannot be used.
    case badCertificate = "bad-certificate"
    /// An OCSP response cannot be used: the certificate serves without it.
    case badOCSP = "bad-ocsp"
    /// Authorities cannot be used.
    case badTrust = "bad-trust"
    case badCipherSuite = "bad-cipher-suite"
    case badGroup = "bad-group"
    /// The lowest TLS version is above the highest.
    case badVersion = "bad-version"
    case certificateExpired = "certificate-expired"
    case certificateNotYetValid = "certificate-not-yet-valid"
    case tooMany = "too-many"
}
