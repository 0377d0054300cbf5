internal import CFFI
internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared

/// One call of an operation: it waits for its thread, runs there once, and answers.
///
/// Whoever asked may have given up by then; the call keeps all that it needs until it has ended,
/// and its late answer is the caller's to drop.
struct OperationRun: Sendable {
    let instance: Instance
    let role: AdminRole
    let operation: Operation
    let arguments: [Argument]
    /// Monotonic; a call that has not begun by then does not begin.
    let deadline: UInt64
    let then: @Sendable (OperationOutcome) -> Void

    /// [any] Sends the call to its thread; it is refused when too many wait for the instance.
    func begin() {
        guard role.reserve(instance.environment.limits.operationsWaitingMax) else {
            return then(.failure(SLUICE_E_LIMIT, "\(subject): too many operations wait already"))
        }
        guard operation.isOnPool else { return instance.lane.run { run() } }
        let work = PoolJob { isBegun in isBegun ? run() : giveUp() }
        guard work.submit(to: instance.pool, for: instance) != SLUICE_OK else { return }
        role.release()
        then(.failure(SLUICE_E_LIMIT, "\(subject): the pool has too much of the plugin waiting"))
    }

    private var subject: String { "\(instance.name)/\(operation.name)" }

    private func giveUp() {
        role.release()
        then(.failure(SLUICE_E_GONE, "\(subject): the plugin has stopped"))
    }

    /// [lane] [pool] Calls the function, if there is still time for it.
    private func run() {
        guard !instance.isStopped else { return giveUp() }
        defer { role.release() }
        guard Clock.now() < deadline else {
            return then(.failure(SLUICE_E_TIMEOUT, "\(subject): its turn did not come in time"))
        }
        let reply = ReplyStock.take(
            bytesMax: instance.environment.limits.operationReplyBytesMax
        )
        // A thread of the pool is marked as inside the instance already.
        let status =
            operation.isOnPool ? call(reply) : instance.entering("operation") { call(reply) }
        then(OperationOutcome(status, ReplyStock.give(reply), of: subject))
    }

    private func call(_ reply: Reply) -> sluice_status {
        if operation.takesObject { return callWithObject(reply) }
        let textBytes = arguments.reduce(0) { $0 + $1.textBytes }
        // One byte more, so that also an empty text has an address.
        let texts = UnsafeMutablePointer<UInt8>.allocate(capacity: textBytes + 1)
        defer { unsafe texts.deallocate() }
        var used = 0
        var values: [operation_argument] = unsafe []
        for (parameter, argument) in zip(operation.parameters, arguments) {
            var value = unsafe operation_argument()
            unsafe value.letter = CChar(parameter.type.rawValue.asciiValue ?? 0)
            switch argument {
            case .bits(let bits): unsafe value.bits = bits
            case .real(let number): unsafe value.real = number
            case .text(let text):
                guard let text else { break }
                unsafe (texts + used).update(from: text, count: text.count)
                unsafe value.pointer = UnsafeRawPointer(texts + used)
                unsafe value.bits = UInt64(text.count)
                used += text.count
            }
            unsafe values.append(value)
        }
        if operation.replies {
            var value = unsafe operation_argument()
            unsafe value.letter = CChar(UInt8(ascii: "J"))
            unsafe value.pointer = UnsafeRawPointer(ReplyStock.handle(reply))
            unsafe values.append(value)
        }
        var status = SLUICE_E_INTERNAL
        let called = unsafe operation_call(
            operation.function,
            instance.plugin,
            values,
            values.count,
            &status
        )
        precondition(called == 0, "a signature that was checked can be called")
        return status
    }
}

extension Argument {
    fileprivate var textBytes: Int {
        guard case .text(let text?) = self else { return 0 }
        return text.count
    }
}

/// What an operation comes to, as an answer of the admin API.
package struct OperationOutcome: Sendable {
    /// The status of HTTP.
    package var status: UInt16
    /// JSON text.
    package var body: [UInt8]
    /// The methods that would do, for a 405.
    package var allow: [String] = []

    /// The outcome of a call that returned; `subject` names it.
    init(_ status: sluice_status, _ result: Reply.Result, of subject: String) {
        if let mistake = result.mistake {
            self = .failure(SLUICE_E_INTERNAL, "\(subject) has built a wrong reply: \(mistake)")
            Log.warn("operation \(subject) has built a wrong reply", "problem", mistake)
            return
        }
        guard status == SLUICE_OK || status == SLUICE_PENDING else {
            let name = StatusName.text(status)
            self = .failure(
                status,
                result.message ?? "\(subject) answered \(name) and gave no reason"
            )
            return
        }
        self.init(status: status == SLUICE_OK ? 200 : 202, body: result.text)
    }

    package init(status: UInt16, body: [UInt8], allow: [String] = []) {
        self.status = status
        self.body = body
        self.allow = allow
    }

    /// A refusal or a failure: `{"error":"...","status":"SLUICE_E_..."}`.
    static func failure(_ status: sluice_status, _ text: String) -> OperationOutcome {
        OperationOutcome(
            status: httpStatus(status),
            body: (["error": .string(text), "status": .string(StatusName.text(status))] as JSON)
                .canonical()
        )
    }

    /// As the header says beside `sluice_op`.
    static func httpStatus(_ status: sluice_status) -> UInt16 {
        switch status {
        case SLUICE_OK: 200
        case SLUICE_PENDING: 202
        case SLUICE_E_INVALID, SLUICE_E_TYPE: 400
        case SLUICE_E_DENIED: 403
        case SLUICE_E_NOTFOUND: 404
        case SLUICE_E_EXISTS, SLUICE_E_STATE: 409
        case SLUICE_E_LIMIT, SLUICE_E_BUSY: 429
        case SLUICE_E_TIMEOUT: 504
        case SLUICE_E_UNSUPPORTED: 501
        default: 500
        }
    }
}
