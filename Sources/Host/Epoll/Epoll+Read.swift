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
            tell(descriptor, 1)
        }
    }

    private mutating func receive(_ descriptor: Int32) {
        let size = buffers.arena.size
        for _ in 0..<Self.receivesPerStep {
            let buffer = buffers.take()
            guard buffer >= 0 else { return endRead(descriptor, -ENOBUFS) }
            let place = unsafe buffers.arena.start + Int(buffer) &* size
            let result = unsafe clinux_epoll_receive(descriptor, place, size)
            guard result > 0 else {
                buffers.give(buffer)
                return readNothing(descriptor, result)
            }
            tell(descriptor, result, buffer: buffer)
            // Less than asked for is all there was: what comes later is news again (epoll(7)).
            // An end that has already been told of is not.
            if result < size, !descriptors[descriptor].state.contains(.ended) {
                descriptors[descriptor].state.remove(.readable)
                return
            }
        }
    }

    private mutating func accept(_ descriptor: Int32) {
        for _ in 0..<Self.acceptsPerStep {
            let result = clinux_epoll_accept(descriptor)
            guard result >= 0 else { return readNothing(descriptor, result) }
            guard descriptors.holds(result) else {
                clinux_epoll_close(result)
                return endRead(descriptor, -EMFILE)
            }
            descriptors.forget(result)
            tell(descriptor, result)
        }
    }

    private mutating func readNothing(_ descriptor: Int32, _ result: Int32) {
        if result == -EAGAIN {
            descriptors[descriptor].state.remove(.readable)
        } else {
            endRead(descriptor, result)
        }
    }

    private mutating func tell(_ descriptor: Int32, _ result: Int32, buffer: Int32 = -1) {
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
        completions.append(Completion(token: descriptors[descriptor].readToken, result: result))
    }
}
