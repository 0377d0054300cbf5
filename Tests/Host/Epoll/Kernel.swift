import SluiceBase
import SluiceEpoll
import SluiceRing
import Testing

/// What both kernels promise a worker; the tests hold each to it.
protocol Operations: ~Copyable {
    mutating func accept(on descriptor: Int32, token: UInt64)
    mutating func receive(on descriptor: Int32, token: UInt64)
    mutating func send(_ bytes: Bytes, on descriptor: Int32, token: UInt64)
    mutating func connect(_ descriptor: Int32, to address: Bytes, token: UInt64)
    mutating func finish(_ descriptor: Int32, token: UInt64)
    mutating func close(_ descriptor: Int32, token: UInt64)
    mutating func cancel(_ descriptor: Int32, token: UInt64)
    mutating func cancel(operation target: UInt64, token: UInt64)
    mutating func timeout(_ nanoseconds: UInt64, token: UInt64)
    mutating func watch(_ descriptor: Int32, token: UInt64)
    mutating func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int
    func completion(_ place: Int) -> Completion
    mutating func advance(_ count: Int)
    mutating func recycle(_ buffer: Int32)
    mutating func openSocket(for address: Bytes) -> Int32
}

/// A kernel behind a reference, so that tests of both are written once.
protocol Kernel: AnyObject {
    func accept(on descriptor: Int32, token: UInt64)
    func receive(on descriptor: Int32, token: UInt64)
    func send(_ bytes: Bytes, on descriptor: Int32, token: UInt64)
    func connect(_ descriptor: Int32, to address: Bytes, token: UInt64)
    func finish(_ descriptor: Int32, token: UInt64)
    func close(_ descriptor: Int32, token: UInt64)
    func cancel(_ descriptor: Int32, token: UInt64)
    func cancel(operation target: UInt64, token: UInt64)
    func timeout(_ nanoseconds: UInt64, token: UInt64)
    func watch(_ descriptor: Int32, token: UInt64)
    func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int
    func completion(_ place: Int) -> Completion
    func advance(_ count: Int)
    func recycle(_ buffer: Int32)
    func openSocket(for address: Bytes) -> Int32
}

final class Boxed<K: Operations & ~Copyable>: Kernel {
    private var kernel: K

    init(_ kernel: consuming K) { self.kernel = kernel }

    func accept(on descriptor: Int32, token: UInt64) {
        kernel.accept(on: descriptor, token: token)
    }

    func receive(on descriptor: Int32, token: UInt64) {
        kernel.receive(on: descriptor, token: token)
    }

    func send(_ bytes: Bytes, on descriptor: Int32, token: UInt64) {
        kernel.send(bytes, on: descriptor, token: token)
    }

    func connect(_ descriptor: Int32, to address: Bytes, token: UInt64) {
        kernel.connect(descriptor, to: address, token: token)
    }

    func finish(_ descriptor: Int32, token: UInt64) {
        kernel.finish(descriptor, token: token)
    }

    func close(_ descriptor: Int32, token: UInt64) {
        kernel.close(descriptor, token: token)
    }

    func cancel(_ descriptor: Int32, token: UInt64) {
        kernel.cancel(descriptor, token: token)
    }

    func cancel(operation target: UInt64, token: UInt64) {
        kernel.cancel(operation: target, token: token)
    }

    func timeout(_ nanoseconds: UInt64, token: UInt64) {
        kernel.timeout(nanoseconds, token: token)
    }

    func watch(_ descriptor: Int32, token: UInt64) {
        kernel.watch(descriptor, token: token)
    }

    func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int {
        try kernel.wait(least, atMost: nanoseconds)
    }

    func completion(_ place: Int) -> Completion {
        kernel.completion(place)
    }

    func advance(_ count: Int) {
        kernel.advance(count)
    }

    func recycle(_ buffer: Int32) {
        kernel.recycle(buffer)
    }

    func openSocket(for address: Bytes) -> Int32 {
        kernel.openSocket(for: address)
    }
}

extension Epoll: Operations {}

extension Ring: Operations {
    mutating func openSocket(for address: Bytes) -> Int32 { UpstreamSocket.open(for: address) }
}

/// The two kernels; io_uring only where this machine allows it.
enum KernelChoice: CaseIterable, Sendable {
    case epoll, uring

    static let here: [KernelChoice] = allCases.filter { choice in
        choice == .epoll || (try? choice.open(Arena(count: 1, size: 64))) != nil
    }

    func open(_ arena: Arena) throws -> any Kernel {
        switch self {
        case .epoll: Boxed(try Epoll(entries: 64, arena: arena))
        case .uring: Boxed(try Ring(entries: 64, arena: arena))
        }
    }
}
