import Glibc
import SluiceBase
import SluiceOutbound
import Synchronization
import Testing

/// What a sink was told, in order.
final class Recorder: OutboundEvents {
    struct Record {
        var words: [String] = []
        var status = 0
        var fields = HeadFields()
        var body: [UInt8] = []
        var pieces = 0
        var end: OutboundEnd?
    }

    private let state = Mutex(Record())
    private let ended: Latch
    private let answers: @Sendable (Int) -> OutboundFlow
    private let told: (@Sendable (Recorder, UInt64, String) -> Void)?

    /// `answers` is asked with the number of each piece; `told` hears of each event.
    init(
        told: (@Sendable (Recorder, UInt64, String) -> Void)? = nil,
        answers: @escaping @Sendable (Int) -> OutboundFlow = { _ in .take }
    ) throws {
        ended = try Latch()
        self.told = told
        self.answers = answers
    }

    var record: Record { state.withLock { $0 } }

    func head(_ call: UInt64, status: Int, fields: HeadFields) {
        state.withLock {
            $0.words.append("head")
            $0.status = status
            $0.fields = fields
        }
        told?(self, call, "head")
    }

    func body(_ call: UInt64, _ piece: Bytes) -> OutboundFlow {
        let number = state.withLock { record in
            if record.words.last != "body" { record.words.append("body") }
            record.body += piece.array
            record.pieces += 1
            return record.pieces
        }
        told?(self, call, "body")
        return answers(number)
    }

    func writable(_ call: UInt64) {
        state.withLock { $0.words.append("writable") }
        told?(self, call, "writable")
    }

    func end(_ call: UInt64, _ end: OutboundEnd) {
        state.withLock {
            $0.words.append("end")
            $0.end = end
        }
        told?(self, call, "end")
        ended.open()
    }

    /// Waits for the end.
    func wait(sourceLocation: SourceLocation = #_sourceLocation) throws -> OutboundEnd {
        #expect(ended.wait(30 * Clock.nanosecondsPerSecond), sourceLocation: sourceLocation)
        return try #require(record.end, "no end", sourceLocation: sourceLocation)
    }

    /// Waits until `isEnough` holds for what was told.
    func wait(for isEnough: (Record) -> Bool) -> Bool {
        let deadline = Clock.now() + 30 * Clock.nanosecondsPerSecond
        while !isEnough(record) {
            guard Clock.now() < deadline else { return false }
            poll(nil, 0, 1)
        }
        return true
    }
}

/// One client on the thread that all tests share; closed at the end of the test.
final class World: Sendable {
    private static let outbound: Outbound? = try? Outbound()

    let client: OutboundClient

    init(
        limits: OutboundLimits = OutboundLimits(),
        policy: AddressPolicy = AddressPolicy()
    ) throws {
        let outbound = try #require(Self.outbound)
        client = try outbound.client("test", limits: limits, policy: policy)
    }

    deinit { client.close() }

    /// Sends a request and waits for its end.
    func run(_ request: OutboundRequest) throws -> Recorder.Record {
        let recorder = try Recorder()
        _ = try client.send(request, to: recorder)
        _ = try recorder.wait()
        return recorder.record
    }

    func run(_ url: String) throws -> Recorder.Record { try run(OutboundRequest(url)) }
}

extension UInt64 {
    /// Nanoseconds.
    static func milliseconds(_ count: UInt64) -> UInt64 {
        count * Clock.nanosecondsPerMillisecond
    }
}

extension Recorder.Record {
    var text: String { String(decoding: body, as: UTF8.self) }
    var failed: OutboundFailure? { end?.failed }
    var detail: String { end?.detail ?? "" }
}
