import SimulatedKernel
import SluiceBase
import SluiceConfig
import SluiceRouting
import SluiceServe
import SluiceShared

/// The control side of a simulation: endpoints come and go, the listener moves from one socket to
/// another, and in hostile seeds the pool vanishes for a while.
final class SimulatedRouting {
    private let compiler = Compiler(configurations: SimulatedConfigurations())
    private let filters: SimulatedFilters?
    private let plan: SimulationPlan
    private let net: SimulatedNet
    private let installed: Published<Installation>
    private let desk: Desk
    private var snapshots: [Snapshot] = []
    private var generation: UInt64 = 0
    /// The binding whose socket is the worker's, or -1.
    private var binding: Int32 = -1
    /// Where clients arrive.
    private(set) var listener: Int32 = -1
    private var hasAddress = false
    /// Another one than that of the connections there are: nobody serves them any more.
    private var port = 80

    init(
        _ plan: SimulationPlan,
        _ net: SimulatedNet,
        _ installed: Published<Installation>,
        _ desk: Desk,
        _ filters: SimulatedFilters? = nil
    ) {
        self.filters = filters
        self.plan = plan
        self.net = net
        self.installed = installed
        self.desk = desk
    }

    /// Publishes other routes than before.
    func change() throws {
        generation += 1
        if generation > 1, net.random.oneIn(3) { hasAddress.toggle() }
        if plan.isHostile { port = net.random.oneIn(8) ? 81 : 80 }
        let hasPool = generation == 1 || !plan.isHostile || !net.random.oneIn(6)
        let snapshot = compiler.compile(try world(hasPool), generation: generation).snapshot
        precondition(snapshot.bindings.count == 1, "the documents of the simulation are sound")
        snapshots.append(snapshot)
        installed.publish(Installation(view: snapshot.view), number: generation)
        move(to: snapshot.bindings[0].index)
    }

    /// As the host does it: the new socket is handed over, then the old one is retired.
    private func move(to next: Int32) {
        guard next != binding else { return }
        listener = net.listen()
        desk.sockets.offer(Int(next), listener)
        if binding >= 0 { desk.sockets.retire(Int(binding)) }
        binding = next
    }

    private func world(_ hasPool: Bool) throws -> World {
        var world = World(
            instanceOrder: ["sim"],
            halfClosedNanoseconds: UInt64(plan.limits.halfClosedNanoseconds)
        )
        try put(.listener, "l", listenerText, &world)
        if hasPool { try put(.pool, "p", poolText(), &world) }
        if plan.secures || plan.securesUpstream { try putCredentials(&world) }
        world.filters = filters?.exposed ?? [:]
        let rule = #"{\#(filters?.text ?? "")"backends":[{"pool":"p"}]}"#
        try put(.route, "r", #"{"listeners":["l"],"rules":[\#(rule)]}"#, &world)
        return world
    }

    /// Chains of filters that some exchange never let go of.
    func end() -> [String] {
        var chains = FilterChains()
        for snapshot in snapshots { chains.retire(snapshot.chains) }
        chains.release(nil)
        return chains.count > 0 ? ["\(chains.count) chains of filters are still held"] : []
    }

    private var listenerText: String {
        let address = hasAddress ? #""address":"10.0.0.1","# : ""
        let proxy = plan.speaksProxy ? #","proxyProtocol":{}"# : ""
        let secured = #""HTTPS","hostname":"a.test","tls":{"certificates":["c"]}"#
        let spoken = plan.secures ? secured : #""HTTP""#
        return #"{\#(address)"port":\#(port),"protocol":\#(spoken)\#(proxy)}"#
    }

    /// What listeners present, which is one or the other certificate, and what pools trust.
    private func putCredentials(_ world: inout World) throws {
        let all = SimulatedCertificate.listeners
        let own = all[net.random.below(all.count)]
        let certificate = #"{"chain":\#(quoted(own.chain)),"key":\#(quoted(own.key))}"#
        try put(.certificate, "c", certificate, &world)
        let trusted = SimulatedCertificate.trusted.map { quoted($0.chain) }
        let list = trusted.joined(separator: ",")
        try put(.trust, "t", #"{"certificates":[\#(list)]}"#, &world)
    }

    /// A text of several lines as JSON.
    private func quoted(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return "\"" + lines.joined(separator: "\\n") + "\""
    }

    private func poolText() -> String {
        var ports = [SimulationPlan.healthyPort]
        for port in SimulationPlan.ports.dropFirst() where net.random.oneIn(2) {
            ports.append(port)
        }
        if plan.isHostile, net.random.oneIn(4) { ports.removeFirst() }
        var order = Array(ports.indices)
        net.random.shuffle(&order)
        let endpoints = order.map { #"{"address":"10.0.0.2","port":\#(ports[$0])}"# }
        let policy = ["Random", "RoundRobin", "LeastRequests"][net.random.below(3)]
        let proxy = plan.proxiesUpstream
        let header = proxy > 0 ? #","proxyProtocol":{"version":\#(proxy)}"# : ""
        let secured = #","tls":{"sni":"a.test","trust":["t"]}"#
        let tls = plan.securesUpstream ? secured : ""
        return #"{"endpoints":[\#(endpoints.joined(separator: ","))],"#
            + #""balancing":{"policy":"\#(policy)"}\#(header)\#(tls)}"#
    }

    private func put(
        _ kind: DocumentKind,
        _ name: String,
        _ text: String,
        _ world: inout World
    ) throws {
        let key = DocumentKey(instance: "sim", kind: kind, name: name)
        let value = try JSONDocument(parsing: Array(text.utf8))
        world.put(Document(key: key, value: value))
    }
}
