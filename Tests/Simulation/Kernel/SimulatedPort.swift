package import SluiceBase
internal import SluiceServe

/// The worker's view of a `SimulatedNet`.
package struct SimulatedPort: ~Copyable, Port {
    package let net: SimulatedNet

    package init(net: SimulatedNet) { self.net = net }

    package mutating func accept(on descriptor: Int32, token: UInt64) {
        net.submit(SimulatedOperation(.accept, descriptor, token))
    }

    package mutating func receive(
        on descriptor: Int32,
        token: UInt64,
        from group: ReceiveGroup = .content
    ) {
        net.submit(SimulatedOperation(.receive(group), descriptor, token))
    }

    package mutating func send(_ gather: Gather, on descriptor: Int32, token: UInt64) {
        precondition(gather.bytes > 0, "bytes to send")
        net.submit(SimulatedOperation(.send(gather), descriptor, token))
    }

    package mutating func connect(_ descriptor: Int32, to address: Bytes, token: UInt64) {
        precondition(Self.address(address) == net.socket(descriptor).peerAddress)
        net.submit(SimulatedOperation(.connect, descriptor, token))
        net.connecting.append(net.socket(descriptor))
    }

    package mutating func timeout(_ nanoseconds: UInt64, token: UInt64) {
        net.submit(SimulatedOperation(.timeout(due: net.now + nanoseconds), -1, token))
    }

    package mutating func watch(_ descriptor: Int32, token: UInt64) {
        net.submit(SimulatedOperation(.watch, descriptor, token))
    }

    package mutating func cancel(operation target: UInt64, token: UInt64) {
        net.cancel(target, token)
    }

    package mutating func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int {
        net.turn()
        return net.completions.count
    }

    package func completion(_ place: Int) -> Completion { net.completions[place] }

    package mutating func advance(_ count: Int) { net.advance(count) }

    package mutating func recycle(_ buffer: Int32) { net.recycle(buffer) }

    package mutating func finish(_ descriptor: Int32) { net.finish(descriptor) }

    package mutating func sendAtOnce(_ bytes: Bytes, on descriptor: Int32) {
        net.sendAtOnce(bytes, on: descriptor)
    }

    package mutating func close(_ descriptor: Int32, resets: Bool) {
        net.close(descriptor, resets: resets)
    }

    package mutating func acceptWaiting(_ descriptor: Int32) -> Int32 {
        net.acceptWaiting(descriptor)
    }

    package mutating func openSocket(for address: Bytes) -> Int32 {
        net.openSocket(to: Self.address(address))
    }

    package mutating func peerAddress(_ descriptor: Int32) -> PeerAddress {
        net.socket(descriptor).peerAddress
    }

    package mutating func localAddress(_ descriptor: Int32) -> PeerAddress {
        net.socket(descriptor).localAddress
    }

    package mutating func isQuiet(_ descriptor: Int32) -> Bool {
        net.socket(descriptor).isQuiet
    }

    package mutating func acknowledged(_ descriptor: Int32) -> UInt64 {
        net.socket(descriptor).acknowledged
    }

    package mutating func now() -> UInt64 { net.now }

    package mutating func unixSecond() -> Int64 { Int64(net.now / 1_000_000_000) }

    /// A `sockaddr_in`: the port at 2, the address at 4.
    private static func address(_ address: Bytes) -> PeerAddress {
        let port = UInt16(address[2]) << 8 | UInt16(address[3])
        let host = (4..<8).reduce(UInt32(0)) { $0 << 8 | UInt32(address[$1]) }
        return PeerAddress(v4: host, port: port)
    }
}
