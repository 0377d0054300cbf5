internal import CLinux
internal import SluiceBase

// read: connections, bytes and wake-ups, as long as there are any and others need not wait.
extension Epoll {
    mutating func read(_ descriptor: Int32) {
        let state = descriptors[descriptor].state
        if state.contains(.receives) {
            receive(descriptor)
        } else if state.contains(.accepts) {
            accept(descriptor)
        } else if state.contains(.watches) {
            descriptors[descriptor].state.remove(.readable)
            report(descriptor, 1)
        }
    }

    private mutating func receive(_ descriptor: Int32) {
        let size = buffers.arena.size
        for _ in 0..<Self.receivesPerStep {
            let buffer = buffers.take(from: descriptors[descriptor].group)
            guard buffer >= 0 else { return endRead(descriptor, -ENOBUFS) }
            let place = unsafe buffers.arena.start + Int(buffer) &* size
            let result = unsafe clinux_socket_receive(descriptor, place, size)
            guard result > 0 else {
                buffers.give(buffer)
                return readNothing(descriptor, result)
            }
            report(descriptor, result, buffer: buffer)
            // Less than asked for is all there was: what comes later is news again (epoll(7)).
            // An end that has already been reported is not.
            if result < size, !descriptors[descriptor].state.contains(.ended) {
                descriptors[descriptor].state.remove(.readable)
                return
            }
        }
    }

    private mutating func accept(_ descriptor: Int32) {
        for _ in 0..<Self.acceptsPerStep {
            let result = clinux_socket_accept(descriptor)
            guard result >= 0 else { return readNothing(descriptor, result) }
            guard descriptors.holds(result) else {
                SocketControl.close(result, resets: true)
                return endRead(descriptor, -EMFILE)
            }
            descriptors.forget(result)
            report(descriptor, result)
        }
    }

    private mutating func readNothing(_ descriptor: Int32, _ result: Int32) {
        if result == -EAGAIN {
            descriptors[descriptor].state.remove(.readable)
        } else {
            endRead(descriptor, result)
        }
    }

    private mutating func report(_ descriptor: Int32, _ result: Int32, buffer: Int32 = -1) {
        completions.append(
            Completion(
                token: descriptors[descriptor].readToken,
                result: result,
                buffer: buffer,
                more: true
            )
        )
    }

    /// The last completion of what is under way on the reading side.
    mutating func endRead(_ descriptor: Int32, _ result: Int32) {
        descriptors[descriptor].state.subtract([.accepts, .receives, .watches, .cancelsRead])
        completions.append(Completion(token: end(Side(readingOf: descriptor)), result: result))
    }
}

// write: handshakes, and bytes to the last one.
extension Epoll {
    /// Begins a handshake, or learns how it ended.
    mutating func connect(_ descriptor: Int32) {
        let entry = descriptors[descriptor]
        if entry.state.contains(.connecting) {
            guard !entry.state.contains(.blocked) else { return }
            return endWrite(descriptor, clinux_socket_connected(descriptor))
        }
        guard let address = entry.outgoing else { preconditionFailure("an address to connect to") }
        let status = unsafe clinux_socket_connect(
            descriptor,
            address.start,
            UInt32(address.count)
        )
        guard status == -EINPROGRESS else { return endWrite(descriptor, status) }
        descriptors[descriptor].state.formUnion([.connecting, .blocked])
    }

    /// Sends what fits until all is sent.
    ///
    /// What an error has cut short counts as sent so far; the next send meets the error.
    mutating func send(_ descriptor: Int32) {
        while !descriptors[descriptor].state.contains(.blocked) {
            let sent = descriptors[descriptor].sent
            let result = sendRest(descriptor)
            if result == -EAGAIN {
                descriptors[descriptor].state.insert(.blocked)
            } else if result < 0 {
                return endWrite(descriptor, sent > 0 ? sent : result)
            } else {
                descriptors[descriptor].sent = sent &+ result
                if isWhole(descriptor, result) { return endWrite(descriptor, sent &+ result) }
            }
        }
    }

    private func sendRest(_ descriptor: Int32) -> Int32 {
        let entry = descriptors[descriptor]
        let more = entry.state.contains(.sendsLast) ? Int32(MSG_MORE) : 0
        guard entry.pieces == 0 else {
            let gather = descriptors.gather(entry.pieces)
            return unsafe withUnsafeTemporaryAllocation(
                of: clinux_piece.self,
                capacity: Gather.piecesMax
            ) { pieces in
                for place in 0..<gather.count {
                    let piece = gather[place]
                    unsafe pieces[place] = clinux_piece(start: piece.start, length: piece.count)
                }
                return unsafe clinux_socket_send_pieces(
                    descriptor,
                    pieces.baseAddress,
                    Int32(gather.count),
                    more
                )
            }
        }
        guard let bytes = entry.outgoing else { preconditionFailure("bytes to send") }
        return unsafe clinux_socket_send(descriptor, bytes.start, bytes.count, more)
    }

    /// Drops the bytes that have just been sent; whether none is left.
    private mutating func isWhole(_ descriptor: Int32, _ number: Int32) -> Bool {
        let pieces = descriptors[descriptor].pieces
        guard pieces == 0 else {
            descriptors.removeFirst(Int(number), pieces)
            return descriptors.gather(pieces).bytes == 0
        }
        let rest = descriptors[descriptor].outgoing?.from(Int(number))
        descriptors[descriptor].outgoing = rest
        return rest?.isEmpty ?? true
    }

    /// Ends what is under way on the writing side: a send that has begun reports how far it came.
    mutating func cancelWrite(_ descriptor: Int32) {
        let sent = descriptors[descriptor].sent
        endWrite(descriptor, sent > 0 ? sent : -ECANCELED)
    }

    /// The completion of what is under way on the writing side.
    mutating func endWrite(_ descriptor: Int32, _ result: Int32) {
        // What has failed is news.
        if result > 0, descriptors[descriptor].state.contains(.sendsPatiently) { patient &+= 1 }
        descriptors[descriptor].state.subtract([
            .sends, .sendsLast, .sendsPatiently, .connects, .connecting, .cancelsWrite,
        ])
        descriptors[descriptor].outgoing = nil
        let pieces = descriptors[descriptor].pieces
        if pieces > 0 { descriptors.forgetPieces(pieces) }
        descriptors[descriptor].pieces = 0
        completions.append(Completion(token: end(Side(writingOf: descriptor)), result: result))
    }
}
