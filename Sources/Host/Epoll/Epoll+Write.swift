internal import CLinux
internal import SluiceBase

// write: handshakes, and bytes to the last one.
extension Epoll {
    /// Begins a handshake, or learns how it ended.
    mutating func connect(_ descriptor: Int32) {
        let entry = descriptors[descriptor]
        if entry.state.contains(.connecting) {
            guard !entry.state.contains(.blocked) else { return }
            return endWrite(descriptor, clinux_epoll_connected(descriptor))
        }
        guard let address = entry.outgoing else { preconditionFailure("an address to connect to") }
        let status = unsafe clinux_epoll_connect(
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
        guard let bytes = descriptors[descriptor].outgoing else {
            preconditionFailure("bytes to send")
        }
        while !descriptors[descriptor].state.contains(.blocked) {
            let sent = Int(descriptors[descriptor].sent)
            let result = unsafe clinux_epoll_send(
                descriptor,
                bytes.start + sent,
                bytes.count &- sent
            )
            if result == -EAGAIN {
                descriptors[descriptor].state.insert(.blocked)
            } else if result < 0 {
                return endWrite(descriptor, sent > 0 ? Int32(sent) : result)
            } else {
                descriptors[descriptor].sent &+= result
                if sent &+ Int(result) == bytes.count {
                    return endWrite(descriptor, descriptors[descriptor].sent)
                }
            }
        }
    }

    /// Ends what is under way on the writing side: a send that has begun tells how far it came.
    mutating func cancelWrite(_ descriptor: Int32) {
        let sent = descriptors[descriptor].sent
        endWrite(descriptor, sent > 0 ? sent : -ECANCELED)
    }

    /// The completion of what is under way on the writing side.
    mutating func endWrite(_ descriptor: Int32, _ result: Int32) {
        descriptors[descriptor].state.subtract([.sends, .connects, .connecting, .cancelsWrite])
        descriptors[descriptor].outgoing = nil
        completions.append(Completion(token: descriptors[descriptor].writeToken, result: result))
    }
}
