internal import SluiceBase
internal import SluiceShared

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
        admin = Self.address(root["admin"]?["address"], "admin.address") ?? admin
        let level = Self.text(root["log"], "log.level")
        logLevel = LogLevel.allCases.first { $0.word == level } ?? .info
        forwarding = ForwardingTerms(root)
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
        if let tls = value["tls"] {
            remark(
                "listener \"\(name)\" has tls, which is not supported yet:"
                    + " it is left out and everything else serves",
                at: tls
            )
            return
        }
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
                options: .object(Dictionary(uniqueKeysWithValues: options))
            )
        )
    }

    private mutating func remark(_ text: String, at value: JSONValue) {
        remarks.append(
            ConfigProblem(
                source: value.source,
                line: value.mark.line,
                column: value.mark.column,
                pointer: value.pointer,
                text: text
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
