// What the configuration says about TLS: of each listener, and of the whole host.
extension SettingTable {
    private static let versions = ["1.2", "1.3"]

    static let tls: [Setting] = [
        Setting("tls", .section, "TLS of the whole host."),
        Setting(
            "tls.selfSigned",
            .flag,
            fallback: "false",
            "Whether the host makes a certificate at its first start, keeps it in `stateDir`, and"
                + " renews it. Listeners use it with `selfSigned`, Gateways with the option"
                + " `sluice.dev/certificate: self-signed`."
        ),
        Setting(
            "tls.ticketKeys",
            .text(bytesMax: pathBytesMax),
            "File with the keys of session tickets, to share between hosts; followed when it is"
                + " replaced. Default: random keys, a new one each hour."
        ),
    ]

    static let listenerTLS: [Setting] =
        [
            Setting(
                "listeners[].tls",
                .section,
                "HTTPS on this listener: `certificate` and `key`, `certificates`, or `selfSigned`."
            )
        ] + material + handshake + clients

    private static let material: [Setting] = [
        Setting(
            "listeners[].tls.certificate",
            .text(bytesMax: pathBytesMax),
            "File with the certificate chain, PEM, the leaf first; followed when it is replaced."
        ),
        Setting(
            "listeners[].tls.key",
            .text(bytesMax: pathBytesMax),
            "File with the private key of `certificate`, PEM, not encrypted."
        ),
        Setting(
            "listeners[].tls.certificates",
            .list(countMax: 64),
            "Several certificates: for several names, or an RSA and an ECDSA key side by side."
        ),
        Setting(
            "listeners[].tls.certificates[].certificate",
            .text(bytesMax: pathBytesMax),
            isRequired: true,
            "File with the certificate chain, as above."
        ),
        Setting(
            "listeners[].tls.certificates[].key",
            .text(bytesMax: pathBytesMax),
            isRequired: true,
            "File with the private key, as above."
        ),
        Setting(
            "listeners[].tls.certificates[].ocsp",
            .text(bytesMax: pathBytesMax),
            "File with an OCSP response to staple, DER; nobody fetches it."
        ),
        Setting(
            "listeners[].tls.selfSigned",
            .flag,
            fallback: "false",
            "Whether it presents the certificate that the host makes, as with `tls.selfSigned`."
        ),
    ]

    private static let handshake: [Setting] = [
        Setting(
            "listeners[].tls.minVersion",
            .choice(versions),
            fallback: "1.2",
            "The lowest version of TLS."
        ),
        Setting(
            "listeners[].tls.maxVersion",
            .choice(versions),
            fallback: "1.3",
            "The highest version of TLS."
        ),
        Setting(
            "listeners[].tls.cipherSuites",
            .list(countMax: 64),
            "Cipher suites, best first; default: the host's own list."
        ),
        Setting(
            "listeners[].tls.cipherSuites[]",
            .text(bytesMax: 64),
            "A name of OpenSSL or IANA."
        ),
        Setting(
            "listeners[].tls.groups",
            .list(countMax: 16),
            "Groups of the key exchange, best first; default: the host's own list."
        ),
        Setting(
            "listeners[].tls.groups[]",
            .text(bytesMax: 64),
            "A name of OpenSSL, IANA or NIST."
        ),
        Setting(
            "listeners[].tls.tickets",
            .flag,
            fallback: "true",
            "Whether sessions resume with tickets."
        ),
    ]

    private static let clients: [Setting] = [
        Setting(
            "listeners[].tls.clientCertificates",
            .section,
            "Requests a certificate of each client."
        ),
        Setting(
            "listeners[].tls.clientCertificates.authorities",
            .text(bytesMax: pathBytesMax),
            isRequired: true,
            "File with the authorities that it must chain to, PEM; followed when it is replaced."
        ),
        Setting(
            "listeners[].tls.clientCertificates.mode",
            .choice(["AllowValidOnly", "AllowMissing", "AllowInsecureFallback"]),
            fallback: "AllowValidOnly",
            "Who is let in: clients with a valid one, those without any too, or everybody."
        ),
        Setting(
            "listeners[].tls.clientCertificates.forward",
            .flag,
            fallback: "false",
            "Whether the identity of a client with a valid one is sent to origins."
        ),
    ]

    /// The members of a listener's `tls` that mean the same as in a listener document.
    static let tlsOptions = handshake.map(\.key)
}
