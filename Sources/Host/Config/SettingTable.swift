internal import SluiceBase

/// Every key of the host's configuration file, in the order of the reference.
package enum SettingTable {
    package static let apiVersion = "sluice.dev/v1"
    package static let kind = "HostConfig"

    package static let rows: [Setting] =
        top + tls + listeners + plugins + forwarding + log + limits

    private static let top: [Setting] = [
        Setting(
            "apiVersion",
            .constant(apiVersion),
            isRequired: true,
            "The revision of this format."
        ),
        Setting("kind", .constant(kind), isRequired: true, "What the document is."),
        Setting(
            "workers",
            .integerOr("auto", 1...FixedLimits.workersMax),
            fallback: "auto",
            "Threads that serve, each with its own ring; `auto`: one a core that affinity and"
                + " the cgroup's cpu.max leave to the process."
        ),
        Setting(
            "io",
            .choice(IOChoice.allCases.map(\.rawValue)),
            fallback: "auto",
            "How the kernel is asked: by io_uring, by epoll, or (`auto`) by epoll where io_uring"
                + " is refused."
        ),
        Setting(
            "stateDir",
            .text(bytesMax: pathBytesMax),
            fallback: ".sluice",
            "Folder for what survives a restart, made with mode 0700 when it is missing."
        ),
        Setting("hardening", .section, "What the process denies itself."),
        Setting(
            "hardening.mdwe",
            .flag,
            fallback: "true",
            "Whether memory that is writable and executable is refused (PR_SET_MDWE, from Linux 6.6"
                + " on); `false` for a plugin that compiles code in the process."
        ),
        Setting("admin", .section, "The admin API."),
        Setting(
            "admin.address",
            .address,
            fallback: "127.0.0.1:9901",
            "Where the admin API listens; on loopback it checks Host and Origin."
        ),
    ]

    private static let listeners: [Setting] =
        [
            Setting(
                "listeners",
                .list(countMax: FixedLimits.listenersMax),
                fallback: "[]",
                "The host's own listeners, which offer plugin services without a route."
            ),
            Setting(
                "listeners[].name",
                .name,
                isRequired: true,
                "What the listener is called; unique."
            ),
            Setting(
                "listeners[].address",
                .address,
                isRequired: true,
                "Where it listens; `:8080` is every address, IPv4 and IPv6."
            ),
            Setting(
                "listeners[].services",
                .list(countMax: FixedLimits.pluginsMax),
                isRequired: true,
                "The instances whose services it offers."
            ),
            Setting("listeners[].services[]", .name, "The name of an instance of `plugins`."),
        ] + listenerTLS + options

    /// The members of a listener that mean the same as in a listener document.
    static let listenerOptions = options.filter { $0.parent == "listeners[]" }.map(\.key)

    private static let options: [Setting] = [
        Setting(
            "listeners[].publicPort",
            .integer(1...65_535),
            "The port that clients see, where something in front maps it; default: that of"
                + " `address`."
        ),
        Setting(
            "listeners[].mergeSlashes",
            .flag,
            fallback: "true",
            "Whether `//` in a path is read as `/`."
        ),
        Setting(
            "listeners[].escapedSlashes",
            .choice(["keep", "reject"]),
            fallback: "keep",
            "What is done with `%2F` and `%5C` in a path: left as they are, or answered 400."
        ),
        Setting(
            "listeners[].halfClosed",
            .duration(0...24 * 3_600 * second, orNever: true),
            "As `limits.halfClosed`, for this listener; default: that limit."
        ),
        Setting(
            "listeners[].restartTrace",
            .flag,
            fallback: "false",
            "Whether `traceparent` and `tracestate` of clients are dropped."
        ),
        Setting(
            "listeners[].proxyProtocol",
            .section,
            "Expects a PROXY protocol header at the start of each connection."
        ),
        Setting(
            "listeners[].proxyProtocol.versions",
            .list(countMax: 2),
            fallback: "[1, 2]",
            "The versions that are accepted."
        ),
        Setting(
            "listeners[].proxyProtocol.versions[]",
            .integer(1...2),
            "A version of the PROXY protocol."
        ),
        Setting(
            "listeners[].proxyProtocol.required",
            .flag,
            fallback: "true",
            "Whether a connection without the header is closed."
        ),
        Setting(
            "listeners[].proxyProtocol.trusted",
            .list(countMax: 256),
            "The peers whose header is believed; default: every peer."
        ),
        Setting(
            "listeners[].proxyProtocol.trusted[]",
            .network,
            "An address, or a network such as `10.0.0.0/8`."
        ),
    ]

    private static let forwarding: [Setting] = [
        Setting(
            "trustedProxies",
            .list(countMax: 1_024),
            fallback: "[]",
            "The peers whose `X-Forwarded-` fields and `Forwarded` are kept; what others send of"
                + " them is replaced."
        ),
        Setting("trustedProxies[]", .network, "An address, or a network such as `10.0.0.0/8`."),
        Setting("forwarding", .section, "What origins learn about the way of a request."),
        Setting(
            "forwarding.forwarded",
            .flag,
            fallback: "false",
            "Whether `Forwarded` (RFC 7239) is sent beside the `X-Forwarded-` fields."
        ),
        Setting(
            "forwarding.via",
            .flag,
            fallback: "true",
            "Whether `Via` (RFC 9110 7.6.3) is sent in requests and replies."
        ),
    ]

    private static let plugins: [Setting] = [
        Setting(
            "plugins",
            .list(countMax: FixedLimits.pluginsMax),
            fallback: "[]",
            "The plugin instances; a hostname claimed twice goes to the earlier one."
        ),
        Setting(
            "plugins[].name",
            .name,
            isRequired: true,
            "What the instance is called in routes, metrics and `stateDir`; unique."
        ),
        Setting(
            "plugins[].library",
            .text(bytesMax: pathBytesMax),
            isRequired: true,
            "A name, looked up as `lib<name>.so` beside the binary, the name of a file there"
                + " (`libecho.so`), or a path with a slash. Only root and the host's user may be"
                + " able to change the file."
        ),
        Setting(
            "plugins[].sha256",
            .digest,
            "The SHA-256 of the library's file, as `sha256sum` writes it; another file is refused."
        ),
        Setting(
            "plugins[].config",
            .free,
            fallback: "{}",
            "The instance's own settings, checked against the plugin's schema."
        ),
        Setting(
            "plugins[].required",
            .flag,
            fallback: "true",
            "Whether `/readyz` waits for the instance."
        ),
        Setting(
            "plugins[].inline",
            .flag,
            fallback: "false",
            "Whether mounts that ask for it may run on a worker instead of the plugin's lane."
        ),
        Setting("plugins[].expose", .section, "Whose routes may use the instance."),
        Setting(
            "plugins[].expose.namespaces",
            .list(countMax: 1_024),
            fallback: "[]",
            "Namespaces whose routes may name the instance as a backend; `*` is all."
        ),
        Setting(
            "plugins[].expose.namespaces[]",
            .text(bytesMax: 253),
            "A namespace, or `*`."
        ),
    ]

    private static let log: [Setting] = [
        Setting("log", .section, "What the host writes to standard error."),
        Setting(
            "log.level",
            .choice(LogLevel.allCases.map(\.word)),
            fallback: "info",
            "The least important line that is written."
        ),
    ]

    private static let limits: [Setting] =
        [
            Setting(
                "limits",
                .section,
                "Every tunable bound; each has a default and a named outcome when reached."
            )
        ]
        + LimitTable.rows.map { row in
            Setting("limits.\(row.key)", row.kind, fallback: row.fallback, row.sentence)
        }

    /// Linux PATH_MAX.
    static let pathBytesMax = 4_096

    /// The row at a path; a list's elements are the row with brackets.
    package static func row(_ path: String) -> Setting? {
        byPath[path]
    }

    /// The keys that may stand in a section.
    package static func keys(in parent: String) -> [String] {
        children[parent]?.map(\.key) ?? []
    }

    /// The rows that stand in a section, or in each element of a list when it ends in brackets.
    package static func rows(in parent: String) -> [Setting] {
        children[parent] ?? []
    }

    private static let byPath = Dictionary(uniqueKeysWithValues: rows.map { ($0.path, $0) })
    private static let children = Dictionary(
        grouping: rows.filter { !$0.path.hasSuffix("[]") },
        by: \.parent
    )
}

extension LimitRow {
    fileprivate var kind: Setting.Kind {
        switch unit {
        case .count: .integer(range)
        case .bytes: .bytes(range)
        case .nanoseconds: .duration(range, orNever: mayBeNever)
        }
    }
}
