internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP

/// The head of a response in memory that its exchange owns: field records, then the bytes.
struct ReplyHead: BitwiseCopyable {
    var buffer: BufferNumber
    var facts: ResponseFacts
    /// Where the bytes begin in the buffer.
    var textStart: Int
    var textLength: Int

    static var none: ReplyHead {
        ReplyHead(buffer: .none, facts: ResponseFacts(), textStart: 0, textLength: 0)
    }
}

extension Buffers {
    /// Copies a head; nil when there is no memory for it.
    func keep(_ head: ResponseView) -> ReplyHead? {
        let count = head.facts.fields.count
        let start = count &* MemoryLayout<Field>.stride
        let buffer = take(for: start &+ head.text.count)
        guard !buffer.isNone else { return nil }
        let place = place(buffer)
        place.arena.store(head.fields, count, in: place.number)
        var writer = writer(buffer, from: start)
        writer.append(head.text)
        guard !writer.overflowed else {
            release(buffer)
            return nil
        }
        return ReplyHead(
            buffer: buffer,
            facts: head.facts,
            textStart: start,
            textLength: head.text.count
        )
    }

    /// The head as it was kept.
    func view(_ head: ReplyHead) -> ResponseView {
        let place = place(head.buffer)
        return ResponseView(
            facts: head.facts,
            text: memory(head.buffer, head.textStart, head.textLength),
            fields: place.arena.records(place.number, head.facts.fields.count, of: Field.self)
        )
    }
}

/// How the content behind a head is framed from now on.
enum NewFraming: Equatable {
    /// As it was.
    case same
    case length(Int)
    case chunked
    /// A response whose end the host shows as the client's version allows.
    case open
}

// Edits: what filters change of a head is written in one pass over the old one, and parsed again,
// so that no head is sent that would not have been taken.
extension Worker where P: ~Copyable {
    /// Makes the changes of a log; false when a head would be one that must not be sent, or there
    /// is no memory.
    mutating func apply(
        _ log: FilterLog,
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot,
        replaced: FilterSide?
    ) -> Bool {
        guard !log.isEmpty else { return true }
        var changesRequest = false
        var changesResponse = false
        var place = 0
        while let edit = log.next(&place) {
            switch edit.verb {
            case .set, .add, .remove, .path, .status:
                if edit.side == .request { changesRequest = true } else { changesResponse = true }
                if edit.verb == .remove, edit.name.equalsIgnoringCase("content-length") {
                    filterings[f][edit.side].isLengthOpen = true
                }
            case .body:
                guard edit.side != replaced, filterStreams[t][edit.side].hold != .none else {
                    continue
                }
                guard replaceHeld(edit.value, f, t, edit.side) else { return false }
            case .resume: break
            }
        }
        if changesRequest, !rewriteRequest(e, log, .same) { return false }
        return !changesResponse || rewriteReply(e, f, log, .same)
    }

    /// The length of a request whose content filters may change: known when all of it is there.
    mutating func settleRequestLength(_ e: ExchangeSlot, _ f: FilteringSlot) -> Bool {
        let s = exchanges[e].downstream
        if filterings[f].request.isLengthOpen, filterings[f].request.hasContent {
            let isWhole =
                streams[s].receiving.isEnded && streams[s].receiving.trailers.isEmpty
            let framing: NewFraming =
                isWhole ? .length(streams[s].receiving.queue.bytes) : .chunked
            guard rewriteRequest(e, nil, framing) else { return false }
        }
        if case .length = exchanges[e].head.facts.bodyFraming {
            filterings[f].request.isLengthFixed = true
        }
        return true
    }

    /// The same of a response.
    mutating func settleReplyLength(_ e: ExchangeSlot, _ f: FilteringSlot) -> Bool {
        let s = contentStream(e, .response)
        if filterings[f].response.isLengthOpen, filterings[f].response.hasContent {
            let isWhole =
                streams[s].receiving.isEnded && streams[s].receiving.trailers.isEmpty
            let framing: NewFraming = isWhole ? .length(streams[s].receiving.queue.bytes) : .open
            guard rewriteReply(e, f, nil, framing) else { return false }
        }
        let facts = filterings[f].reply.facts
        if case .length = facts.framing(answering: exchanges[e].head.facts.method) {
            filterings[f].response.isLengthFixed = true
        }
        return true
    }

    /// Makes the changes of a log to the head of a request; false when it would be one that must
    /// not be sent, or there is no memory.
    mutating func rewriteRequest(_ e: ExchangeSlot, _ log: FilterLog) -> Bool {
        rewriteRequest(e, log, .same)
    }

    /// Writes the head of a request with the changes of a log.
    private mutating func rewriteRequest(
        _ e: ExchangeSlot,
        _ log: FilterLog?,
        _ framing: NewFraming
    ) -> Bool {
        let view = buffers.view(exchanges[e].head)
        var writer = scratch.writer()
        // HTTP/1.0 has no chunks (RFC 9112 6.1); the origin is sent HTTP/1.1 anyway.
        let version = framing == .chunked ? 11 : view.facts.version
        writeRequestLine(view, log, version: version, &writer)
        let replacesHost = view.facts.isAbsolute && log?.settles("host", .request) != true
        writeFields(
            view.fields,
            view.facts.fields.count,
            view.text,
            log,
            .request,
            framing,
            dropsHost: view.facts.isAbsolute,
            &writer
        )
        if replacesHost {
            writer.append("Host: ")
            writer.append(view.host)
            writer.append("\r\n")
        }
        writer.append("\r\n")
        guard !writer.overflowed, writer.count <= limits.headerBytesMax,
            case .complete = requestHead.parse(writer.bytes),
            var head = buffers.keep(requestHead.view(of: writer.bytes))
        else { return false }
        buffers.keep(route: buffers.routeName(exchanges[e].head), in: &head)
        buffers.release(exchanges[e].head.buffer)
        head.facts.version = exchanges[e].head.facts.version
        exchanges[e].head = head
        return true
    }

    private func writeRequestLine(
        _ view: RequestView,
        _ log: FilterLog?,
        version: UInt8,
        _ writer: inout ByteWriter
    ) {
        var (path, query) = (view.facts.asksForServer ? Bytes("*") : view.path, view.query)
        var hasQuery = view.facts.queryStart >= 0
        var place = 0
        while let edit = log?.next(&place) {
            guard edit.verb == .path else { continue }
            (path, query, hasQuery) = (edit.name, edit.value, edit.hasValue)
        }
        writer.append(view.method)
        writer.append(0x20)
        writer.append(path)
        if hasQuery {
            writer.append(0x3f)
            writer.append(query)
        }
        writer.append(version == 11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n")
    }

    /// Writes the head of the response with the changes of a log.
    private mutating func rewriteReply(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ log: FilterLog?,
        _ framing: NewFraming
    ) -> Bool {
        guard !filterings[f].reply.buffer.isNone else { return false }
        let view = buffers.view(filterings[f].reply)
        var writer = scratch.writer()
        var status = view.facts.status
        var place = 0
        while let edit = log?.next(&place) {
            if edit.verb == .status { status = UInt16(truncatingIfNeeded: edit.number) }
        }
        // The protocol was switched by the origin; that cannot be said otherwise.
        guard status == view.facts.status || view.facts.status != 101 else { return false }
        writer.append(view.facts.version == 11 ? "HTTP/1.1" : "HTTP/1.0")
        if status == view.facts.status {
            writer.append(view.text.slice(view.facts.statusStart, view.facts.statusLength))
        } else {
            writer.append(0x20)
            writer.append(decimal: Int(status))
            writer.append(0x20)
            writer.append(Bytes(Status.reason(status)))
        }
        writer.append("\r\n")
        writeFields(
            view.fields,
            view.facts.fields.count,
            view.text,
            log,
            .response,
            framing,
            dropsHost: false,
            &writer
        )
        writer.append("\r\n")
        guard !writer.overflowed, writer.count <= limits.headerBytesMax,
            case .complete = responseHead.parse(writer.bytes),
            let head = buffers.keep(responseHead.view(of: writer.bytes))
        else { return false }
        buffers.release(filterings[f].reply.buffer)
        filterings[f].reply = head
        return true
    }

    /// Writes the lines that stay, then those that are new, then how the content is framed.
    private func writeFields(
        _ fields: TableView<Field>,
        _ count: Int,
        _ text: Bytes,
        _ log: FilterLog?,
        _ side: FilterSide,
        _ framing: NewFraming,
        dropsHost: Bool,
        _ writer: inout ByteWriter
    ) {
        for place in 0..<count {
            let field = fields[place]
            if framing != .same, field.name == .contentLength || field.name == .transferEncoding {
                continue
            }
            if dropsHost, field.name == .host { continue }
            if let log, log.settles(field.nameBytes(in: text), side) { continue }
            let start = Int(field.lineStart)
            writer.append(text.slice(start, Int(field.lineEnd) &- start))
        }
        var place = 0
        while let edit = log?.next(&place) {
            guard edit.side == side, edit.verb == .set || edit.verb == .add,
                log?.settles(edit.name, side, behind: place) == false
            else { continue }
            writer.append(edit.name)
            writer.append(": ")
            writer.append(edit.value)
            writer.append("\r\n")
        }
        switch framing {
        case .same, .open: break
        case .chunked: writer.append("Transfer-Encoding: chunked\r\n")
        case .length(let length):
            writer.append("Content-Length: ")
            writer.append(decimal: length)
            writer.append("\r\n")
        }
    }
}
