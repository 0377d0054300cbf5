import Glibc
import SimulatedKernel
import SluiceABI
import SluiceBase
import SluiceExtensions
import SluiceRouting
import Synchronization

/// Filters whose every answer is drawn from the seed: they hold, stop, resume from elsewhere,
/// change heads, put content in the place of equal content, and in hostile seeds answer, fail and
/// hold for ever.
///
/// They also judge what they are called with.
@safe
final class SimulatedFilters {
    /// One run at a time has filters: identities are the process's.
    static let alone = Mutex(())

    let filters: [SimulatedFilter]
    private let desk: SimulatedDesk

    init(_ plan: SimulationPlan, _ desk: SimulatedDesk) {
        self.desk = desk
        let all: [UInt32] = [15, 15, 3, 5, 8, 0]
        var random = SeededRandom(plan.seed ^ 0xf117e5)
        filters = (0..<(1 + random.below(3))).map { number in
            SimulatedFilter("f\(number)", plan, all[random.below(all.count)], random.next())
        }
    }

    /// The filters of the route, by name.
    var exposed: [String: ExposedService] {
        Dictionary(
            uniqueKeysWithValues: filters.map {
                ($0.name, ExposedService(slot: $0.slot, namespaces: ["*"]))
            }
        )
    }

    /// The member of the rule.
    var text: String {
        let list = filters.map { #"{"plugin":"\#($0.name)"}"# }.joined(separator: ",")
        return #""filters":[\#(list)],"#
    }

    /// Does what other threads would do; whether some have more to do.
    func step() -> Bool {
        var isBusy = false
        for filter in filters where filter.step() { isBusy = true }
        desk.wakeIfPosted()
        return isBusy
    }

    /// What was wrong, and filters that were not closed.
    func end() -> [String] {
        filters.flatMap { filter in
            Filters.process.remove(filter.slot)
            return filter.wrongs + (filter.open > 0 ? ["\(filter.open) not closed"] : [])
        }
    }
}

/// Wakes the worker for what lies in its inbox.
@safe
struct SimulatedDesk {
    let net: SimulatedNet
    let inbox: Inbox

    func wakeIfPosted() { if !inbox.isEmpty { net.woken.insert(inbox.wakeDescriptor) } }
}

/// Configurations that are all ready and all the same.
final class SimulatedConfigurations: RouteConfigurations {
    func prepare(filter: UInt16, _ json: [UInt8]) {}
    func resolve(filter: UInt16, _ json: [UInt8]) -> RouteConfiguration {
        .ready(value: 0, claim: 16)
    }
    func retain(_ claim: UInt64) {}
    func release(_ claim: UInt64) {}
    func sweep() {}
}

/// One exchange on its way through one filter.
@safe
final class SimulatedPassage {
    let id: UInt64
    /// By side.
    var hasEnd = [false, false]
    var holds = [false, false]
    var isClosed = false

    init(_ id: UInt64) { self.id = id }
}

/// One filter: its operations find it by the pointer of the plugin.
@safe
final class SimulatedFilter {
    /// What another thread will do.
    private struct Later {
        var turns: Int
        let passage: SimulatedPassage
        let side: UInt32
    }

    let name: String
    /// The name of a header that it changes.
    private let field: UnsafeMutablePointer<CChar>?
    private(set) var slot: UInt16 = 0
    private(set) var wrongs: [String] = []
    private(set) var open = 0
    private let plan: SimulationPlan
    private var random: SeededRandom
    private var later: [Later] = []
    private let functions = Filters.process.functions

    init(_ name: String, _ plan: SimulationPlan, _ wants: UInt32, _ seed: UInt64) {
        self.name = name
        unsafe field = strdup("x-\(name)")
        self.plan = plan
        random = SeededRandom(seed)
        var operations = sluice_filter_ops()
        operations.size = UInt32(MemoryLayout<sluice_filter_ops>.size)
        operations.wants = wants
        unsafe operations.open = filterOpen
        unsafe operations.body = filterBody
        unsafe operations.response = filterResponse
        unsafe operations.trailers = filterTrailers
        unsafe operations.close = filterClose
        let pointer = unsafe Unmanaged.passRetained(self).toOpaque()
        let taken = unsafe Filters.process.take(
            operations,
            instance: -1,
            plugin: pointer,
            budget: .max
        )
        guard let taken else { preconditionFailure("a slot for each filter of a simulation") }
        slot = taken
        Filters.process.serve(taken)
    }

    /// What a callback answers to a part that has come.
    func decide(_ passage: SimulatedPassage, _ side: UInt32, isHead: Bool) -> sluice_flow {
        let place = Int(side)
        if passage.isClosed { wrongs.append("\(name) was called behind its close") }
        if isHead, random.oneIn(3) { edit(passage, side) }
        if plan.isHostile, random.oneIn(60) { return sin(passage, side) }
        switch random.below(16) {
        case 0, 1: return hold(passage, place, SLUICE_HOLD)
        case 2: return hold(passage, place, SLUICE_STOP)
        case 3 where passage.holds[place]:
            passage.holds[place] = false
            expect(functions.resume(passage.id, side), passage, "resume inside")
            return SLUICE_GO
        case 4 where random.oneIn(6):
            // It lets go of everything.
            passage.holds = [false, false]
            return SLUICE_SKIP
        default: return SLUICE_GO
        }
    }

    private func hold(_ passage: SimulatedPassage, _ place: Int, _ flow: Int32) -> sluice_flow {
        if !passage.holds[place] {
            passage.holds[place] = true
            let turns = random.oneIn(3) ? 0 : random.below(12)
            later.append(Later(turns: turns, passage: passage, side: UInt32(place)))
        }
        return flow
    }

    private func sin(_ passage: SimulatedPassage, _ side: UInt32) -> sluice_flow {
        switch random.below(5) {
        case 0: return 99
        case 1: return SLUICE_ANSWERED
        case 2:
            // For ever.
            passage.holds[Int(side)] = true
            return SLUICE_HOLD
        case 3:
            _ = unsafe functions.abort(passage.id, sluice_span())
            return SLUICE_GO
        default:
            var response = unsafe sluice_response()
            unsafe response.size = unsafe UInt32(MemoryLayout<sluice_response>.size)
            unsafe response.status = 403
            let status = unsafe functions.respond(passage.id, &response, nil)
            return status == SLUICE_OK ? SLUICE_ANSWERED : SLUICE_GO
        }
    }

    private func edit(_ passage: SimulatedPassage, _ side: UInt32) {
        let name = unsafe sluice_text(field)
        let value = unsafe name
        switch random.below(3) {
        case 0: _ = unsafe functions.header_set(passage.id, side, name, value)
        case 1: _ = unsafe functions.header_add(passage.id, side, name, value)
        default: _ = unsafe functions.header_remove(passage.id, side, name)
        }
    }

    /// What a piece of content is answered.
    func take(
        _ passage: SimulatedPassage,
        _ side: UInt32,
        _ chunks: UnsafePointer<sluice_chunk>?,
        _ count: Int,
        isLast: Bool
    ) -> sluice_flow {
        if passage.hasEnd[Int(side)] { wrongs.append("\(name) got content behind its end") }
        if isLast { passage.hasEnd[Int(side)] = true }
        // The same again in its place, whether it is held or not.
        if random.oneIn(4) { unsafe repeatContent(passage, side, chunks, count) }
        return decide(passage, side, isHead: false)
    }

    private func repeatContent(
        _ passage: SimulatedPassage,
        _ side: UInt32,
        _ chunks: UnsafePointer<sluice_chunk>?,
        _ count: Int
    ) {
        guard passage.holds[Int(side)] else {
            _ = unsafe functions.body_set(passage.id, side, chunks, count)
            return
        }
        var pieces = unsafe [sluice_chunk](repeating: sluice_chunk(), count: 64)
        var needed = unsafe pieces.count
        guard unsafe functions.held(passage.id, side, &pieces, &needed) == SLUICE_OK,
            unsafe needed <= pieces.count
        else { return }
        _ = unsafe functions.body_set(passage.id, side, pieces, needed)
    }

    /// Does what is due on other threads; whether more is to come.
    func step() -> Bool {
        for index in later.indices { later[index].turns -= 1 }
        let due = later.filter { $0.turns < 0 }
        later.removeAll { $0.turns < 0 }
        for one in due where !one.passage.isClosed && one.passage.holds[Int(one.side)] {
            one.passage.holds[Int(one.side)] = false
            if random.oneIn(3) { edit(one.passage, one.side) }
            expect(functions.resume(one.passage.id, one.side), one.passage, "resume")
        }
        return !later.isEmpty
    }

    private func expect(_ status: sluice_status, _ passage: SimulatedPassage, _ what: String) {
        // The exchange may have been answered otherwise, by the host.
        guard status != SLUICE_OK, status != SLUICE_E_STATE, !plan.isHostile, !passage.isClosed
        else { return }
        wrongs.append("\(name): \(what) answered \(status)")
    }

    func opened(_ id: UInt64) -> SimulatedPassage {
        open += 1
        return SimulatedPassage(id)
    }

    func closed(_ passage: SimulatedPassage) {
        if passage.isClosed { wrongs.append("\(name) was closed twice") }
        passage.isClosed = true
        passage.holds = [false, false]
        open -= 1
    }
}

// What the host calls.

private func filter(_ pointer: UnsafeMutableRawPointer?) -> SimulatedFilter {
    guard let pointer = unsafe pointer else { preconditionFailure("the pointer of the plugin") }
    return unsafe Unmanaged<SimulatedFilter>.fromOpaque(pointer).takeUnretainedValue()
}

private func passage(_ pointer: UnsafeMutableRawPointer?) -> SimulatedPassage {
    guard let pointer = unsafe pointer else { preconditionFailure("what open() has given") }
    return unsafe Unmanaged<SimulatedPassage>.fromOpaque(pointer).takeUnretainedValue()
}

private let filterOpen:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, sluice_rid,
        UnsafePointer<sluice_request>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> sluice_flow = { plugin, _, id, _, out in
        let filter = unsafe filter(plugin)
        let passage = filter.opened(id)
        unsafe out?.pointee = Unmanaged.passRetained(passage).toOpaque()
        return filter.decide(passage, 0, isHead: true)
    }

private let filterBody:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, sluice_rid, UInt32,
        UnsafePointer<sluice_chunk>?, Int, UInt32
    ) -> sluice_flow = { plugin, context, _, side, chunks, count, flags in
        unsafe filter(plugin).take(
            passage(context),
            side,
            chunks,
            count,
            isLast: flags & UInt32(SLUICE_END) != 0
        )
    }

private let filterResponse:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, sluice_rid, Int32, sluice_headers,
        UInt32
    ) -> sluice_flow = { plugin, context, _, _, _, _ in
        unsafe filter(plugin).decide(passage(context), 1, isHead: true)
    }

private let filterTrailers:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, sluice_rid, UInt32, sluice_headers
    ) -> sluice_flow = { plugin, context, _, side, _ in
        unsafe filter(plugin).decide(passage(context), side, isHead: false)
    }

private let filterClose:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, sluice_rid,
        UnsafePointer<sluice_exchange>?
    ) -> Void = { plugin, context, _, _ in
        guard let context = unsafe context else { return }
        let passage = unsafe Unmanaged<SimulatedPassage>.fromOpaque(context).takeRetainedValue()
        unsafe filter(plugin).closed(passage)
    }
