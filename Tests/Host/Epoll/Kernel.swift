import SluiceBase
import SluiceEpoll
import SluiceRing
import SluiceServe

/// The two kernels; io_uring only where this machine allows it.
///
/// Tests of both are written once.
enum KernelChoice: CaseIterable, Sendable {
    case epoll, uring

    static let here: [KernelChoice] = allCases.filter { $0 == .epoll || hasRing }

    private static let hasRing: Bool = {
        do {
            _ = try Ring(entries: 8, arena: Arena(count: 1, size: 64))
            return true
        } catch {
            return false
        }
    }()

    func open(_ arena: Arena) throws -> any SystemPort & ~Copyable {
        switch self {
        case .epoll: try Epoll(entries: 64, arena: arena)
        case .uring: try Ring(entries: 64, arena: arena)
        }
    }
}

extension SystemPort where Self: ~Copyable {
    /// `completion`, for a kernel of either type: only mutating methods can be called on one.
    mutating func look(at place: Int) -> Completion { completion(place) }

    /// A receive from the buffers for content.
    mutating func receive(on descriptor: Int32, token: UInt64) {
        receive(on: descriptor, token: token, from: .content)
    }
}
