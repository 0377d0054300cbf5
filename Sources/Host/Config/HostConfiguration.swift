package import SluiceBase
package import SluiceShared

/// The host's configuration: what the file says, with defaults filled in and checked.
package struct HostConfiguration: Sendable {
    /// The file it came from, as it was named.
    package var path = ""
    /// The folder of that file, from the root; relative paths start there.
    package var directory = "."
    /// How many workers serve; `auto` is already a number.
    package var workers = 1
    package var io = IOChoice.auto
    /// The folder for what survives a restart.
    package var stateDirectory = ".sluice"
    /// Memory that is writable and executable is refused.
    package var refusesWritableCode = true
    package var admin = SocketAddress(address: IPAddress(ipv4: 0x7F00_0001), port: 9_901)
    package var listeners: [ListenerConfiguration] = []
    package var plugins: [PluginConfiguration] = []
    package var limits = Limits()
    package var logLevel = LogLevel.info
    package var forwarding = ForwardingTerms()
    package var tls = TLSConfiguration()

    /// The defaults.
    package init() {}
}

/// How the workers ask the kernel.
package enum IOChoice: String, CaseIterable, Sendable {
    case auto
    case uring
    case epoll
}

/// A listener of the host's own, for plugin services.
package struct ListenerConfiguration: Sendable, Equatable {
    package let name: String
    package let address: SocketAddress
    /// Names of instances in `plugins`.
    package let services: [String]
    /// The members that it shares with listener documents, written as there.
    package let options: JSON
    /// nil: HTTP in the clear.
    package var tls: ListenerTLS?

    package init(
        name: String,
        address: SocketAddress,
        services: [String],
        options: JSON = .object([:]),
        tls: ListenerTLS? = nil
    ) {
        self.name = name
        self.address = address
        self.services = services
        self.options = options
        self.tls = tls
    }
}

/// What origins learn about the way of a request.
package struct ForwardingTerms: Sendable, Equatable {
    /// The peers whose forwarded fields are kept: addresses and networks such as `10.0.0.0/8`.
    package var trusted: [String] = []
    /// Whether `Forwarded` (RFC 7239) is sent beside the `X-Forwarded-` fields.
    package var addsForwarded = false
    /// Whether `Via` (RFC 9110 7.6.3) is sent.
    package var addsVia = true

    package init() {}
}

/// One plugin instance.
package struct PluginConfiguration: Sendable, Equatable {
    package var name: String
    /// A name to look up beside the binary, or a path (it has a slash).
    package var library: String
    /// The SHA-256 of the library's file in hexadecimal; nil: any content will do.
    package var sha256: String?
    /// The instance's own settings; absent means an empty object.
    package var config: JSONValue?
    /// Whether `/readyz` waits for it.
    package var isRequired = true
    /// Whether mounts that ask for it may run on a worker.
    package var isInline = false
    /// Namespaces whose routes may use it; `*` is all.
    package var exposedNamespaces: [String] = []
    /// Its place, `file:line`, for messages.
    package var place = ""

    package init(name: String, library: String) {
        self.name = name
        self.library = library
    }
}

/// One thing that is wrong in the host's configuration, where it is, and what was expected.
package struct ConfigProblem: Error, Sendable, Equatable {
    package let source: String
    /// 1-based; 0 when it concerns the whole file.
    package let line: Int
    package let column: Int
    /// JSON Pointer (RFC 6901) of the value.
    package let pointer: String
    package let text: String

    package init(source: String, line: Int, column: Int, pointer: String, text: String) {
        self.source = source
        self.line = line
        self.column = column
        self.pointer = pointer
        self.text = text
    }
}

extension ConfigProblem: CustomStringConvertible {
    /// `file:line:column: /pointer: text`.
    package var description: String {
        let place = line > 0 ? "\(source):\(line):\(column)" : source
        return pointer.isEmpty ? "\(place): \(text)" : "\(place): \(pointer): \(text)"
    }
}

/// Everything that is wrong in one configuration file; none of it was taken over.
package struct ConfigFailure: Error, Sendable, Equatable {
    package let problems: [ConfigProblem]

    package init(problems: [ConfigProblem]) {
        self.problems = problems
    }
}

extension ConfigFailure: CustomStringConvertible {
    /// One problem a line.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

extension HostConfiguration {
    /// Reads and checks a file; on failure nothing of it counts and every problem is named.
    package static func read(_ path: String) throws(ConfigFailure) -> HostConfiguration {
        let bytes: [UInt8]
        do throws(Files.Failure) {
            bytes = try Files.read(path, bytesMax: FixedLimits.configurationBytesMax)
        } catch {
            throw ConfigFailure(whole: path, error.sentence)
        }
        var configuration = try parse(bytes, source: path)
        let folder = Self.folder(of: path)
        configuration.directory = (try? Files.resolved(folder)) ?? folder
        configuration.stateDirectory = Files.path(
            configuration.stateDirectory,
            from: configuration.directory
        )
        configuration.resolveTLSFiles()
        return configuration
    }

    /// Checks the text of a file, YAML or JSON; relative paths stay as they are.
    package static func parse(
        _ bytes: [UInt8],
        source: String
    ) throws(ConfigFailure) -> HostConfiguration {
        let documents: [JSONDocument]
        do throws(ParseFailure) {
            documents = try YAML.parse(bytes, source: source)
        } catch {
            throw ConfigFailure(problems: [ConfigProblem(error)])
        }
        guard let root = documents.first?.root, documents.count == 1 else {
            throw ConfigFailure(
                whole: source,
                "expected one document of kind \(SettingTable.kind), found \(documents.count)"
            )
        }
        var reader = ConfigReader()
        reader.check(section: root, at: "")
        guard reader.problems.isEmpty else { throw ConfigFailure(problems: reader.problems) }
        var configuration = HostConfiguration(root)
        reader.relate(configuration, root)
        guard reader.problems.isEmpty else { throw ConfigFailure(problems: reader.problems) }
        configuration.path = source
        return configuration
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension ConfigFailure {
    /// A failure of the file as a whole.
    init(whole source: String, _ text: String) {
        self.init(
            problems: [
                ConfigProblem(source: source, line: 0, column: 0, pointer: "", text: text)
            ]
        )
    }
}

extension ConfigProblem {
    init(_ failure: ParseFailure) {
        self.init(
            source: failure.source,
            line: failure.mark.line,
            column: failure.mark.column,
            pointer: failure.pointer,
            text: failure.text
        )
    }
}

extension Files.Failure {
    fileprivate var sentence: String {
        switch self {
        case .system(let failure): "the configuration cannot be read: \(failure)"
        case .tooLarge(let bytesMax):
            "the configuration is longer than \(ByteSize.text(bytesMax))"
        }
    }
}

extension HostConfiguration {
    /// Takes the values of a document that the table has found right.
    init(_ root: JSONValue) {
        self.init()
        workers = root["workers"].flatMap { $0.int64 }.map(Int.init) ?? ProcessorShare.count()
        io = IOChoice(rawValue: Self.text(root, "io")) ?? .auto
        stateDirectory = Self.text(root, "stateDir")
        refusesWritableCode = root["hardening"]?["mdwe"]?.bool ?? true
        admin = Self.address(root["admin"]?["address"], "admin.address") ?? admin
        let level = Self.text(root["log"], "log.level")
        logLevel = LogLevel.allCases.first { $0.word == level } ?? .info
        forwarding = ForwardingTerms(root)
        tls = TLSConfiguration(root["tls"])
        for value in root["plugins"].map({ Array($0.elements) }) ?? [] {
            plugins.append(PluginConfiguration(value))
        }
        for value in root["listeners"].map({ Array($0.elements) }) ?? [] {
            take(listener: value)
        }
        for row in LimitTable.rows {
            if let value = root["limits"]?[row.key].flatMap(row.number) {
                limits[keyPath: row.field] = value
            }
        }
    }

    private mutating func take(listener value: JSONValue) {
        guard let name = value["name"]?.string,
            let address = Self.address(value["address"], "listeners[].address")
        else { return }
        let services = value["services"].map { $0.elements.compactMap(\.string) } ?? []
        let options = SettingTable.listenerOptions.compactMap { key in
            // A bare 0 is a duration here, but not in a document.
            value[key].map { (key, $0.int64 == 0 ? "0s" : $0.json()) }
        }
        listeners.append(
            ListenerConfiguration(
                name: name,
                address: address,
                services: services,
                options: .object(Dictionary(uniqueKeysWithValues: options)),
                tls: value["tls"].map(ListenerTLS.init)
            )
        )
    }

    /// The text at a top-level row, or its default.
    private static func text(_ section: JSONValue?, _ path: String) -> String {
        let row = SettingTable.row(path)
        return section?[row?.key ?? path]?.string ?? row?.fallback ?? ""
    }

    private static func address(_ value: JSONValue?, _ path: String) -> SocketAddress? {
        guard let text = value?.string ?? SettingTable.row(path)?.fallback else { return nil }
        return try? SocketAddress(text)
    }
}

extension ForwardingTerms {
    init(_ root: JSONValue) {
        self.init()
        trusted = root["trustedProxies"].map { $0.elements.compactMap(\.string) } ?? []
        addsForwarded = root["forwarding"]?["forwarded"]?.bool ?? addsForwarded
        addsVia = root["forwarding"]?["via"]?.bool ?? addsVia
    }
}

extension PluginConfiguration {
    init(_ value: JSONValue) {
        self.init(
            name: value["name"]?.string ?? "",
            library: value["library"]?.string ?? ""
        )
        sha256 = value["sha256"]?.string
        config = value["config"].flatMap { $0.isNull ? nil : $0 }
        isRequired = value["required"]?.bool ?? true
        isInline = value["inline"]?.bool ?? false
        exposedNamespaces =
            value["expose"]?["namespaces"].map { $0.elements.compactMap(\.string) } ?? []
        place = "\(value.source):\(value.mark.line)"
    }
}

extension LimitRow {
    fileprivate func number(_ value: JSONValue) -> Int? {
        switch unit {
        case .count: value.integer(in: range)
        case .bytes: value.byteSize
        case .nanoseconds: value.timeSpanOrNever
        }
    }
}
