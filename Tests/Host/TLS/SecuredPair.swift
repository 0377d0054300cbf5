import CTLS
import SluiceBase
import SluiceTLS
import Testing

/// Two ends of one connection in memory, each with a wire of its own.
final class SecuredPair {
    enum Side { case client, server }

    let client: Secured
    let server: Secured
    private let clientWire = Wire()
    private let serverWire = Wire()
    /// Bytes of memory that are lent at a time.
    private let lent: Int
    private let output = Table<UInt8>(repeating: 0, count: 1 << 16)
    private let plain = Table<UInt8>(repeating: 0, count: 1 << 14)
    /// Ciphertext on its way.
    var toServer: [UInt8] = []
    var toClient: [UInt8] = []

    init(_ client: Context, _ server: Context, lent: Int = 1 << 16) throws {
        self.client = try #require(Secured.client(client, clientWire))
        self.server = try #require(Secured.server(server, serverWire))
        self.lent = lent
    }

    deinit {
        client.free()
        server.free()
    }

    /// Does a step of one side, with as much lent memory as it takes.
    func run(_ side: Side, _ step: (Secured) -> Secured.Step) -> Secured.Step {
        let isClient = side == .client
        let wire = isClient ? clientWire : serverWire
        let offered = isClient ? toClient : toServer
        var written: [UInt8] = []
        let outcome = offered.withBytes { bytes in
            wire.offer(bytes)
            while true {
                wire.lend(ByteWriter(lending: output, lent))
                let outcome = step(isClient ? client : server)
                written += (0..<wire.written).map { output[$0] }
                // What one step leaves there is taken for the fault of the next.
                #expect(ERR_peek_error() == 0)
                guard outcome == .wantsOutput else { return outcome }
                #expect(wire.written == lent)
            }
        }
        if isClient {
            toClient.removeFirst(wire.taken)
            toServer += written
        } else {
            toServer.removeFirst(wire.taken)
            toClient += written
        }
        return outcome
    }

    /// Shakes hands until neither side goes on; how it ended for both.
    @discardableResult
    func shake() -> (client: Secured.Step, server: Secured.Step) {
        var last: (client: Secured.Step, server: Secured.Step) = (.wantsInput, .wantsInput)
        for _ in 0..<10 {
            if last.client == .wantsInput { last.client = run(.client) { $0.shake() } }
            if last.server == .wantsInput { last.server = run(.server) { $0.shake() } }
        }
        return last
    }

    /// Writes all of `bytes` on one side.
    func write(_ side: Side, _ bytes: [UInt8]) -> Secured.Step {
        bytes.withBytes { bytes in run(side) { $0.write(bytes) } }
    }

    /// Reads until something else than plain bytes comes: what came, and what then.
    func read(_ side: Side) -> (bytes: [UInt8], then: Secured.Step) {
        var bytes: [UInt8] = []
        while true {
            let step = run(side) { $0.read(into: plain.writer()) }
            guard case .done(let count) = step else { return (bytes, step) }
            bytes += (0..<count).map { plain[$0] }
        }
    }

    /// Writes a close_notify.
    func end(_ side: Side) {
        _ = run(side) {
            $0.end()
            return .done(0)
        }
    }
}

extension ByteWriter {
    /// The first bytes of a table.
    fileprivate init(lending table: borrowing Table<UInt8>, _ count: Int) {
        let whole = table.writer()
        unsafe self.init(start: whole.start, capacity: count)
    }
}

/// Contexts of tests; the certificates are those of `TestAuthority`.
enum TestContexts {
    static func server(
        _ leaf: TestAuthority,
        clients: ClientValidation = .none,
        trust: TestAuthority? = nil,
        ocsp: [UInt8]? = nil,
        tickets: Tickets = Tickets(),
        _ change: (inout ServerTerms) -> Void = { _ in }
    ) throws -> Context {
        var terms = ServerTerms()
        terms.clients = clients
        terms.protocols = ["http/1.1"]
        terms.audience = "test"
        change(&terms)
        let certificate = try Certificate(chain: leaf.pem, key: leaf.key.pem(), ocsp: ocsp)
        let authorities = try trust.map { try Authorities([$0.pem], trustsSystem: false) }
        let recipe = ContextRecipe(
            .server(terms),
            certificates: [certificate],
            authorities: authorities
        )
        return try #require(Context(recipe, tickets: tickets), "\(Context.refusal())")
    }

    static func client(
        _ trust: TestAuthority,
        name: String = "leaf.test",
        own: TestAuthority? = nil,
        _ change: (inout ClientTerms) -> Void = { _ in }
    ) throws -> Context {
        var terms = ClientTerms(serverName: name)
        change(&terms)
        let certificates = try own.map { [try Certificate(chain: $0.pem, key: $0.key.pem())] }
        let recipe = ContextRecipe(
            .client(terms),
            certificates: certificates ?? [],
            authorities: try Authorities([trust.pem], trustsSystem: false)
        )
        return try #require(Context(recipe, tickets: Tickets()), "\(Context.refusal())")
    }
}
