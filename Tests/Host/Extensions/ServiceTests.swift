import SluiceBase
import SluiceConfig
import SluiceExtensions
import Testing

/// The path of a call: admit, prepare, call, answer, done.
@Suite struct ServiceTests {
    private func caller(_ change: (inout HostEnvironment) -> Void = { _ in }) throws
        -> (House, Probe, Caller)
    {
        let (house, probe) = try House.withProbe(["PROBE_SERVICE"], change)
        return (house, probe, try Caller(house))
    }

    @Test func `a call reads a copy, whatever becomes of the worker's buffers`() throws {
        let (house, probe, caller) = try caller()
        probe.gate(isClosed: true)
        let (call, outcome) = try caller.call(
            "/v1/items",
            query: "a=1",
            headers: [("X-One", "1"), ("Accept", "*/*")],
            body: "content"
        )
        guard case .pending = outcome else { throw FixtureFailure("not pending") }
        probe.gate(isClosed: false)
        let answer = try caller.answer()
        #expect(answer.kind == .response && answer.status == 200 && answer.id == call.id)
        #expect(
            answer.body.text
                == "1 GET /v1/items?a=1 suffix=items x-one=1 accept=*/* body=content"
        )
        #expect(answer.headers.text == "X-Probe: probe\r\n")
        answer.recycle()
        caller.done(call)
        #expect(eventually { probe[.dones] == 1 })
        house.end()
    }

    @Test func `a body that comes in pieces moves with its head`() throws {
        let (house, probe, caller) = try caller()
        let call = try caller.reserve("/v1/x")
        "/v1/x".withBytes { path in
            _ = call.add(name: "Name", value: "value")
            caller.services.describe(
                call,
                ServiceRequest(method: 1, methodName: Bytes("GET"), authority: .empty, path: path)
            )
        }
        for _ in 0..<300 { call.append(body: Bytes("0123456789abcdef")) }
        #expect(call.bodyCount == 4_800)
        guard case .pending = caller.services.call(call) else {
            throw FixtureFailure("not pending")
        }
        let answer = try caller.answer()
        #expect(answer.body.text.hasPrefix("1 GET /v1/x? suffix=x name=value body=0123456789abcd"))
        answer.recycle()
        caller.done(call)
        #expect(eventually { probe[.dones] == 1 })
        house.end()
    }

    @Test func `the longest prefix wins by whole segments`() throws {
        let (house, _, caller) = try caller()
        func tag(_ path: String, _ method: UInt32 = Caller.get) -> String {
            switch caller.admit(path, method: method) {
            case .mount(let terms): "mount \(terms.prefixLength)"
            case .notFound: "404"
            case .methodNotAllowed(let allow): "405 \(allow)"
            case .unavailable, .full: "503"
            }
        }
        #expect(tag("/") == "mount 1")
        #expect(tag("/v1") == "mount 1")
        #expect(tag("/v1/") == "mount 4")
        #expect(tag("/v1/get") == "mount 7")
        #expect(tag("/v1/get/more") == "mount 7")
        #expect(tag("/v1/getter") == "mount 4")
        #expect(tag("/v1/get", Caller.post) == "405 3")
        #expect(tag("/v1/functions/f/invoke", Caller.post) == "mount 14")
        #expect(tag("/v1/functions/f/invoke") == "405 4")
        #expect(tag("/v1/functions//invoke", Caller.post) == "mount 4")
        #expect(tag("/v1/functions/f/invoke/x", Caller.post) == "mount 4")
        house.end()
    }

    @Test func `a mount says how long an answer may take, and whether half-closing is leaving`()
        throws
    {
        let (house, _, caller) = try caller { $0.limits.serviceTimeoutNanoseconds = 7 }
        guard case .mount(let plain) = caller.admit("/v1/x"),
            case .mount(let patient) = caller.admit("/patient")
        else { throw FixtureFailure("not admitted") }
        #expect(
            plain.times.head == 7 && Clock.after(plain.times.head, from: 100) == 107
        )
        #expect(!plain.allowsHalfClose)
        // No limit is no deadline, however late it is.
        #expect(patient.times.head == Clock.never && patient.allowsHalfClose)
        for now in [0, 1, Clock.now(), Clock.never - 1, Clock.never] {
            #expect(Clock.after(patient.times.head, from: now) == Clock.never)
        }
        #expect(Clock.after(plain.times.head, from: Clock.never - 3) == Clock.never)
        house.end()
    }

    @Test func `the largest answer is kept until it is recycled, late, and freed then`() throws {
        let (house, probe, caller) = try caller()
        let (call, _) = try caller.call("/v1/huge")
        let answer = try caller.answer()
        #expect(answer.kind == .response && answer.heldBytes == Answer.bytesMax)
        let length = answer.body.count
        #expect(length > Answer.bytesMax - 64)
        // The exchange ends, its slot and its call serve others, and the bytes stay.
        caller.done(call)
        #expect(eventually { probe[.dones] == 1 })
        #expect(!caller.services.exchanges.isCurrent(answer.id))
        let (second, _) = try caller.call("/v1/x")
        let other = try caller.answer()
        #expect(answer.body.count == length && answer.body[length - 1] == 0)
        answer.recycle()
        other.recycle()
        caller.done(second)
        // The memory that comes back is a small answer's.
        for _ in 0..<4 {
            let (call, _) = try caller.call("/v1/x")
            let small = try caller.answer()
            #expect(small.heldBytes <= 64 << 10)
            small.recycle()
            caller.done(call)
        }
        house.end()
    }

    @Test(arguments: [
        ("/v1/decline", Answer.Kind.declined), ("/v1/fail", .failed), ("/v1/mute", .failed),
        ("/v1/abort", .abort),
    ])
    func `a plugin that does not answer is answered for`(path: String, kind: Answer.Kind) throws {
        let (house, probe, caller) = try caller()
        let (call, _) = try caller.call(path)
        let answer = try caller.answer()
        #expect(answer.kind == kind)
        answer.recycle()
        caller.done(call)
        // done() is owed only when the request was taken.
        let owed: Int64 = kind == .declined || path == "/v1/fail" ? 0 : 1
        #expect(probe.post("e") == 0)
        #expect(eventually { probe[.posted] == 1 })
        #expect(probe[.dones] == owed)
        house.end()
    }

    @Test func `cancel comes before done, and a late answer is gone`() throws {
        let (house, probe, caller) = try caller()
        let (call, _) = try caller.call("/v1/later")
        let id = call.id
        #expect(eventually { probe[.requests] == 1 })
        caller.services.cancel(call, why: .client)
        caller.services.done(call, ExchangeFacts(status: 0, close: .client))
        #expect(eventually { probe[.dones] == 1 })
        #expect(probe.order == "csRCD" && probe[.lastWhy] == 1)
        #expect(probe.respond(id, 200) == -3)
        #expect(caller.inbox.isEmpty)
        house.end()
    }

    @Test func `an answer from any thread counts once`() throws {
        let (house, probe, caller) = try caller()
        let (call, _) = try caller.call("/v1/later")
        #expect(eventually { probe[.requests] == 1 })
        #expect(probe.respond(call.id, 99) == -1)
        #expect(probe.respond(call.id, 202) == 0)
        #expect(probe.respond(call.id, 200) == -8)
        let answer = try caller.answer()
        #expect(answer.status == 202 && answer.body.text == "late")
        answer.recycle()
        let id = call.id
        caller.done(call)
        #expect(probe.respond(id, 200) == -3)
        house.end()
    }

    @Test func `an answer to a stale number finds nothing in a reused slot`() throws {
        let (house, _, caller) = try caller()
        let exchanges = caller.services.exchanges
        let first = exchanges.open(worker: caller.worker, slot: 9)
        exchanges.close(first)
        let second = exchanges.open(worker: caller.worker, slot: 9)
        #expect(first != second)
        #expect(!exchanges.isCurrent(first) && exchanges.isCurrent(second))
        exchanges.close(first)
        #expect(exchanges.isCurrent(second))
        #expect(!exchanges.isCurrent(0))
        house.end()
    }

    @Test func `a full lane queue and a full mount answer 503`() throws {
        let (house, probe, caller) = try caller {
            $0.limits.laneQueueMax = 16
            $0.limits.serviceInflightMax = 20
        }
        probe.gate(isClosed: true)
        var calls: [ServiceCall] = []
        while case .mount = caller.admit("/v1/later") {
            calls.append(try caller.call("/v1/later").0)
            // One call is inside the plugin; wait until the lane has taken it.
            if calls.count == 1 { #expect(eventually { probe[.entered] == 1 }) }
            guard calls.count < 40 else { break }
        }
        #expect(calls.count == 17)
        guard case .full = caller.admit("/v1/x") else { throw FixtureFailure("not full") }
        probe.gate(isClosed: false)
        #expect(eventually { probe[.requests] == calls.count })
        // They wait for nobody now, but all are in flight: the mount has 20.
        while case .mount = caller.admit("/v1/later") {
            calls.append(try caller.call("/v1/later").0)
            #expect(eventually { probe[.requests] == calls.count })
        }
        #expect(calls.count == 20)
        for call in calls { caller.done(call, 0) }
        #expect(eventually { probe[.dones] == 20 })
        guard case .mount = caller.admit("/v1/later") else { throw FixtureFailure("still full") }
        house.end()
    }

    @Test func `an inline mount answers at once, on the caller's thread`() throws {
        let (house, probe, caller) = try caller()
        for _ in 0..<10 {
            let (call, outcome) = try caller.call("/fast", body: "x")
            guard case .answered(let answer) = outcome else { throw FixtureFailure("pending") }
            #expect(answer.body.text == "5 GET /fast? suffix= body=x")
            answer.recycle()
            caller.done(call)
        }
        #expect(caller.inbox.isEmpty && probe[.dones] == 10)
        house.end()
    }

    @Test func `a streamed body follows its call, one piece after the other is taken`() throws {
        let (house, probe, caller) = try caller()
        let (call, _) = try caller.call("/stream/x", method: Caller.post, isStreamed: true)
        for piece in 0..<3 {
            let taken = try caller.answer()
            #expect(taken.kind == .taken && probe[.bodies] == piece)
            taken.recycle()
            call.dropBody()
            call.append(body: "piece")
            #expect(!caller.services.feed(call, isLast: piece == 2))
        }
        let answer = try caller.answer()
        #expect(answer.status == 201 && answer.body.text == "piece")
        #expect(probe[.bodies] == 3)
        answer.recycle()
        caller.done(call)
        house.end()
    }

    @Test func `tasks and calls share one lane in order`() throws {
        let (house, probe, caller) = try caller()
        probe.gate(isClosed: true)
        let (first, _) = try caller.call("/v1/a")
        #expect(probe.post("t") == 0)
        let (second, _) = try caller.call("/v1/b")
        probe.gate(isClosed: false)
        for call in [first, second] {
            let answer = try caller.answer()
            #expect(answer.id == call.id)
            answer.recycle()
            caller.done(call)
        }
        #expect(eventually { probe[.dones] == 2 })
        #expect(probe.order.hasPrefix("csRtR"))
        house.end()
    }

    @Test func `two workers call one lane and each gets its own answers`() throws {
        let (house, probe, _) = try caller()
        let callers = try [Caller(house), Caller(house)]
        let threads = try callers.map { caller in
            let worker = Held(caller)
            return try Thread(name: "test-worker") { worker.callMany() }
        }
        for thread in threads { thread.join() }
        #expect(eventually { probe[.dones] == 2 * Held.callsMax })
        #expect(probe[.requests] == 2 * Held.callsMax)
        house.end()
    }

    /// One caller, used by one thread.
    private final class Held: @unchecked Sendable {
        static let callsMax: Int64 = 2_000
        private let caller: Caller

        init(_ caller: Caller) { self.caller = caller }

        func callMany() {
            for number in 0..<Self.callsMax {
                do {
                    let (call, _) = try caller.call("/v1/\(caller.worker)", body: "\(number)")
                    let answer = try caller.answer()
                    #expect(answer.id == call.id)
                    #expect(answer.body.text.hasSuffix("=\(caller.worker) body=\(number)"))
                    answer.recycle()
                    caller.done(call)
                } catch {
                    Issue.record(error)
                    return
                }
            }
        }
    }

    @Test func `a draining service takes nothing new`() throws {
        let (house, _, caller) = try caller()
        house.host.drain(deadlineNanoseconds: Clock.now() + Clock.nanosecondsPerSecond)
        guard case .unavailable = caller.admit("/") else { throw FixtureFailure("still open") }
        _ = house.host.stop()
    }
}
