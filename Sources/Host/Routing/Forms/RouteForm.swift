internal import SluiceBase
internal import SluiceHTTP
internal import SluiceShared

/// A route document as the compiler uses it.
struct RouteForm: Sendable {
    enum Path: Hashable, Sendable {
        case exact(String)
        case prefix(String)
    }

    struct Match: Sendable {
        /// As the document has it.
        let path: Path
        let pointer: String
    }

    enum Backend: Sendable {
        case pool(String)
        case plugin(String)
        case status(UInt16)
    }

    struct Share: Sendable {
        let backend: Backend
        let weight: UInt64
        let filters: [FilterForm]
        let pointer: String
    }

    struct Rule: Sendable {
        let matches: [Match]
        let shares: [Share]
        let filters: [FilterForm]
        let pointer: String
        /// Nil: the host's setting; `Clock.never`: none.
        let requestTimeoutNanoseconds: UInt64?
        /// Nil: as the request's; `Clock.never`: none.
        let backendTimeoutNanoseconds: UInt64?
    }

    let key: DocumentKey
    let age: Age
    let listeners: [String]
    /// Never empty: a route without hosts has `any`.
    let hosts: [HostPattern]
    let rules: [Rule]

    private static let supported: Set<String> = [
        "listeners", "protocol", "hosts", "order", "rules",
    ]

    /// Reads the document; nil when it must be left out, the reasons then stand in `reading`.
    init?(_ reading: inout Reading) {
        let root = reading.root
        guard let listeners = root["listeners"], let rules = root["rules"] else {
            reading.shape(nil, "the members listeners and rules")
            return nil
        }
        reading.refuse(membersOf: root, except: RouteForm.supported)
        if let spoken = root["protocol"], spoken.string != "HTTP" {
            reading.report(
                .notSupported,
                at: spoken,
                "protocol \(spoken.string ?? "") is not supported by this build: the route is left "
                    + "out"
            )
        }
        var hosts: [HostPattern] = []
        for host in root["hosts"].map({ Array($0.elements) }) ?? [] {
            if let pattern = HostPattern(host.string ?? "") {
                hosts.append(pattern)
            } else {
                reading.badHost(host.string ?? "", at: host)
            }
        }
        let read = rules.elements.map { RouteForm.rule($0, &reading) }
        guard reading.isSound else { return nil }
        key = reading.key
        age = Age(root["order"], document: reading.key.name)
        self.listeners = listeners.elements.compactMap(\.string)
        self.hosts = hosts.isEmpty ? [.any] : hosts
        self.rules = read
    }
}

extension RouteForm {
    /// The part before the `/` in the name of its order.
    var namespace: String {
        age.name.contains("/") ? String(age.name.prefix { $0 != "/" }) : ""
    }

    private static func rule(_ value: JSONValue, _ reading: inout Reading) -> Rule {
        reading.refuse(
            membersOf: value,
            except: ["name", "matches", "filters", "backends", "timeouts"]
        )
        var matches: [Match] = []
        for match in value["matches"].map({ Array($0.elements) }) ?? [] {
            guard let path = path(match, &reading) else { continue }
            matches.append(Match(path: path, pointer: (match["path"] ?? match).pointer))
        }
        if value["matches"].map({ $0.count == 0 }) ?? true {
            matches = [Match(path: .prefix("/"), pointer: value.pointer)]
        }
        var shares: [Share] = []
        for backend in value["backends"].map({ Array($0.elements) }) ?? [] {
            if let share = share(backend, &reading) { shares.append(share) }
        }
        let timeouts = value["timeouts"]
        if let timeouts { reading.refuse(membersOf: timeouts, except: ["request", "backend"]) }
        return Rule(
            matches: matches,
            shares: shares,
            filters: FilterForm.list(value, &reading),
            pointer: value.pointer,
            requestTimeoutNanoseconds: reading.timeout(timeouts?["request"]),
            backendTimeoutNanoseconds: reading.timeout(timeouts?["backend"])
        )
    }

    private static func path(_ match: JSONValue, _ reading: inout Reading) -> Path? {
        reading.refuse(membersOf: match, except: ["path"])
        guard let path = match["path"] else { return .prefix("/") }
        reading.refuse(membersOf: path, except: ["prefix", "exact"])
        let exact = path["exact"]?.string
        guard let text = exact ?? path["prefix"]?.string else { return nil }
        guard text.hasPrefix("/"), text.utf8.count <= pathBytesMax else {
            reading.report(
                .badPath,
                at: path,
                "expected a path that starts with \"/\" and has at most \(pathBytesMax) bytes, "
                    + "found \"\(text)\""
            )
            return nil
        }
        return exact == nil ? .prefix(text) : .exact(text)
    }

    /// The longest path of a match, in bytes (Gateway API, HTTPPathMatch.value).
    private static var pathBytesMax: Int { 1024 }

    private static func share(_ value: JSONValue, _ reading: inout Reading) -> Share? {
        reading.refuse(membersOf: value, except: ["pool", "plugin", "status", "weight", "filters"])
        let backend: Backend
        if let name = value["pool"]?.string {
            backend = .pool(name)
        } else if let name = value["plugin"]?.string {
            backend = .plugin(name)
        } else if let status = value["status"]?.int64.flatMap(UInt16.init(exactly:)) {
            backend = .status(status)
        } else {
            reading.shape(value, "one of pool, plugin and status")
            return nil
        }
        let weight = value["weight"]?.int64.flatMap(UInt64.init(exactly:)) ?? 1
        return Share(
            backend: backend,
            weight: weight,
            filters: FilterForm.list(value, &reading),
            pointer: value.pointer
        )
    }
}

extension RouteForm.Path {
    var text: String {
        switch self {
        case .exact(let text), .prefix(let text): text
        }
    }

    /// The path in the form that requests are matched in; nil when no request has it.
    func canonical(_ options: PathForm.Options) -> RouteForm.Path? {
        text.withBytes { bytes -> RouteForm.Path? in
            if PathForm.isNormal(bytes, options) { return self }
            let memory = Table<UInt8>(repeating: 0, count: bytes.count)
            var writer = memory.writer()
            guard PathForm.write(bytes, options, to: &writer) else { return nil }
            let form = memory.bytes(0, writer.count).text
            switch self {
            case .exact: return .exact(form)
            case .prefix: return .prefix(form)
            }
        }
    }
}
