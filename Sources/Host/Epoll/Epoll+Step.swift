internal import CLinux
internal import SluiceBase

// step: what can be done now on one descriptor, in the order of submission of a worker.
extension Epoll {
    mutating func step(_ descriptor: Int32) {
        settleCancelled(descriptor)
        if descriptors[descriptor].state.contains(.connects) { connect(descriptor) }
        register(descriptor)
        if descriptors[descriptor].state.contains(.sends) { send(descriptor) }
        if descriptors[descriptor].hasMore { read(descriptor) }
        if descriptors[descriptor].state.contains(.finishes) { finish(descriptor) }
        if descriptors[descriptor].state.contains(.closes) { return close(descriptor) }
        if descriptors[descriptor].hasMore { descriptors.lineUp(descriptor) }
    }

    /// Asks for news of a descriptor from the first operation on that may have to wait.
    private mutating func register(_ descriptor: Int32) {
        let entry = descriptors[descriptor]
        guard !entry.state.contains(.registered), entry.isReading || entry.isWriting else {
            return
        }
        let isStream = entry.state.isDisjoint(with: [.accepts, .watches])
        let status = clinux_epoll_add(instance, descriptor, isStream ? 1 : 0)
        if status == 0 {
            descriptors[descriptor].state.insert(.registered)
        } else {
            if entry.isReading { endRead(descriptor, status) }
            if entry.isWriting { endWrite(descriptor, status) }
        }
    }

    private mutating func settleCancelled(_ descriptor: Int32) {
        if descriptors[descriptor].state.contains(.cancelsRead) {
            endRead(descriptor, -ECANCELED)
        }
        if descriptors[descriptor].state.contains(.cancelsWrite) { cancelWrite(descriptor) }
    }

    private mutating func finish(_ descriptor: Int32) {
        descriptors[descriptor].state.remove(.finishes)
        let status = clinux_epoll_finish(descriptor)
        guard status < 0 else { return }
        completions.append(Completion(token: descriptors[descriptor].endToken, result: status))
    }

    private mutating func close(_ descriptor: Int32) {
        let entry = descriptors[descriptor]
        if entry.isReading { endRead(descriptor, -ECANCELED) }
        if entry.isWriting { cancelWrite(descriptor) }
        descriptors.forget(descriptor)
        let status = clinux_epoll_close(descriptor)
        guard status < 0 else { return }
        completions.append(Completion(token: entry.endToken, result: status))
    }
}
