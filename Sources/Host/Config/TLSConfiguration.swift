internal import SluiceBase
package import SluiceShared

/// The files of one certificate.
package struct CertificateFiles: Sendable, Equatable {
    package var certificate: String
    package var key: String
    /// An OCSP response to staple, DER.
    package var ocsp: String?

    package init(certificate: String, key: String, ocsp: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.ocsp = ocsp
    }
}

/// Which certificates a listener of the host wants of its clients.
package struct ClientCertificates: Sendable, Equatable {
    /// File with the authorities that they chain to, PEM.
    package var authorities: String
    /// `mode` and `forward`, written as in a listener document.
    package let options: JSON
}

/// What a listener of the host says about TLS.
package struct ListenerTLS: Sendable, Equatable {
    /// In the order of preference; none with `isSelfSigned`.
    package var certificates: [CertificateFiles]
    /// Whether it presents the certificate that the host makes.
    package let isSelfSigned: Bool
    package var clients: ClientCertificates?
    /// The members that mean the same as in a listener document, written as there.
    package let options: JSON
}

/// TLS of the whole host.
package struct TLSConfiguration: Sendable, Equatable {
    /// Whether the host makes a certificate, for whoever names it.
    package var isSelfSigned = false
    /// File with the keys of session tickets; nil: random ones.
    package var ticketKeys: String?

    package init() {}
}

extension HostConfiguration {
    /// Whether the host needs a certificate that it makes itself.
    package var needsSelfSigned: Bool {
        tls.isSelfSigned || listeners.contains { $0.tls?.isSelfSigned == true }
    }

    /// Has the paths of all TLS files start at the root.
    mutating func resolveTLSFiles() {
        for place in listeners.indices { listeners[place].tls?.resolve(from: directory) }
        tls.ticketKeys = tls.ticketKeys.map { Files.path($0, from: directory) }
    }
}

extension ListenerTLS {
    /// Takes a `tls` section that the table has found right.
    init(_ value: JSONValue) {
        isSelfSigned = value["selfSigned"]?.bool ?? false
        let pairs = value["certificates"].map { Array($0.elements) } ?? [value]
        certificates = pairs.compactMap(CertificateFiles.init)
        clients = value["clientCertificates"].flatMap(ClientCertificates.init)
        options = value.members(named: SettingTable.tlsOptions)
    }

    fileprivate mutating func resolve(from folder: String) {
        if let path = clients?.authorities {
            clients?.authorities = Files.path(path, from: folder)
        }
        certificates = certificates.map { files in
            CertificateFiles(
                certificate: Files.path(files.certificate, from: folder),
                key: Files.path(files.key, from: folder),
                ocsp: files.ocsp.map { Files.path($0, from: folder) }
            )
        }
    }
}

extension CertificateFiles {
    fileprivate init?(_ value: JSONValue) {
        guard let certificate = value["certificate"]?.string, let key = value["key"]?.string else {
            return nil
        }
        self.init(certificate: certificate, key: key, ocsp: value["ocsp"]?.string)
    }
}

extension ClientCertificates {
    fileprivate init?(_ value: JSONValue) {
        guard let authorities = value["authorities"]?.string else { return nil }
        self.authorities = authorities
        options = value.members(named: ["mode", "forward"])
    }
}

extension TLSConfiguration {
    /// Takes the top-level section `tls`, or the defaults without one.
    init(_ value: JSONValue?) {
        self.init()
        isSelfSigned = value?["selfSigned"]?.bool ?? isSelfSigned
        ticketKeys = value?["ticketKeys"]?.string
    }
}

extension JSONValue {
    /// Some of its members as an object; words that look like numbers become texts.
    fileprivate func members(named keys: [String]) -> JSON {
        let pairs = keys.compactMap { key in
            self[key].map { (key, $0.numberText.map(JSON.string) ?? $0.json()) }
        }
        return .object(Dictionary(uniqueKeysWithValues: pairs))
    }
}

extension ConfigReader {
    /// Notes what contradicts itself in the `tls` of listeners.
    mutating func relateTLS(_ root: JSONValue) {
        guard let listeners = root["listeners"] else { return }
        for listener in listeners.elements {
            if let tls = listener["tls"] { relate(tls: tls) }
        }
    }

    private mutating func relate(tls: JSONValue) {
        let (certificate, key, list) = (tls["certificate"], tls["key"], tls["certificates"])
        if tls["selfSigned"]?.bool == true {
            guard let file = certificate ?? key ?? list else { return }
            return note(
                "selfSigned needs no files: remove it, or the files",
                at: file
            )
        }
        if let list {
            if let single = certificate ?? key {
                return note("certificates lists all pairs of files: add this one there", at: single)
            }
            guard list.count == 0 else { return }
            return note("expected at least one pair of certificate and key", at: list)
        }
        switch (certificate, key) {
        case (let certificate?, nil):
            note("certificate needs a key: expected the file with its private key", at: certificate)
        case (nil, let key?):
            note("key needs a certificate: expected the file with its certificate chain", at: key)
        case (nil, nil):
            note("expected certificate and key, certificates, or selfSigned: true", at: tls)
        default: break
        }
    }
}
