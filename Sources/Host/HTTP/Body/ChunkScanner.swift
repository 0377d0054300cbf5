package import SluiceBase

/// Follows chunked framing over bytes that pass unchanged, to find the end of the body.
///
/// Strict (RFC 9112 7.1): CRLF only, sizes of at most fifteen hex digits, extensions and trailers
/// bounded in total, so that nothing ambiguous is forwarded.
package struct ChunkScanner: BitwiseCopyable, Sendable {
    private enum State: UInt8, BitwiseCopyable {
        case sizeStart, size, extensions, sizeLF
        case data, dataCR, dataLF
        case trailerStart, trailerName, trailer, trailerLF, endLF
        case done, broken
    }

    private var state = State.sizeStart
    private var digits: UInt8 = 0
    private var left: UInt64 = 0
    private var overhead: Int
    private let overheadMax: Int
    private let octets = OctetTable()

    /// `overheadMax` bounds the bytes of chunk extensions and trailers together.
    package init(overheadMax: Int) {
        self.overheadMax = overheadMax
        overhead = 0
    }

    package var isDone: Bool { state == .done }
    package var isBroken: Bool { state == .broken }

    /// Advances over `bytes`; answers how many of them belong to this body.
    package mutating func scan(_ bytes: Bytes) -> Int {
        var index = 0
        while index < bytes.count {
            switch state {
            case .data:
                let take = min(left, UInt64(bytes.count &- index))
                index &+= Int(take)
                left &-= take
                if left == 0 { state = .dataCR }
            case .done, .broken:
                return index
            case .sizeStart, .size, .extensions, .sizeLF, .dataCR, .dataLF, .trailerStart,
                .trailerName, .trailer, .trailerLF, .endLF:
                step(bytes[index])
                index &+= 1
            }
        }
        return index
    }

    /// Advances over framing and the run of content behind it: how many bytes were taken, and
    /// where among them the content lies.
    package mutating func scanContent(
        _ bytes: Bytes
    ) -> (taken: Int, offset: Int, length: Int) {
        var index = 0
        while index < bytes.count, state != .data, state != .done, state != .broken {
            step(bytes[index])
            index &+= 1
        }
        guard state == .data else { return (index, index, 0) }
        let length = Int(min(left, UInt64(bytes.count &- index)))
        left &-= UInt64(length)
        if left == 0 { state = .dataCR }
        return (index &+ length, index, length)
    }

    private mutating func step(_ byte: UInt8) {
        switch state {
        case .sizeStart, .size: stepSize(byte)
        case .extensions: stepText(byte, end: .sizeLF)
        case .sizeLF: stepLF(byte, next: left == 0 ? .trailerStart : .data)
        case .dataCR: state = byte == 0x0d ? .dataLF : .broken
        case .dataLF:
            digits = 0
            stepLF(byte, next: .sizeStart)
        case .trailerStart where byte == 0x0d: state = .endLF
        case .trailerStart, .trailerName:
            let next: State = byte == 0x3a && state == .trailerName ? .trailer : .trailerName
            spend(next: next == .trailer || octets.isToken(byte) ? next : .broken)
        case .trailer: stepText(byte, end: .trailerLF)
        case .trailerLF: stepLF(byte, next: .trailerStart)
        case .endLF: stepLF(byte, next: .done)
        case .data, .done, .broken: break
        }
    }

    private mutating func stepSize(_ byte: UInt8) {
        let digit: UInt64
        switch byte {
        case 0x30...0x39: digit = UInt64(byte &- 0x30)
        case 0x41...0x46: digit = UInt64(byte &- 0x37)
        case 0x61...0x66: digit = UInt64(byte &- 0x57)
        case 0x3b where state == .size:
            state = .extensions
            return
        case 0x0d where state == .size:
            state = .sizeLF
            return
        default:
            state = .broken
            return
        }
        if state == .sizeStart { left = 0 }
        digits &+= 1
        left = left << 4 | digit
        state = digits <= 15 ? .size : .broken
    }

    private mutating func stepText(_ byte: UInt8, end: State) {
        if byte == 0x0d {
            spend(next: end)
        } else {
            spend(next: (byte < 0x20 && byte != 0x09) || byte == 0x7f ? .broken : state)
        }
    }

    /// Counts a byte of an extension or a trailer, whatever it is: short ones come in any number.
    private mutating func spend(next: State) {
        overhead &+= 1
        state = overhead <= overheadMax ? next : .broken
    }

    private mutating func stepLF(_ byte: UInt8, next: State) {
        state = byte == 0x0a ? next : .broken
    }
}
