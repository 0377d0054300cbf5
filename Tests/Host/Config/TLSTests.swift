import SluiceBase
import SluiceConfig
import SluiceShared
import Testing

/// What the configuration says about TLS.
@Suite struct TLSTests {
    private func tls(_ text: String) throws -> ListenerTLS {
        let line = "- {name: a, address: \":8443\", services: [], tls: {\(text)}}"
        let read = try configuration("listeners:\n\(line)\n")
        return try #require(read.listeners.first?.tls)
    }

    /// The problems of one listener's `tls`, without the place of the listener.
    private func faults(_ text: String) -> [String] {
        let line = "- {name: a, address: \":8443\", services: [], tls: {\(text)}}"
        let prefix = "sluice.yaml:4:"
        return problems(header + "listeners:\n\(line)\n").map { problem in
            problem.hasPrefix(prefix) ? String(problem.dropFirst(prefix.count)) : problem
        }
    }

    @Test func `a certificate is a pair of files`() throws {
        let read = try tls("certificate: c.pem, key: c.key")
        #expect(read.certificates == [CertificateFiles(certificate: "c.pem", key: "c.key")])
        #expect(!read.isSelfSigned && read.clients == nil && read.options.text() == "{}")
    }

    @Test func `several certificates are a list`() throws {
        let read = try tls(
            "certificates: [{certificate: a, key: b}, {certificate: c, key: d, ocsp: e}]"
        )
        #expect(
            read.certificates == [
                CertificateFiles(certificate: "a", key: "b"),
                CertificateFiles(certificate: "c", key: "d", ocsp: "e"),
            ]
        )
    }

    @Test func `options are those of a listener document, and versions may be numbers`() throws {
        let read = try tls(
            "selfSigned: true, minVersion: 1.2, maxVersion: \"1.3\", groups: [X25519],"
                + " cipherSuites: [TLS_AES_128_GCM_SHA256], tickets: false, clientCertificates:"
                + " {authorities: ca.pem, mode: AllowInsecureFallback, forward: true}"
        )
        #expect(read.isSelfSigned && read.certificates.isEmpty)
        #expect(
            read.options.text()
                == #"{"cipherSuites":["TLS_AES_128_GCM_SHA256"],"groups":["X25519"],"#
                + #""maxVersion":"1.3","minVersion":"1.2","tickets":false}"#
        )
        #expect(read.clients?.authorities == "ca.pem")
        #expect(
            read.clients?.options.text() == #"{"forward":true,"mode":"AllowInsecureFallback"}"#
        )
    }

    @Test func `the host makes a certificate when it or a listener says so`() throws {
        #expect(try !configuration("").needsSelfSigned)
        let own = try configuration("tls: {selfSigned: true, ticketKeys: keys}")
        #expect(own.needsSelfSigned && own.tls.ticketKeys == "keys")
        let listener = "listeners: [{name: a, address: \":1\", services: [], tls: @}]"
        for (text, isNeeded) in [("{selfSigned: true}", true), ("{certificate: a, key: b}", false)]
        {
            let parts = listener.split(separator: "@")
            let read = try configuration("\(parts[0])\(text)\(parts[1])")
            #expect(read.needsSelfSigned == isNeeded)
        }
    }

    @Test(arguments: [
        ("", "50: /listeners/0/tls: expected certificate and key, certificates, or"),
        ("selfSigned: false", "50: /listeners/0/tls: expected certificate and key"),
        ("certificate: c", "64: /listeners/0/tls/certificate: certificate needs a key"),
        ("key: k", "56: /listeners/0/tls/key: key needs a certificate"),
        ("certificates: []", "65: /listeners/0/tls/certificates: expected at least one pair"),
        (
            "certificates: [{certificate: c}]",
            "66: /listeners/0/tls/certificates/0: \"key\" is missing: File with the private key"
        ),
        (
            "selfSigned: true, certificate: c, key: k",
            "82: /listeners/0/tls/certificate: selfSigned needs no files"
        ),
        (
            "certificates: [{certificate: c, key: k}], key: k",
            "98: /listeners/0/tls/key: certificates lists all pairs"
        ),
        (
            "selfSigned: true, certifcate: c",
            "69: /listeners/0/tls: unknown key \"certifcate\"; did you mean \"certificate\"?"
        ),
        (
            "selfSigned: true, minVersion: 1.1",
            "81: /listeners/0/tls/minVersion: expected one of 1.2, 1.3, found the number 1.1"
        ),
        (
            "selfSigned: true, clientCertificates: {}",
            "89: /listeners/0/tls/clientCertificates: \"authorities\" is missing"
        ),
    ])
    func `what cannot be meant is refused at its place`(text: String, expected: String) {
        let found = faults(text)
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }

    @Test func `paths start at the folder of the file`() throws {
        let folder = "\(#filePath)".split(separator: "/").dropLast().joined(separator: "/")
        let read = try HostConfiguration.read("/\(folder)/../../../conf/standalone.yaml")
        let state = read.stateDirectory
        #expect(state.hasPrefix("/") && state.hasSuffix("/conf/.sluice"))
        #expect(read.needsSelfSigned)
    }
}
