internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP

// HTTP/1 framing in both directions, alike for servers and clients: channel bytes become content of
// the stream, and content becomes channel bytes (RFC 9112 sections 6 and 7).
extension Worker where P: ~Copyable {
    /// The input of a channel as one run of bytes, or as much of it as any head may have; nil when
    /// there is no memory to join it.
    mutating func contiguous(_ c: ChannelSlot) -> Bytes? {
        let queue = channels[c].input
        if queue.first == queue.last { return buffers.bytes(queue.first) }
        let buffer = buffers.take(for: Buffers.largeBytes)
        guard !buffer.isNone else { return nil }
        var writer = buffers.writer(buffer)
        while !channels[c].input.isEmpty, writer.remaining > 0 {
            let piece = buffers.bytes(channels[c].input.first)
            let part = piece.prefix(min(piece.count, writer.remaining))
            writer.append(part)
            buffers.drop(part.count, from: &channels[c].input)
        }
        var joined = Queue()
        guard buffers.append(buffer, offset: 0, length: writer.count, to: &joined) else {
            buffers.release(buffer)
            return nil
        }
        buffers.link(channels[c].input, behind: &joined)
        channels[c].input = joined
        return writer.bytes
    }

    /// Takes what has come of the message's body out of the channel and puts its content into the
    /// stream; the framing's end ends the message.
    mutating func readBody(_ c: ChannelSlot, _ s: StreamSlot) {
        while !channels[c].input.isEmpty, !sessions[c.index].incoming.isDone {
            let piece = buffers.bytes(channels[c].input.first)
            switch sessions[c.index].incoming {
            case .none, .broken, .noMemory:
                return
            case .length(let left):
                let count = Int(min(left, Int64(piece.count)))
                guard take(count, c, s) else { return }
                let rest = left &- Int64(count)
                sessions[c.index].incoming = rest == 0 ? .none : .length(rest)
            case .untilClose:
                guard take(piece.count, c, s) else { return }
            case .chunked(let decoder):
                guard readChunks(decoder, piece, c, s) else { return }
            case .trailers:
                guard readTrailers(c, s) else { return }
            }
        }
        streams[s].entering.isEnded = sessions[c.index].incoming.isDone
    }

    /// Moves content; false when there is no memory, which breaks the message.
    private mutating func take(_ count: Int, _ c: ChannelSlot, _ s: StreamSlot) -> Bool {
        streams[s].receiving.total &+= UInt64(count)
        let isMoved = buffers.move(
            count,
            from: &channels[c].input,
            to: &streams[s].entering.queue
        )
        if !isMoved { sessions[c.index].incoming = .noMemory }
        return isMoved
    }

    private mutating func readChunks(
        _ decoder: ChunkDecoder,
        _ piece: Bytes,
        _ c: ChannelSlot,
        _ s: StreamSlot
    ) -> Bool {
        var decoder = decoder
        let step = decoder.next(piece)
        if decoder.isBroken {
            sessions[c.index].incoming = .broken
            return false
        }
        sessions[c.index].incoming = decoder.isAtTrailers ? .trailers : .chunked(decoder)
        buffers.drop(step.offset, from: &channels[c].input)
        guard step.length == 0 || take(step.length, c, s) else { return false }
        buffers.drop(step.taken &- step.offset &- step.length, from: &channels[c].input)
        return true
    }

    /// Reads the trailer section behind the last chunk; false while part of it is missing.
    private mutating func readTrailers(_ c: ChannelSlot, _ s: StreamSlot) -> Bool {
        guard let bytes = contiguous(c) else {
            sessions[c.index].incoming = .noMemory
            return false
        }
        let section = bytes.prefix(min(bytes.count, limits.headerBytesMax))
        switch Trailers.parse(section, into: &trailerSection) {
        case .incomplete where bytes.count < limits.headerBytesMax:
            return false
        case .incomplete, .faulty:
            sessions[c.index].incoming = .broken
            return false
        case .complete(let length):
            var writer = scratch.writer()
            Trailers.write(trailerSection, section, to: &writer)
            let isKept =
                trailerSection.facts.count == 0
                || buffers.append(copy: writer.bytes, to: &streams[s].entering.trailers)
            buffers.drop(length, from: &channels[c].input)
            sessions[c.index].incoming = isKept ? .none : .noMemory
            return isKept
        }
    }

    /// Frames the content that waits in a stream and hands it to a channel; false when there is no
    /// memory.
    ///
    /// With `end` the message ends behind it.
    mutating func transmit(
        from s: StreamSlot,
        to c: ChannelSlot,
        end: Bool
    ) -> Bool {
        let count = streams[s].receiving.queue.bytes
        let isChunked = sessions[c.index].outgoing == .chunked
        if sessions[c.index].outgoing == .none {
            buffers.dropAll(&streams[s].receiving.queue)
        } else if count > 0 {
            if isChunked, !transmitChunkLine(count, c) { return false }
            let isMoved = buffers.move(
                count,
                from: &streams[s].receiving.queue,
                to: &channels[c].output
            )
            guard isMoved else { return false }
            if isChunked, !buffers.append(copy: "\r\n", to: &channels[c].output) { return false }
        }
        guard end, !sessions[c.index].outgoingEnded else { return true }
        sessions[c.index].outgoingEnded = true
        return !isChunked || transmitLastChunk(from: s, to: c)
    }

    private mutating func transmitChunkLine(_ count: Int, _ c: ChannelSlot) -> Bool {
        var writer = scratch.writer()
        writer.append(shortHex: count)
        writer.append("\r\n")
        return buffers.append(copy: writer.bytes, to: &channels[c].output)
    }

    private mutating func transmitLastChunk(from s: StreamSlot, to c: ChannelSlot) -> Bool {
        let count = streams[s].receiving.trailers.bytes
        guard count > 0 else {
            return buffers.append(copy: "0\r\n\r\n", to: &channels[c].output)
        }
        guard buffers.append(copy: "0\r\n", to: &channels[c].output) else { return false }
        return buffers.move(
            count,
            from: &streams[s].receiving.trailers,
            to: &channels[c].output
        )
    }

    /// Adds a head to the output of a channel; false when there is no memory for it.
    mutating func transmit(head writer: ByteWriter, to c: ChannelSlot) -> Bool {
        !writer.overflowed && buffers.append(copy: writer.bytes, to: &channels[c].output)
    }
}
