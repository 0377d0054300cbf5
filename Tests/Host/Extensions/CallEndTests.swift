import SluiceBase
import SluiceConfig
import SluiceExtensions
import Testing

/// How a call ends: cancel at most once, done exactly once and last, whatever comes in between.
@Suite struct CallEndTests {
    private func caller(_ change: (inout HostEnvironment) -> Void = { _ in }) throws
        -> (House, Probe, Caller)
    {
        let (house, probe) = try House.withProbe(["PROBE_SERVICE"], change)
        return (house, probe, try Caller(house))
    }

    /// Waits until the lane has handled what was sent before.
    private func settle(_ probe: Probe) {
        let before = probe[.posted]
        #expect(probe.post("-") == 0)
        #expect(eventually { probe[.posted] == before + 1 })
    }

    @Test func `a call that is cancelled while it waits for the lane is not made`() throws {
        let (house, probe, caller) = try caller { $0.limits.serviceInflightMax = 2 }
        probe.gate(isClosed: true)
        let (first, _) = try caller.call("/v1/later")
        #expect(eventually { probe[.entered] == 1 })
        let (second, _) = try caller.call("/v1/later")
        guard case .full = caller.admit("/v1/later") else { throw FixtureFailure("not full") }
        caller.services.cancel(second, why: .client)
        probe.gate(isClosed: false)
        settle(probe)
        #expect(probe.order == "csR-")
        caller.services.done(second, ExchangeFacts(status: 0, close: .client))
        settle(probe)
        // The plugin never heard of it, and its place is free again.
        #expect(probe.order == "csR--" && probe[.cancels] == 0)
        guard case .mount = caller.admit("/v1/later") else { throw FixtureFailure("still full") }
        caller.done(first)
        house.end()
        #expect(probe[.dones] == 1)
    }

    @Test func `a call that is cancelled while its body comes leaves no trace`() throws {
        let (house, probe, caller) = try caller()
        let call = try caller.reserve("/v1/x")
        caller.services.cancel(call, why: .timeout)
        caller.services.done(call, ExchangeFacts(status: 408, close: .timeout))
        settle(probe)
        #expect(probe.order == "cs-" && caller.inbox.isEmpty)
        house.end()
    }

    @Test func `a cancel while the plugin is inside of the call follows it`() throws {
        let (house, probe, caller) = try caller()
        probe.gate(isClosed: true)
        let (call, _) = try caller.call("/v1/later")
        #expect(eventually { probe[.entered] == 1 })
        caller.services.cancel(call, why: .timeout)
        caller.services.done(call, ExchangeFacts(status: 504, close: .timeout))
        probe.gate(isClosed: false)
        settle(probe)
        #expect(probe.order == "csRCD-" && probe[.lastWhy] == 2)
        house.end()
    }

    @Test func `a cancel may follow the answer, comes once, and done tells the truth`() throws {
        let (house, probe, caller) = try caller()
        let (call, _) = try caller.call("/v1/x")
        let answer = try caller.answer()
        #expect(caller.services.exchanges.isCurrent(answer.id))
        caller.services.cancel(call, why: .client)
        caller.services.cancel(call, why: .timeout)
        settle(probe)
        #expect(probe.order == "csRC-" && probe[.lastWhy] == 1 && probe[.dones] == 0)
        #expect(!caller.services.exchanges.isCurrent(answer.id))
        answer.recycle()
        caller.services.done(call, ExchangeFacts(status: 200, close: .client, sentBytes: 4_711))
        settle(probe)
        #expect(probe.order == "csRC-D-")
        #expect(probe[.doneStatus] == 200 && probe[.doneClose] == 1 && probe[.doneBytes] == 4_711)
        house.end()
    }

    @Test func `after cancel an answer is refused, and one on its way is not current`() throws {
        let (house, probe, caller) = try caller()
        let (early, _) = try caller.call("/v1/later")
        let (late, _) = try caller.call("/v1/later")
        #expect(eventually { probe[.requests] == 2 })
        #expect(probe.respond(early.id, 200) == 0)
        for call in [early, late] { caller.services.cancel(call, why: .client) }
        #expect(probe.respond(early.id, 200) == -3 && probe.respond(late.id, 200) == -3)
        let answer = try caller.answer()
        #expect(answer.id == early.id && !caller.services.exchanges.isCurrent(answer.id))
        answer.recycle()
        #expect(caller.inbox.isEmpty)
        for call in [early, late] { caller.done(call, 0) }
        #expect(eventually { probe[.dones] == 2 })
        house.end()
    }

    @Test func `open calls are cancelled and done before the plugin stops`() throws {
        let (house, probe, caller) = try caller()
        let (open, _) = try caller.call("/v1/later")
        #expect(eventually { probe[.requests] == 1 })
        let reserved = try caller.reserve("/v1/x")
        let ending = try Thread(name: "test-end") { house.end() }
        // The workers are told, and end the calls.
        #expect(eventually { caller.hasEnd })
        // A mount that was admitted before cannot be reserved any more.
        #expect(caller.services.prepare(caller.service, mount: 0, id: caller.open()) == nil)
        "/v1/x".withBytes { path in
            let request = ServiceRequest(
                method: Caller.get,
                methodName: Bytes("GET"),
                authority: .empty,
                path: path
            )
            _ = caller.services.call(reserved, request, body: .empty)
        }
        let answer = try caller.answer()
        #expect(answer.id == reserved.id && answer.kind == .unavailable)
        answer.recycle()
        #expect(probe[.stopped] == 0)
        caller.services.cancel(open, why: .shutdown)
        for call in [open, reserved] { caller.done(call, 503) }
        ending.join()
        #expect(probe.order == "csRdCDpx" && probe[.wrongOrder] == 0)
    }

    @Test func `stop waits for an inline call and lets no other in`() throws {
        let (house, probe, caller) = try caller()
        let (first, _) = try caller.call("/fast")
        caller.done(first)
        probe.gate(isClosed: true)
        let held = Held(caller)
        let worker = try Thread(name: "test-worker") { held.call() }
        #expect(eventually { probe[.entered] == 2 })
        let control = try Thread(name: "test-control") { house.end() }
        #expect(eventually { caller.hasEnd })
        guard case .unavailable = caller.admit("/v1/x") else {
            throw FixtureFailure("admitted")
        }
        #expect(probe[.stopped] == 0)
        probe.gate(isClosed: false)
        worker.join()
        for call in held.calls { caller.done(call) }
        control.join()
        #expect(probe.order == "csRDdRDpx" || probe.order == "csRDRdDpx")
    }

    /// One caller, used by one thread at a time.
    private final class Held: @unchecked Sendable {
        private let caller: Caller
        private(set) var calls: [ServiceCall] = []

        init(_ caller: Caller) { self.caller = caller }

        func call() {
            do {
                calls.append(try caller.call("/fast").0)
            } catch {
                Issue.record(error)
            }
        }
    }

    @Test(arguments: [1, 7, 4_242, 90_210] as [UInt64])
    func `calls end in order whatever the order of what happens`(seed: UInt64) throws {
        let (house, probe, caller) = try caller()
        var random = Random(state: seed)
        var live = [try caller.call("/v1/later").0]
        #expect(eventually { probe[.requests] == 1 }, "the lane runs")
        for _ in 0..<3_000 {
            switch random.next() % 5 {
            case 0 where live.count < 100:
                let path = random.next() % 2 == 0 ? "/v1/later" : "/v1/x"
                live.append(try caller.call(path).0)
            case 1 where !live.isEmpty:
                caller.services.cancel(live[random.index(live)], why: .client)
            case 2 where !live.isEmpty:
                caller.done(live.remove(at: random.index(live)))
            case 3 where !live.isEmpty:
                let status = probe.respond(live[random.index(live)].id, 200)
                #expect([0, -3, -8].contains(status))
            default:
                for answer in caller.answers() { answer.recycle() }
            }
        }
        for call in live { caller.done(call) }
        settle(probe)
        for answer in caller.answers() { answer.recycle() }
        #expect(probe[.wrongOrder] == 0 && probe[.requests] > 0)
        #expect(probe[.dones] == probe[.requests])
        house.end()
        // Nothing is left behind: the lane has ended, and the slot is free.
        #expect(house.host.reports.map(\.state) == [.stopped])
    }

    private struct Random {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }

        mutating func index(_ list: [ServiceCall]) -> Int { Int(next() % UInt64(list.count)) }
    }
}
