internal import SluiceShared

/// `sluice ctl plugin [NAME [OPERATION [key=value ...]]]`: the operations of plugins.
enum PluginCallCommand {
    static let command = Command(
        name: "ctl plugin",
        sentence: "lists the plugins of a running host and their operations, or calls one",
        flags: AdminClient.flags,
        operands: [
            Command.Operand(name: "NAME", isRequired: false),
            Command.Operand(name: "OPERATION", isRequired: false),
            Command.Operand(name: "key=value", isRequired: false, repeats: true),
        ]
    ) { arguments in
        do throws(AdminClient.Failure) {
            let client = try AdminClient(arguments.flags)
            let words = arguments.operands
            switch words.count {
            case 0: Console.say(try list(client))
            case 1: Console.say(try PluginShown(of: words[0], client).text)
            default: try call(words, client)
            }
            return .success
        } catch {
            Console.complain(error.text)
            return .problems
        }
    }

    /// One instance a line, with its state.
    private static func list(_ client: AdminClient) throws(AdminClient.Failure) -> String {
        let page = try client.page("/plugins")
        let plugins = page["plugins"].map { Array($0.elements) } ?? []
        let names = plugins.map { $0["name"]?.string ?? "" }
        let width = names.map(\.count).max() ?? 0
        return zip(names, plugins).map { name, plugin in
            let gap = String(repeating: " ", count: width - name.count + 2)
            return name + gap + (plugin["state"]?.string ?? "")
        }.joined(separator: "\n")
    }

    private static func call(
        _ words: [String],
        _ client: AdminClient
    ) throws(AdminClient.Failure) {
        let plugin = try PluginShown(of: words[0], client)
        let operation = try plugin.operation(words[1])
        let pairs = try words.dropFirst(2).map { word throws(AdminClient.Failure) in
            try operation.pair(word)
        }
        let path = "/plugins/\(plugin.name)/\(operation.name)"
        let answer: AdminClient.Answer
        if operation.writes {
            var body: [String: JSON] = [:]
            for (key, text) in pairs { body[key] = operation.value(text, of: key) }
            answer = try client.ask("POST", path, body: JSON.object(body).canonical())
        } else {
            let query = pairs.map { "\(escaped($0))=\(escaped($1))" }.joined(separator: "&")
            answer = try client.ask("GET", query.isEmpty ? path : "\(path)?\(query)")
        }
        let said = try? JSONDocument(parsing: answer.body).root
        guard answer.isSuccess else {
            let reason = said?["error"]?.string ?? answer.text
            throw AdminClient.Failure(text: "\(plugin.name)/\(operation.name): \(reason)")
        }
        Console.say(said?.json().text(pretty: true) ?? answer.text)
    }

    /// A text for a query: all but unreserved characters (RFC 3986 2.3) is escaped.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || (48...57).contains(byte))
            if isPlain || "-._~".unicodeScalars.contains(scalar) { return String(scalar) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }
}

extension AdminClient {
    /// A page that is JSON.
    func page(_ path: String) throws(Failure) -> JSONValue {
        let answer = try ask("GET", path)
        guard answer.isSuccess else {
            throw Failure(text: "\(path) answers \(answer.status): \(answer.text)")
        }
        do throws(ParseFailure) {
            return try JSONDocument(parsing: answer.body).root
        } catch {
            throw Failure(text: "\(path) answers what is not JSON: \(error)")
        }
    }
}

/// An instance with its operations, as the host shows it.
struct PluginShown {
    let name: String
    let operations: [OperationShown]

    /// Asks a host for the instance called `name`.
    init(of name: String, _ client: AdminClient) throws(AdminClient.Failure) {
        let known = try client.page("/plugins")["plugins"].map { Array($0.elements) } ?? []
        let names = known.compactMap { $0["name"]?.string }
        guard names.contains(name) else {
            let near = nearest(name, among: names).map { "; did you mean \"\($0)\"?" }
            let all = "; there are \(names.joined(separator: ", "))"
            throw AdminClient.Failure(
                text: "there is no plugin \"\(name)\"\(near ?? (names.isEmpty ? "" : all))"
            )
        }
        let page = try client.page("/plugins/\(name)")
        self.name = name
        operations = (page["operations"].map { Array($0.elements) } ?? []).map(OperationShown.init)
    }

    func operation(_ name: String) throws(AdminClient.Failure) -> OperationShown {
        if let found = operations.first(where: { $0.name == name }) { return found }
        let names = operations.map(\.name)
        let near = nearest(name, among: names).map { "; did you mean \"\($0)\"?" }
        let all = names.isEmpty ? "; it has none" : "; it has \(names.joined(separator: ", "))"
        throw AdminClient.Failure(
            text: "plugin \(self.name) has no operation \"\(name)\"\(near ?? all)"
        )
    }

    /// For people: each operation, and a line for each parameter.
    var text: String {
        guard !operations.isEmpty else { return "plugin \(name) offers no operations" }
        return operations.map(\.text).joined(separator: "\n")
    }
}

/// An operation, as the host shows it.
struct OperationShown {
    struct Parameter {
        let name: String
        let doc: String
        let type: String
        let isOptional: Bool
        let fallback: String?
    }

    let name: String
    let doc: String
    let writes: Bool
    let parameters: [Parameter]

    init(_ value: JSONValue) {
        name = value["name"]?.string ?? ""
        doc = value["doc"]?.string ?? ""
        writes = value["method"]?.string == "POST"
        parameters = (value["parameters"].map { Array($0.elements) } ?? []).map { value in
            Parameter(
                name: value["name"]?.string ?? "",
                doc: value["doc"]?.string ?? "",
                type: value["schema"]?["type"]?.string ?? "",
                isOptional: value["optional"]?.bool ?? false,
                fallback: value["schema"]?["default"]?.json().text()
            )
        }
    }

    /// `key=value`, as the operator typed it.
    func pair(_ word: String) throws(AdminClient.Failure) -> (String, String) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw AdminClient.Failure(text: "\"\(word)\" is not key=value, such as grace=10")
        }
        return (String(parts[0]), String(parts[1]))
    }

    /// A value for a body; one that does not fit its type goes as text, and the host says so.
    func value(_ text: String, of key: String) -> JSON {
        let parameter = parameters.first { $0.name == key }
        guard let parameter, parameter.type != "string",
            let value = try? JSONDocument(parsing: text).root
        else { return .string(text) }
        return value.json()
    }

    fileprivate var text: String {
        let start = writes ? "\(name)  (changes something)" : name
        let lines = parameters.map { parameter in
            let form = "\(parameter.name)=\(parameter.type.uppercased())"
            let shown = parameter.isOptional ? "[\(form)]" : form
            let fallback = parameter.fallback.map { " (default \($0))" } ?? ""
            return "    \(shown)  \(parameter.doc)\(fallback)"
        }
        return ([start] + (doc.isEmpty ? [] : ["  \(doc)"]) + lines).joined(separator: "\n")
    }
}
