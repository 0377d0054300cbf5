extension SettingTable {
    /// What the calls of an instance to other servers may do.
    static let outbound: [Setting] = outboundBounds + outboundTimes + outboundProfiles

    private static let day = 24 * 3_600 * second

    private static let outboundBounds: [Setting] = [
        Setting("plugins[].outbound", .section, "What its calls to other servers may do."),
        Setting(
            "plugins[].outbound.calls",
            .integer(1...1_000_000),
            fallback: "4096",
            "Calls under way; another one is refused."
        ),
        Setting(
            "plugins[].outbound.connections",
            .integer(1...65_536),
            fallback: "4096",
            "Connections, kept ones included; calls wait for one. Those for HTTP/1.1, for HTTP/2"
                + " and for HTTP/2 by prior knowledge are counted apart."
        ),
        Setting(
            "plugins[].outbound.connectionsPerHost",
            .integer(1...65_536),
            fallback: "2048",
            "Connections to one scheme, host and port."
        ),
        Setting(
            "plugins[].outbound.responseBodyMax",
            .bytes(1...1 << 50),
            fallback: "64MiB",
            "Bytes of a response body, for calls that do not say; a longer one ends the call."
        ),
        Setting(
            "plugins[].outbound.proxy",
            .choice(["none", "environment"]),
            fallback: "none",
            "Whether `http_proxy`, `https_proxy` and `no_proxy` of the environment count."
        ),
        Setting(
            "plugins[].outbound.allow",
            .list(countMax: 256),
            fallback: "[]",
            "Addresses that are allowed though a shorter network of `deny` contains them."
        ),
        Setting("plugins[].outbound.allow[]", .network, "An address or a network."),
        Setting(
            "plugins[].outbound.deny",
            .list(countMax: 256),
            fallback: "[\"169.254.0.0/16\", \"fe80::/10\"]",
            "Addresses that calls may not reach, by whatever name; the default is link-local ones."
        ),
        Setting("plugins[].outbound.deny[]", .network, "An address or a network."),
        Setting(
            "plugins[].outbound.unixSockets",
            .flag,
            fallback: "true",
            "Whether calls may go to Unix sockets."
        ),
    ]

    private static let outboundTimes: [Setting] = [
        Setting(
            "plugins[].outbound.connectTimeout",
            .duration(1_000_000...day, orNever: false),
            fallback: "10s",
            "For calls that do not say: until a connection is ready."
        ),
        Setting(
            "plugins[].outbound.headTimeout",
            .duration(1_000_000...day, orNever: false),
            fallback: "30s",
            "Likewise: from the connection, or the last byte of the request, to the response head."
        ),
        Setting(
            "plugins[].outbound.idleTimeout",
            .duration(1_000_000...day, orNever: true),
            fallback: "60s",
            "Likewise: between two pieces."
        ),
        Setting(
            "plugins[].outbound.totalTimeout",
            .duration(1_000_000...day, orNever: true),
            fallback: "1h",
            "Likewise: from the start to the end."
        ),
    ]

    private static let outboundProfiles: [Setting] = [
        Setting(
            "plugins[].outbound.tls",
            .list(countMax: 256),
            fallback: "[]",
            "TLS profiles that calls may name; their files are read again when they change."
        ),
        Setting(
            "plugins[].outbound.tls[].name",
            .name,
            isRequired: true,
            "What calls name it by; unique in the instance."
        ),
        Setting(
            "plugins[].outbound.tls[].ca",
            .text(bytesMax: pathBytesMax),
            "A file of certificates in PEM that are trusted, instead of those of the system."
        ),
        Setting(
            "plugins[].outbound.tls[].certificate",
            .text(bytesMax: pathBytesMax),
            "A file with the client's certificate and its chain, in PEM."
        ),
        Setting(
            "plugins[].outbound.tls[].key",
            .text(bytesMax: pathBytesMax),
            "A file with the key of the certificate, in PEM."
        ),
        Setting(
            "plugins[].outbound.tls[].serverName",
            .text(bytesMax: 253),
            "The name that the peer must prove, instead of the host of the URL."
        ),
        Setting(
            "plugins[].outbound.tls[].insecure",
            .flag,
            fallback: "false",
            "Trusts whoever answers; for tests."
        ),
    ]
}
