internal import SluiceBase
internal import SluiceConfig
internal import SluiceTLS
internal import SluiceTelemetry

// TLS between a channel's wire bytes and its plain bytes. What comes is decrypted where it lies;
// what leaves is encrypted when the kernel is to be given it, so that one record covers what has
// gathered until then.
//
// The output begins with `sealed` bytes that are encrypted; the rest is plain still.
extension Worker where P: ~Copyable {
    /// What became of bytes that came.
    enum Opened {
        case goesOn
        /// The peer has ended its stream.
        case ended
        case failed
        case noMemory
    }

    func isSecured(_ c: ChannelSlot) -> Bool { security[c.index].connection != nil }

    /// Decrypts what lies in a receive buffer into the input of a channel, which takes the buffer
    /// over; takes the handshake further where it is not complete.
    mutating func open(_ buffer: BufferNumber, _ count: Int, _ c: ChannelSlot) -> Opened {
        var place = Opening(buffer: buffer)
        // The bytes stay where they are until all of them are read.
        buffers.retain(buffer)
        defer { buffers.release(buffer) }
        let opened = open(buffers.memory(buffer, 0, count), &place, c)
        if place.isWhole, place.count > 0 {
            guard keep(buffer, place.count, c) else {
                buffers.release(buffer)
                return .noMemory
            }
        } else if place.isWhole {
            buffers.release(buffer)
        }
        return opened
    }

    /// The same for bytes that lie in the input already, those of a ClientHello; without any, a
    /// client's handshake begins.
    mutating func openInput(_ c: ChannelSlot) -> Opened {
        var hello = channels[c].input
        channels[c].input = Queue()
        defer { buffers.dropAll(&hello) }
        var piece = hello.first
        if piece.isNone {
            var place = Opening(buffer: .none)
            return open(.empty, &place, c)
        }
        while !piece.isNone {
            var place = Opening(buffer: .none)
            let opened = open(buffers.bytes(piece), &place, c)
            guard opened == .goesOn else { return opened }
            piece = buffers.pieces[piece].next
        }
        return .goesOn
    }

    /// Where plain bytes go: to the front of the receive buffer that they came in, as long as they
    /// fit in front of what has not been read.
    private struct Opening {
        /// `.none`: to memory of their own.
        let buffer: BufferNumber
        /// Bytes in front of the present offer.
        var base = 0
        var count = 0
        /// All of them went to the buffer so far.
        var isWhole = true
    }

    private mutating func open(
        _ bytes: Bytes,
        _ place: inout Opening,
        _ c: ChannelSlot
    ) -> Opened {
        guard let connection = security[c.index].connection, !security[c.index].isFailed else {
            return .goesOn
        }
        var rest = bytes
        while true {
            let part = rest.prefix(min(rest.count, Worker.offerBytesMax))
            let opened = open(part, connection, &place, c)
            rest = rest.from(part.count)
            place.base &+= part.count
            if opened != .goesOn || rest.isEmpty { return opened }
        }
    }

    /// Bytes of one offer: what a peer may have OpenSSL do before the host looks at it.
    private static var offerBytesMax: Int { 1 << 14 }
    /// Messages of the protocol that may follow each other without data: new keys, and attempts at
    /// a new handshake, cost the host more than the peer.
    private static var messagesMax: Int32 { 32 }

    private mutating func open(
        _ bytes: Bytes,
        _ connection: Secured,
        _ place: inout Opening,
        _ c: ChannelSlot
    ) -> Opened {
        let wire = contexts.wire
        wire.offer(bytes)
        wire.lend(scratch.writer(from: Buffers.largeBytes))
        while true {
            let isReading = security[c.index].isComplete
            let step = isReading ? connection.read(into: scratch.writer()) : connection.shake()
            switch step {
            case .done(let count):
                if isReading {
                    guard put(count, &place, c) else { return .noMemory }
                    security[c.index].messages = 0
                    wire.forgetMessages()
                } else {
                    security[c.index].isComplete = true
                    connection.countMessages(wire)
                }
                guard wire.isDrained, !connection.hasPending else { continue }
                return takeWritten(c) ? .goesOn : .noMemory
            case .wantsInput:
                guard takeWritten(c) else { return .noMemory }
                return floods(c) ? .failed : .goesOn
            case .wantsOutput:
                guard takeWritten(c) else { return .noMemory }
                wire.lend(scratch.writer(from: Buffers.largeBytes))
            case .ended:
                security[c.index].hasEnded = true
                return takeWritten(c) ? .ended : .noMemory
            case .failed:
                security[c.index].isFailed = true
                security[c.index].hasSentEnd = true
                return takeWritten(c) ? .failed : .noMemory
            }
        }
    }

    /// Whether a peer has sent too many messages of the protocol since its last data; then it
    /// cannot go on.
    private mutating func floods(_ c: ChannelSlot) -> Bool {
        security[c.index].messages &+= contexts.wire.messages
        guard security[c.index].messages > Worker.messagesMax else { return false }
        security[c.index].isFailed = true
        security[c.index].hasSentEnd = true
        return true
    }

    /// Takes plain bytes out of the scratch memory; false when there is no memory.
    private mutating func put(_ count: Int, _ place: inout Opening, _ c: ChannelSlot) -> Bool {
        let plain = scratch.bytes(0, count)
        if place.isWhole, !place.buffer.isNone,
            place.count &+ count <= place.base &+ contexts.wire.taken
        {
            var writer = buffers.writer(place.buffer, from: place.count)
            writer.append(plain)
            place.count &+= count
            return true
        }
        if place.isWhole, !place.buffer.isNone {
            place.isWhole = false
            if place.count == 0 {
                buffers.release(place.buffer)
            } else if !keep(place.buffer, place.count, c) {
                buffers.release(place.buffer)
                return false
            }
        }
        return buffers.append(copy: plain, to: &channels[c].input)
    }

    /// Puts what OpenSSL has written behind the encrypted part of the output; false when there is
    /// no memory.
    ///
    /// An answer to new keys may come when the stream has ended already: it is dropped.
    mutating func takeWritten(_ c: ChannelSlot) -> Bool {
        let count = contexts.wire.written
        guard count > 0, !channels[c].isFinished, !channels[c].isBroken else { return true }
        let isTaken = buffers.insert(
            copy: scratch.bytes(Buffers.largeBytes, count),
            at: Int(security[c.index].sealed),
            in: &channels[c].output
        )
        if isTaken { security[c.index].sealed &+= Int32(truncatingIfNeeded: count) }
        return isTaken
    }

    // MARK: to the wire

    /// Plain bytes of one step: three whole records (RFC 8446 5.1).
    private static var runBytesMax: Int { 3 << 14 }
    /// Shorter pieces are joined, up to one record.
    private static var joinedBytesMax: Int { 1 << 14 }
    /// What records, and messages of the protocol before them, may add to a run.
    private static var overheadMax: Int { kibibyte }

    /// Encrypts the output as far as one send takes it; no byte of it is encrypted yet.
    ///
    /// False when nothing could be: there is no memory, or the connection cannot go on.
    mutating func seal(_ c: ChannelSlot) -> Bool {
        guard let connection = security[c.index].connection, security[c.index].isComplete,
            !security[c.index].hasSentEnd, !security[c.index].isFailed
        else { return false }
        var plain = channels[c].output
        channels[c].output = Queue()
        var sealed = Queue()
        while !plain.isEmpty, sealed.bytes < Worker.sendBytesMax {
            var run = nextRun(plain)
            var buffer = buffers.take(
                for: min(run.count &+ Worker.overheadMax, Buffers.largeBytes)
            )
            let isScarce = buffer.isNone
            if isScarce {
                // As much as a small buffer takes: who waits for a large one may wait for itself.
                run = run.prefix(min(run.count, Buffers.smallBytes &- Worker.overheadMax))
                buffer = buffers.take(for: Buffers.smallBytes)
            }
            let isLast = run.count == plain.bytes && endsWithOutput(c)
            guard !buffer.isNone, seal(run, connection, isLast: isLast, c, buffer, &sealed)
            else { break }
            buffers.drop(run.count, from: &plain)
            if isScarce { break }
        }
        let count = sealed.bytes
        buffers.link(plain, behind: &sealed)
        channels[c].output = sealed
        security[c.index].sealed = Int32(truncatingIfNeeded: count)
        return count > 0
    }

    /// The next plain bytes as one run: a long piece as it lies, short ones joined in the scratch
    /// memory.
    private func nextRun(_ plain: Queue) -> Bytes {
        let first = buffers.bytes(plain.first)
        guard first.count < Worker.joinedBytesMax, first.count < plain.bytes else {
            return first.prefix(min(first.count, Worker.runBytesMax))
        }
        var writer = scratch.writer()
        var piece = plain.first
        while !piece.isNone, writer.count < Worker.joinedBytesMax {
            let bytes = buffers.bytes(piece)
            writer.append(bytes.prefix(min(bytes.count, Worker.joinedBytesMax &- writer.count)))
            piece = buffers.pieces[piece].next
        }
        return writer.bytes
    }

    /// Encrypts one run into a buffer, which the queue takes over; with `isLast` a close_notify
    /// follows.
    private mutating func seal(
        _ run: Bytes,
        _ connection: Secured,
        isLast: Bool,
        _ c: ChannelSlot,
        _ buffer: BufferNumber,
        _ sealed: inout Queue
    ) -> Bool {
        let wire = contexts.wire
        wire.lend(buffers.writer(buffer))
        let isWritten = connection.write(run) == .done(run.count)
        if isWritten, isLast {
            connection.end()
            security[c.index].hasSentEnd = true
        }
        guard isWritten,
            buffers.append(buffer, offset: 0, length: wire.written, to: &sealed)
        else {
            // A record that is not sent is missed: the next one has the number behind it.
            security[c.index].isFailed = true
            buffers.release(buffer)
            return false
        }
        return true
    }

    /// Whether the stream ends behind the plain bytes that are left.
    private func endsWithOutput(_ c: ChannelSlot) -> Bool {
        channels[c].finishesAfterOutput || endsBehindOutput(c)
    }

    /// Puts a close_notify behind the output, all of which is encrypted (RFC 8446 6.1).
    mutating func sealEnd(_ c: ChannelSlot) {
        guard let connection = security[c.index].connection, security[c.index].isComplete,
            !security[c.index].hasSentEnd
        else { return }
        security[c.index].hasSentEnd = true
        contexts.wire.lend(scratch.writer(from: Buffers.largeBytes))
        connection.end()
        // Without it the end would pass for a cut, or a cut for the end: the peer gets a reset.
        if !takeWritten(c) { channels[c].resets = true }
    }

    /// Puts the output of a channel off: it could not be encrypted.
    mutating func sealLater(_ c: ChannelSlot) {
        guard !security[c.index].isWaiting else { return }
        security[c.index].isWaiting = true
        unsealedCount += 1
    }

    /// Tries once a turn what was put off; a connection that cannot go on sends nothing more.
    mutating func sealAgain() {
        for number in 0..<Int32(channels.capacity) where unsealedCount > 0 {
            let c = ChannelSlot(number: number)
            guard channels.isTaken(c), security[c.index].isWaiting else { continue }
            endWaiting(c)
            guard !channels[c].isClosing else { continue }
            if security[c.index].isFailed || security[c.index].hasSentEnd {
                channels[c].isBroken = true
                buffers.dropAll(&channels[c].output)
                security[c.index].sealed = 0
                onSendFailed(c)
            } else {
                flush(c)
            }
        }
    }

    private mutating func endWaiting(_ c: ChannelSlot) {
        guard security[c.index].isWaiting else { return }
        security[c.index].isWaiting = false
        unsealedCount -= 1
    }

    /// Forgets the TLS state of a channel.
    mutating func dropSecurity(_ c: ChannelSlot) {
        endWaiting(c)
        if security[c.index].isOversized { oversizedCount -= 1 }
        security[c.index].connection?.free()
        security[c.index].identity?.free()
        security[c.index] = Security()
    }
}
