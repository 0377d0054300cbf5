internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceHTTP

/// The members of `sluice.http` that filters use.
///
/// Inside a callback they work on the frame of the worker. Elsewhere they are queued as messages to
/// the worker, while the filter is inside a callback or holds the side.
enum FilterTable {
    /// How a change reaches its exchange.
    private enum Way {
        case frame(FilterFrame)
        case inbox
    }

    static let header: @convention(c) (sluice_rid, UInt32, sluice_span, UInt32) -> sluice_span = {
        id,
        side,
        name,
        nth in
        guard let frame = frame(id), unsafe name.isWhole, let nth = Int(exactly: nth) else {
            return unsafe sluice_span()
        }
        let isTrailer = side & UInt32(SLUICE_TRAILERS) != 0
        guard let of = FilterTable.side(side & ~UInt32(SLUICE_TRAILERS)) else {
            return unsafe sluice_span()
        }
        let value =
            isTrailer
            ? unsafe frame.trailer(name.bytes, nth, of)
            : unsafe frame.value(name.bytes, nth, of: of, frame.head(of))
        return unsafe value.map { unsafe sluice_span(data: $0.start, len: $0.count) }
            ?? sluice_span()
    }

    static let headerSet:
        @convention(c) (sluice_rid, UInt32, sluice_span, sluice_span) -> sluice_status = {
            unsafe field(.set, $0, $1, $2, $3)
        }

    static let headerAdd:
        @convention(c) (sluice_rid, UInt32, sluice_span, sluice_span) -> sluice_status = {
            unsafe field(.add, $0, $1, $2, $3)
        }

    static let headerRemove: @convention(c) (sluice_rid, UInt32, sluice_span) -> sluice_status = {
        unsafe field(.remove, $0, $1, $2, sluice_span())
    }

    static let pathSet: @convention(c) (sluice_rid, sluice_span, sluice_span) -> sluice_status = {
        id,
        path,
        query in
        guard unsafe path.isWhole, unsafe query.isWhole else { return SLUICE_E_INVALID }
        let options = PathForm.Options(mergesSlashes: false, rejectsEscapedSlashes: false)
        guard unsafe path.bytes.isTarget, unsafe query.bytes.isTarget,
            unsafe path.bytes.hasPrefix("/"), unsafe path.bytes.index(of: 0x3f) < 0,
            unsafe PathForm.isNormal(path.bytes, options)
        else { return SLUICE_E_INVALID }
        let hasQuery = unsafe query.data != nil
        return unsafe head(id, .request, path.len + query.len) { log in
            log.add(
                .path,
                .request,
                name: unsafe path.bytes,
                value: unsafe query.bytes,
                hasValue: hasQuery
            )
        }
    }

    static let statusSet: @convention(c) (sluice_rid, Int32) -> sluice_status = { id, status in
        guard (200...599).contains(status) else { return SLUICE_E_INVALID }
        return head(id, .response, 0) { log in
            log.add(.status, .response, number: UInt64(status))
        }
    }

    static let bodySet:
        @convention(c) (sluice_rid, UInt32, UnsafePointer<sluice_chunk>?, Int) -> sluice_status = {
            id,
            side,
            chunks,
            count in
            guard let side = FilterTable.side(side), count >= 0,
                unsafe count == 0 || chunks != nil
            else { return SLUICE_E_INVALID }
            let most = Filters.process.frame(worker: RequestID.worker(id))?.terms.bodyBytesMax ?? 0
            var total = 0
            for index in 0..<count {
                guard let span = unsafe chunks?[index].bytes, unsafe span.isWhole else {
                    return SLUICE_E_INVALID
                }
                guard unsafe span.len <= most - total else { return SLUICE_E_LIMIT }
                unsafe total += span.len
            }
            switch way(id) {
            case .frame(let frame):
                guard frame.mayReplace(side), !frame.hasReplaced(side) else {
                    return SLUICE_E_STATE
                }
                unsafe frame.log.add(side, body: chunks, count, total: total)
                return SLUICE_OK
            case .inbox:
                return post(id, needs: .hold(side), bytes: total) { log in
                    unsafe log.add(side, body: chunks, count, total: total)
                }
            }
        }

    static let held:
        @convention(c) (
            sluice_rid, UInt32, UnsafeMutablePointer<sluice_chunk>?, UnsafeMutablePointer<Int>?
        ) -> sluice_status = { id, side, out, count in
            guard let frame = frame(id) else {
                return RequestID.isFilter(id) ? SLUICE_E_THREAD : SLUICE_E_STATE
            }
            guard let side = FilterTable.side(side), let count = unsafe count else {
                return SLUICE_E_INVALID
            }
            let held = frame.held(side)
            let room = unsafe out == nil ? 0 : max(0, count.pointee)
            for index in 0..<min(room, held.count) {
                unsafe out?[index] = frame.block.pointee.held[held.start + index]
            }
            unsafe count.pointee = held.count
            return SLUICE_OK
        }

    /// Of a filter: ends a hold of its own.
    static func resume(_ id: sluice_rid, _ side: UInt32) -> sluice_status {
        guard let side = FilterTable.side(side) else { return SLUICE_E_INVALID }
        guard case .frame(let frame) = way(id) else {
            return post(id, needs: .hold(side), bytes: 0) { $0.add(.resume, side) }
        }
        frame.log.add(.resume, side)
        return SLUICE_OK
    }
}

extension FilterTable {
    private static func side(_ side: UInt32) -> FilterSide? {
        UInt8(exactly: side).flatMap(FilterSide.init(rawValue:))
    }

    /// The frame of the worker that this thread is, while a callback of this filter runs there.
    private static func frame(_ id: sluice_rid) -> FilterFrame? {
        let worker = Thread.worker
        guard worker >= 0, RequestID.isFilter(id), RequestID.worker(id) == worker,
            let frame = Filters.process.frame(worker: worker),
            unsafe frame.block.pointee.id == id
        else { return nil }
        return frame
    }

    private static func way(_ id: sluice_rid) -> Way {
        frame(id).map { .frame($0) } ?? .inbox
    }

    /// Changes a field of a head.
    ///
    /// The host frames messages itself; that their length is open is said by removing
    /// Content-Length.
    private static func field(
        _ verb: FilterEdit.Verb,
        _ id: sluice_rid,
        _ side: UInt32,
        _ name: sluice_span,
        _ value: sluice_span
    ) -> sluice_status {
        guard let side = FilterTable.side(side), unsafe name.isWhole, unsafe value.isWhole,
            unsafe HeaderRule.isName(name.bytes), unsafe HeaderRule.isValue(value.bytes)
        else { return SLUICE_E_INVALID }
        let opensLength = unsafe verb == .remove && name.bytes.equalsIgnoringCase("content-length")
        guard unsafe opensLength || !HeaderRule.isFraming(name.bytes) else {
            return SLUICE_E_INVALID
        }
        return unsafe head(id, side, name.len + value.len) { log in
            log.add(verb, side, name: unsafe name.bytes, value: unsafe value.bytes)
        }
    }

    /// Makes or queues a change of a head with so many bytes.
    private static func head(
        _ id: sluice_rid,
        _ side: FilterSide,
        _ bytes: Int,
        _ write: (FilterLog) -> Void
    ) -> sluice_status {
        let most = Filters.process.frame(worker: RequestID.worker(id))?.terms.headBytesMax ?? 0
        guard case .frame(let frame) = way(id) else {
            guard bytes <= most else { return SLUICE_E_LIMIT }
            return post(id, needs: .head(side), bytes: bytes, write)
        }
        guard frame.mayChange(side) else { return SLUICE_E_STATE }
        guard bytes <= most - frame.log.headBytes else { return SLUICE_E_LIMIT }
        write(frame.log)
        return SLUICE_OK
    }

    /// Queues a change for the worker.
    private static func post(
        _ id: sluice_rid,
        needs need: FilterNeed,
        bytes: Int,
        _ write: (FilterLog) -> Void
    ) -> sluice_status {
        guard RequestID.isFilter(id) else { return SLUICE_E_STATE }
        switch Services.process.exchanges.queue(id, need) {
        case .gone: return SLUICE_E_GONE
        case .wrong: return SLUICE_E_STATE
        case .full: return SLUICE_E_LIMIT
        case .queued: break
        }
        let message = FilterMessage.make(id, bytes: FilterLog.size(0, bytes))
        write(message.log)
        let store = Services.process.store(worker: RequestID.worker(id))
        guard let inbox = unsafe store.block.pointee.inbox else {
            message.free()
            return SLUICE_E_GONE
        }
        inbox.post(message.message)
        return SLUICE_OK
    }
}

extension FilterFrame {
    fileprivate func head(_ side: FilterSide) -> FilterHead? {
        unsafe side == .request ? block.pointee.request : block.pointee.response
    }

    /// Whether the head of a side is in the filter's hands.
    fileprivate func mayChange(_ side: FilterSide) -> Bool {
        unsafe block.pointee.heads & 1 << side.rawValue != 0
    }

    /// Whether content of a side is.
    fileprivate func mayReplace(_ side: FilterSide) -> Bool {
        unsafe block.pointee.bodies & 1 << side.rawValue != 0
    }

    fileprivate func hasReplaced(_ side: FilterSide) -> Bool {
        var place = 0
        while let edit = log.next(&place) {
            if edit.verb == .body, edit.side == side { return true }
        }
        return false
    }

    /// The n-th value of a field of the trailer section in hand.
    fileprivate func trailer(_ name: Bytes, _ nth: Int, _ side: FilterSide) -> Bytes? {
        guard let trailers = unsafe block.pointee.trailers,
            unsafe block.pointee.trailersSide == side.rawValue
        else { return nil }
        var left = nth
        for place in 0..<trailers.fields.count {
            let field = trailers.fields[place]
            guard field.nameBytes(in: trailers.text).equalsIgnoringCase(name) else { continue }
            if left == 0 { return field.value(in: trailers.text) }
            left -= 1
        }
        return nil
    }
}

extension FilterLog {
    /// Bytes of the records about heads.
    fileprivate var headBytes: Int {
        var total = 0
        var place = 0
        while let edit = next(&place) {
            if edit.verb != .body { total += edit.name.count + edit.value.count }
        }
        return total
    }
}

extension Bytes {
    /// Whether the bytes may stand in a request's target: visible ASCII without `#`.
    fileprivate var isTarget: Bool {
        for index in 0..<count where self[index] <= 0x20 || self[index] >= 0x7f { return false }
        return self.index(of: 0x23) < 0
    }
}
