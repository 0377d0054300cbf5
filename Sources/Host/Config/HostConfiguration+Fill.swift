internal import SluiceBase
internal import SluiceShared

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
                "listener \"\(name)\" asks for TLS, which is not carried yet:"
                    + " it is left out and everything else serves",
                at: tls
            )
            return
        }
        let services = value["services"].map { $0.elements.compactMap(\.string) } ?? []
        listeners.append(ListenerConfiguration(name: name, address: address, services: services))
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
        case .nanoseconds: value.timeSpan
        }
    }
}
