import Glibc
import SluiceBase
import SluiceExtensions
import SluiceRouting

/// A worker as far as services see one: an index, an inbox and exchanges.
final class Caller {
    /// Worker numbers that no real worker of this process has.
    private static let numbers = Cell.permanent(100)
    private static let slots = 1_024

    let services = Services.process
    let worker: Int
    let inbox: Inbox
    let service: UInt16
    private var nextSlot = 0
    private var waiting: [Answer] = []
    private var ends: [UInt16] = []

    init(_ house: House, instance: String = "probe") throws {
        worker = Int(Self.numbers.add(1))
        inbox = try Inbox()
        let exposed = try house.host.roster.services[instance].unwrapped("no service \(instance)")
        service = exposed.slot
        services.attach(worker: worker, inbox: inbox, exchanges: Self.slots)
    }

    static let get: UInt32 = 1
    static let post: UInt32 = 4

    func admit(_ path: String, method: UInt32 = get) -> Admission {
        path.withBytes { services.admit(service, method: method, path: $0) }
    }

    func open() -> UInt64 {
        defer { nextSlot = (nextSlot + 1) % Self.slots }
        return services.exchanges.open(worker: worker, slot: nextSlot)
    }

    /// Admits and prepares a call.
    func reserve(_ path: String, method: UInt32 = get) throws -> ServiceCall {
        guard case .mount(let terms) = admit(path, method: method) else {
            throw FixtureFailure("\(path) is not admitted")
        }
        return try services.prepare(service, mount: terms.index, id: open())
            .unwrapped("no place for a call")
    }

    /// Admits, prepares and makes a call; the bytes it was made from are overwritten at once.
    func call(
        _ path: String,
        method: UInt32 = get,
        query: String? = nil,
        headers: [(String, String)] = [],
        body: String = "",
        isStreamed: Bool = false
    ) throws -> (ServiceCall, CallOutcome) {
        let call = try reserve(path, method: method)
        let texts = [method == Self.get ? "GET" : "POST", "a.test", path, query ?? "", body]
        var buffer = texts.flatMap { Array($0.utf8) } + headers.flatMap { Array(($0 + $1).utf8) }
        let outcome = buffer.withBytes { bytes -> CallOutcome in
            var offset = 0
            func next(_ text: String) -> Bytes {
                defer { offset += text.utf8.count }
                return bytes.slice(offset, text.utf8.count)
            }
            var request = ServiceRequest(
                method: method,
                methodName: next(texts[0]),
                authority: next(texts[1]),
                path: next(texts[2])
            )
            let asked = next(texts[3])
            if query != nil { request.query = asked }
            let content = next(texts[4])
            for (name, value) in headers { _ = call.add(name: next(name), value: next(value)) }
            return services.call(call, request, body: content, isStreamed: isStreamed)
        }
        for index in buffer.indices { buffer[index] = UInt8(ascii: "!") }
        return (call, outcome)
    }

    /// The next answer in the inbox.
    func answer() throws -> Answer {
        _ = eventually {
            read()
            return !waiting.isEmpty
        }
        guard !waiting.isEmpty else { throw FixtureFailure("no answer came") }
        return waiting.removeFirst()
    }

    /// Whether the end of the service was announced.
    var hasEnd: Bool {
        read()
        return ends.contains(service)
    }

    /// All answers that have come.
    func answers() -> [Answer] {
        read()
        defer { waiting = [] }
        return waiting
    }

    private func read() {
        var batch = inbox.drain()
        while let message = batch.next() {
            if let answer = Answer(message) {
                waiting.append(answer)
            } else if let end = ServiceEnd(message) {
                ends.append(end.take())
            }
        }
    }

    func done(_ call: ServiceCall, _ status: Int = 200) {
        services.done(call, ExchangeFacts(status: status))
    }
}

extension Services {
    /// Describes and makes a call whose body is there.
    func call(
        _ call: ServiceCall,
        _ request: ServiceRequest,
        body: Bytes,
        isStreamed: Bool = false
    ) -> CallOutcome {
        describe(call, request, isStreamed: isStreamed)
        call.append(body: body)
        return self.call(call)
    }
}

extension Optional {
    func unwrapped(_ text: String) throws -> Wrapped {
        guard let self else { throw FixtureFailure(text) }
        return self
    }
}
