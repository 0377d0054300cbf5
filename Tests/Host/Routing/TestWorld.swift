import SluiceBase
import SluiceConfig
import SluiceRouting
import SluiceShared
import Testing

/// A world in two lines, and the questions tests ask of its snapshot.
struct TestWorld {
    var world = World(instanceOrder: ["routes", "other"])
    var instance = "routes"

    mutating func put(
        _ kind: DocumentKind,
        _ name: String,
        _ json: String,
        origins: Origins = Origins([])
    ) throws {
        let key = DocumentKey(instance: instance, kind: kind, name: name)
        let value = try JSONDocument(parsing: json)
        world.put(Document(key: key, value: value, place: "\(name).json:1", origins: origins))
    }

    /// A listener with a hostname or none.
    ///
    /// `members` is what else its document has, as JSON behind a comma.
    mutating func listener(
        _ name: String = "web",
        hostname: String? = nil,
        port: Int = 8_080,
        _ members: String = ""
    ) throws {
        let host = hostname.map { #","hostname":"\#($0)""# } ?? ""
        try put(.listener, name, #"{"port":\#(port),"protocol":"HTTP"\#(host)\#(members)}"#)
    }

    /// A pool with one endpoint, `127.0.0.1:port`.
    mutating func pool(_ name: String, port: Int = 3000) throws {
        try put(.pool, name, #"{"endpoints":[{"address":"127.0.0.1","port":\#(port)}]}"#)
    }

    /// A route whose rules are given as JSON.
    mutating func route(
        _ name: String,
        listeners: [String] = ["web"],
        hosts: [String] = [],
        created: Int? = nil,
        rules: String
    ) throws {
        let age = created.map { #","created":"20\#($0)-01-01T00:00:00Z""# } ?? ""
        try put(
            .route,
            name,
            """
            {"listeners":[\(list(listeners))],"hosts":[\(list(hosts))],
             "order":{"name":"\(name)"\(age)},"rules":[\(rules)]}
            """
        )
    }

    /// A rule with one path match and one status that tells it apart.
    static func rule(_ kind: String, _ path: String, _ status: Int) -> String {
        #"{"matches":[{"path":{"\#(kind)":"\#(path)"}}],"backends":[{"status":\#(status)}]}"#
    }

    func compile(_ compiler: Compiler = Compiler(), generation: UInt64 = 1) -> Compilation {
        compiler.compile(world, generation: generation)
    }

    private func list(_ names: [String]) -> String {
        names.map { #""\#($0)""# }.joined(separator: ",")
    }
}

/// The snapshots of one compiler, one after the other; views of them are good as long as it lives.
final class Snapshots {
    let compiler = Compiler()
    private var kept: [Snapshot] = []

    func next(_ test: TestWorld, _ generation: UInt64) -> RoutingView {
        let snapshot = test.compile(compiler, generation: generation).snapshot
        kept.append(snapshot)
        return snapshot.view
    }
}

extension Compilation {
    /// The status that a request is answered with by the status backend it is routed to, or 404.
    func status(_ host: String, _ path: String, binding: Int32 = 0) -> Int {
        defer { withExtendedLifetime(snapshot) {} }
        switch match(host, path, binding: binding) {
        case .notFound:
            return 404
        case .found(let action, _):
            let target = snapshot.view.pick(action: action, random: 0).target
            guard case .status(let status) = target else { return 0 }
            return Int(status)
        }
    }

    func match(_ host: String, _ path: String, binding: Int32 = 0) -> RouteMatch {
        defer { withExtendedLifetime(snapshot) {} }
        return host.withBytes { host in
            let listener = snapshot.view.listener(binding: binding, host: host)
            return path.withBytes {
                snapshot.view.match(listener: listener, host: host, path: $0)
            }
        }
    }

    /// Problems as short words: `route a unknown-pool /rules/0/backends/0/pool`.
    var words: [String] {
        problems.map { "\($0.kind.rawValue) \($0.name) \($0.code) \($0.pointer)" }
    }
}

extension RoutingView {
    /// The pool in the first use of a slot; pools have slots in the order of their names.
    func pool(slot: UInt32) throws -> PoolView {
        try #require(pool(PoolReference(slot: slot, generation: 1)))
    }

    /// The socket for a local address that is written as text.
    func binding(_ address: String, _ port: UInt16) throws -> Int32 {
        let local = try #require(IPAddress(address)).peer(port: port)
        return binding(family: local.family, high: local.high, low: local.low, port: port)
    }

    /// Whether a socket believes a peer whose address is written as text.
    func trusts(_ binding: Int32, _ peer: String) throws -> Bool {
        trusts(binding: binding, try #require(IPAddress(peer)).peer(port: 1))
    }
}
