import SluiceBase
import SluiceServe

/// The worker's view of a `SimulatedNet`.
struct SimulatedPort: ~Copyable, Port {
    let net: SimulatedNet

    mutating func accept(on descriptor: Int32, token: UInt64) {
        net.add(Operation(kind: .accept, descriptor: descriptor, token: token))
    }

    mutating func receive(on descriptor: Int32, token: UInt64) {
        net.add(Operation(kind: .receive, descriptor: descriptor, token: token))
    }

    mutating func send(_ bytes: Bytes, on descriptor: Int32, token: UInt64) {
        net.add(Operation(kind: .send(bytes), descriptor: descriptor, token: token))
    }

    mutating func connect(_ descriptor: Int32, to address: Bytes, token: UInt64) {
        net.add(Operation(kind: .connect, descriptor: descriptor, token: token))
    }

    mutating func finish(_ descriptor: Int32, token: UInt64) { net.finish(descriptor) }

    mutating func close(_ descriptor: Int32, token: UInt64) { net.close(descriptor) }

    mutating func cancel(_ descriptor: Int32, token: UInt64) {
        net.cancel { $0.descriptor == descriptor }
    }

    mutating func cancel(operation target: UInt64, token: UInt64) {
        net.cancel { $0.token == target }
    }

    mutating func timeout(_ nanoseconds: UInt64, token: UInt64) {
        net.add(
            Operation(kind: .timeout(due: net.now + nanoseconds), descriptor: -1, token: token)
        )
    }

    mutating func watch(_ descriptor: Int32, token: UInt64) {}

    mutating func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int {
        net.turn()
        return net.completions.count
    }

    func completion(_ place: Int) -> Completion { net.completions[place] }

    mutating func advance(_ count: Int) {}

    mutating func recycle(_ buffer: Int32) { net.recycle(buffer) }

    mutating func openSocket(for address: Bytes) -> Int32 {
        let socket = net.makeSocket()
        net.opened.append(socket)
        return socket.descriptor
    }

    mutating func now() -> UInt64 { net.now }

    mutating func unixSecond() -> Int64 { Int64(net.now / 1_000_000_000) }
}
