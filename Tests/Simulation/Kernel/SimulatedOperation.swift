package import SluiceBase

/// An operation of the worker, from its submission to its last completion.
package final class SimulatedOperation {
    package enum Kind {
        case accept
        case receive(ReceiveGroup)
        case send(Gather)
        case connect
        case timeout(due: UInt64)
        case watch

        /// Accept, receive and watch; else the other side of a descriptor.
        var isReading: Bool {
            switch self {
            case .accept, .receive, .watch: true
            case .send, .connect, .timeout: false
            }
        }

        var isPatient: Bool {
            if case .send(let gather) = self { gather.isPatient } else { false }
        }

        var namesDescriptor: Bool {
            if case .timeout = self { false } else { true }
        }
    }

    package let kind: Kind
    package let descriptor: Int32
    package let token: UInt64
    /// The send has come so far.
    package var sent = 0
    package var isCancelled = false
    /// Its last completion is made, though the worker may not have seen it.
    package var isDone = false

    package init(_ kind: Kind, _ descriptor: Int32, _ token: UInt64) {
        self.kind = kind
        self.descriptor = descriptor
        self.token = token
    }
}

// What one step of an operation does.
extension SimulatedNet {
    package func isReady(_ operation: SimulatedOperation) -> Bool {
        if operation.isDone { return false }
        return operation.isCancelled || canGoOn(operation)
    }

    private func canGoOn(_ operation: SimulatedOperation) -> Bool {
        switch operation.kind {
        case .timeout(let due): return due <= now
        case .watch: return woken.contains(operation.descriptor)
        case .accept: return !socket(operation.descriptor).backlog.isEmpty
        case .connect: return socket(operation.descriptor).connectResult != nil
        case .receive:
            let socket = socket(operation.descriptor)
            return !socket.inbound.isEmpty || socket.isEnded || socket.isReset
        case .send:
            let socket = socket(operation.descriptor)
            return operation.kind.isPatient || socket.isReset || socket.isGone || room(socket) > 0
        }
    }

    private func room(_ socket: SimulatedSocket) -> Int {
        max(0, socket.sendBufferMax - socket.outbound.count)
    }

    package func step(_ operation: SimulatedOperation) {
        if operation.isCancelled {
            let wins = !hostility.contains(.lostRaces) || random.below(3) > 0
            if wins || !canGoOn(operation) { return cancelled(operation) }
        }
        switch operation.kind {
        case .accept: accept(operation)
        case .receive(let group): receive(operation, from: group)
        case .send(let gather): send(operation, gather)
        case .connect: post(operation, socket(operation.descriptor).connectResult ?? 0)
        case .timeout: post(operation, SimulatedErrno.timer)
        case .watch:
            woken.remove(operation.descriptor)
            post(operation, 1, more: true)
        }
    }

    private func cancelled(_ operation: SimulatedOperation) {
        post(operation, operation.sent > 0 ? Int32(operation.sent) : SimulatedErrno.cancelled)
    }

    private func accept(_ operation: SimulatedOperation) {
        let listener = socket(operation.descriptor)
        if hostility.contains(.acceptsFail), random.oneIn(20) {
            return post(operation, SimulatedErrno.descriptors)
        }
        guard let number = takeNumber() else { return post(operation, SimulatedErrno.descriptors) }
        open(listener.backlog.removeFirst(), number)
        post(operation, number, more: staysArmed(operation))
    }

    private func receive(_ operation: SimulatedOperation, from group: ReceiveGroup) {
        let socket = socket(operation.descriptor)
        guard !socket.inbound.isEmpty else {
            return post(operation, socket.isReset ? SimulatedErrno.reset : 0)
        }
        guard let buffer = takeBuffer(from: group) else {
            return post(operation, SimulatedErrno.buffers)
        }
        var count = min(socket.inbound.count, arena.size)
        if hostility.contains(.shortReceives), !random.oneIn(3) { count = 1 + random.below(count) }
        if hostility.contains(.oneByteReceives), !random.oneIn(4) { count = 1 }
        var writer = arena.writer(Int(buffer))
        socket.receive(count).withBytes { writer.append($0) }
        post(operation, Int32(count), buffer: buffer, more: staysArmed(operation))
    }

    private func send(_ operation: SimulatedOperation, _ gather: Gather) {
        let socket = socket(operation.descriptor)
        if socket.isReset || socket.isFinished {
            let failure = socket.isFinished ? SimulatedErrno.pipe : SimulatedErrno.reset
            return post(operation, operation.sent > 0 ? Int32(operation.sent) : failure)
        }
        if gather.isPatient, !socket.isGone {
            let isRefused = hostility.contains(.partialSends) && random.oneIn(4)
            guard room(socket) > 0, !isRefused else {
                socket.wasRefused = true
                return post(operation, SimulatedErrno.again)
            }
        }
        let rest = gather.bytes - operation.sent
        let fits = socket.isGone ? rest : min(rest, room(socket))
        let isShort = hostility.contains(.partialSends) && random.oneIn(3)
        let count = isShort ? 1 + random.below(fits) : fits
        // The bytes are read when they go: whoever changed them meanwhile is found out.
        socket.send(bytes(of: gather)[operation.sent..<(operation.sent + count)])
        operation.sent += count
        let isOver = operation.sent == gather.bytes || isShort || gather.isPatient
        if isOver || operation.isCancelled {
            post(operation, Int32(operation.sent))
        }
    }

    private func bytes(of gather: Gather) -> [UInt8] {
        (0..<gather.count).flatMap { gather[$0].array }
    }

    private func staysArmed(_ operation: SimulatedOperation) -> Bool {
        !(hostility.contains(.shotsEnd) && random.oneIn(12))
    }
}
