/// Gives each (address, port) a number that stays its own as long as the process lives, so that a
/// connection finds its table in every later snapshot, and never another socket's.
struct BindingNumbers {
    /// Distinct sockets over the life of the process.
    static let bindingsMax = 16_384

    struct Socket: Hashable {
        let address: Address
        let port: UInt16
    }

    private var numbers: [Socket: Int32] = [:]

    /// One more than the highest number given.
    var count: Int { numbers.count }

    /// The number of a socket, or nil when all are used up.
    mutating func number(of socket: Socket) -> Int32? {
        if let known = numbers[socket] { return known }
        guard numbers.count < BindingNumbers.bindingsMax else { return nil }
        numbers[socket] = Int32(numbers.count)
        return Int32(numbers.count - 1)
    }
}
