import SluiceBase
import SluiceRouting
import SluiceShared
import SluiceTLS
import Testing

/// Documents of a world with TLS, and the questions tests ask of its contexts.
extension TestWorld {
    /// A certificate for `names` with a new ECDSA key.
    mutating func certificate(_ name: String, _ names: [String], days: Int = 365) throws {
        let made = try SelfSigned.make(names: names, addresses: [], days: days)
        try put(
            .certificate,
            name,
            #"{"chain":\#(JSONText.of(made.chain)),"key":\#(JSONText.of(made.key))}"#
        )
    }

    /// A trust whose authority is a new self-signed certificate.
    mutating func trust(_ name: String) throws {
        let made = try SelfSigned.make(names: ["ca.test"], addresses: [], days: 365)
        try put(.trust, name, #"{"certificates":[\#(JSONText.of(made.chain))]}"#)
    }

    /// A document of `docs/schemas/examples`; `certificate-rsa` covers `a.test` and `*.a.test`.
    mutating func example(_ kind: DocumentKind, _ name: String, _ file: String) throws {
        let path = SchemaTests.folder + "/examples/\(file).json"
        try put(kind, name, String(decoding: Files.read(path, bytesMax: 1 << 20), as: UTF8.self))
    }

    /// An HTTPS listener; `tls` is what else its `tls` has, as JSON behind a comma.
    mutating func secured(
        _ name: String = "web",
        presenting certificates: [String],
        hostname: String? = nil,
        port: Int = 8_443,
        tls: String = "",
        _ members: String = ""
    ) throws {
        let host = hostname.map { #","hostname":"\#($0)""# } ?? ""
        let names = certificates.map { #""\#($0)""# }.joined(separator: ",")
        try put(
            .listener,
            name,
            #"{"port":\#(port),"protocol":"HTTPS"\#(host)\#(members),"#
                + #""tls":{"certificates":[\#(names)]\#(tls)}}"#
        )
    }

    /// A pool with the endpoint `127.0.0.1:3000` and a `tls` object.
    mutating func securedPool(_ name: String, _ tls: String) throws {
        try put(
            .pool,
            name,
            #"{"endpoints":[{"address":"127.0.0.1","port":3000}],"tls":{\#(tls)}}"#
        )
    }
}

extension RoutingView {
    /// The context for a server name on the listener of a host.
    func context(_ name: String, host: String = "", binding: Int32 = 0) -> ContextReference {
        let listener = host.withBytes { self.listener(binding: binding, host: $0) }
        return name.withBytes { serverContext(listener: listener, name: $0) }
    }

    /// What is presented for a server name: `ecdsa a.test`, for each certificate.
    func presented(_ name: String, host: String = "") -> [String] {
        let recipe = recipe(context(name, host: host))?.recipe
        return (recipe?.certificates ?? []).map { certificate in
            "\(certificate.keyKind) \(certificate.names.joined(separator: " "))"
        }
    }

    /// What the contexts of a server name have for terms.
    func serverTerms(_ name: String = "", host: String = "") -> ServerTerms? {
        guard case .server(let terms)? = recipe(context(name, host: host))?.recipe.side else {
            return nil
        }
        return terms
    }
}

/// PEM as a JSON string.
enum JSONText {
    static func of(_ pem: [UInt8]) -> String {
        let lines = String(decoding: pem, as: UTF8.self).split(separator: "\n")
        return #"""# + lines.joined(separator: #"\n"#) + #"\n""#
    }
}
