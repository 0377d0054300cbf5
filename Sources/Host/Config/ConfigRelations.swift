internal import SluiceShared

extension ConfigReader {
    /// Notes what is wrong between values that are each right by themselves.
    mutating func relate(_ configuration: HostConfiguration, _ root: JSONValue) {
        unique("plugins", root)
        unique("listeners", root)
        relateServices(root)
        relateAddresses(root)
        for (key, text) in configuration.limits.contradictions() {
            note(text, at: root["limits"]?[key] ?? root["limits"] ?? root)
        }
    }

    private mutating func unique(_ list: String, _ root: JSONValue) {
        var lines: [String: Int] = [:]
        for value in elements(root[list]) {
            guard let name = value["name"], let text = name.string else { continue }
            if let line = lines[text] {
                note("the name \"\(text)\" is taken by line \(line); names are unique", at: name)
            }
            lines[text] = lines[text] ?? name.mark.line
        }
    }

    private mutating func relateServices(_ root: JSONValue) {
        let names = elements(root["plugins"]).compactMap { $0["name"]?.string }
        for service in elements(root["listeners"]).flatMap({ elements($0["services"]) }) {
            guard let name = service.string, !names.contains(name) else { continue }
            let hint = nearest(name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
            note("no instance in plugins is called \"\(name)\"\(hint)", at: service)
        }
    }

    private mutating func relateAddresses(_ root: JSONValue) {
        var places: [SocketAddress: String] = [:]
        let admin = root["admin"]?["address"]
        if let address = address(admin ?? root, SettingTable.row("admin.address")?.fallback) {
            places[address] = "the admin API"
        }
        for listener in elements(root["listeners"]) {
            guard let value = listener["address"], let address = address(value, nil) else {
                continue
            }
            guard address.port != 0 else {
                note(
                    "expected a port from 1 to 65535: nobody would know one that is chosen",
                    at: value
                )
                continue
            }
            if let other = places[address] {
                note("\(address) is taken by \(other)", at: value)
            }
            places[address] = places[address] ?? "line \(value.mark.line)"
        }
    }

    private func address(_ value: JSONValue, _ fallback: String?) -> SocketAddress? {
        (value.string ?? fallback).flatMap { try? SocketAddress($0) }
    }

    private func elements(_ value: JSONValue?) -> [JSONValue] {
        value.map { Array($0.elements) } ?? []
    }
}
