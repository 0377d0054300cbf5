internal import SluiceBase
internal import SluiceHTTP

/// The head of a request in memory that its exchange owns: field records, then the bytes.
///
/// It is copied once, when it has been parsed, and read by whoever comes later: routes, attempts,
/// plugins, logs, refusals. The path in it is the canonical one.
struct Head: BitwiseCopyable {
    /// `.none` after it was dropped.
    var buffer: BufferNumber
    var facts: RequestFacts
    /// Where the bytes begin in the buffer.
    var textStart: UInt32
    /// The bytes, and behind them the name of the route.
    var textLength: UInt32
    var routeLength: UInt32 = 0

    static var none: Head {
        Head(buffer: .none, facts: RequestFacts(), textStart: 0, textLength: 0)
    }
}

extension Buffers {
    /// Copies a head; nil when there is no memory for it.
    func keep(_ head: RequestView) -> Head? {
        let count = head.facts.fields.count
        let start = count &* MemoryLayout<Field>.stride
        let buffer = take(for: start &+ head.text.count &+ Buffers.routeNameBytesMax)
        guard !buffer.isNone else { return nil }
        let place = place(buffer)
        place.arena.store(head.fields, count, in: place.number)
        var writer = writer(buffer, from: start)
        writer.append(head.text)
        guard !writer.overflowed else {
            release(buffer)
            return nil
        }
        return Head(
            buffer: buffer,
            facts: head.facts,
            textStart: UInt32(truncatingIfNeeded: start),
            textLength: UInt32(truncatingIfNeeded: head.text.count)
        )
    }

    /// Bytes of a route's name that an exchange remembers.
    static let routeNameBytesMax = 256

    /// The bytes of a head as they were kept.
    func text(_ head: Head) -> Bytes {
        memory(head.buffer, Int(head.textStart), Int(head.textLength))
    }

    /// The head as it was kept.
    func view(_ head: Head) -> RequestView {
        let place = place(head.buffer)
        return RequestView(
            facts: head.facts,
            text: memory(head.buffer, Int(head.textStart), Int(head.textLength)),
            fields: place.arena.records(place.number, head.facts.fields.count, of: Field.self)
        )
    }

    /// Writes the canonical path over the one that came, which is never shorter.
    func replacePath(_ path: Bytes, in head: inout Head) {
        precondition(path.count <= head.facts.pathLength, "a canonical path is not longer")
        var writer = writer(head.buffer, from: Int(head.textStart) &+ head.facts.pathStart)
        writer.append(path)
        head.facts.pathLength = path.count
    }

    /// Remembers the name of the route behind the head.
    func keep(route name: Bytes, in head: inout Head) {
        let kept = name.prefix(min(name.count, Buffers.routeNameBytesMax))
        var writer = writer(head.buffer, from: Int(head.textStart &+ head.textLength))
        writer.append(kept)
        head.routeLength = writer.overflowed ? 0 : UInt32(truncatingIfNeeded: kept.count)
    }

    /// Where the memory behind the head and the route's name begins.
    func end(of head: Head) -> Int {
        Int(head.textStart &+ head.textLength &+ head.routeLength)
    }

    /// The name that `keep(route:in:)` has remembered.
    func routeName(_ head: Head) -> Bytes {
        guard !head.buffer.isNone, head.routeLength > 0 else { return .empty }
        return memory(
            head.buffer,
            Int(head.textStart &+ head.textLength),
            Int(head.routeLength)
        )
    }
}
