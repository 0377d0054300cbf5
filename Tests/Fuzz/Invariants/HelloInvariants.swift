package import SluiceBase
internal import SluiceTLS

/// What the first bytes of a client under TLS are: the same outcome however they arrive, and a
/// name that a text of C can hold.
package enum HelloInvariants {
    /// Nil when everything holds, else a sentence on what does not.
    package static func hello(_ bytes: Bytes) -> String? {
        // More than was sent: a message may say that it is longer.
        let room = 2 * bytes.count + 64
        let whole = Outcome(bytes, room)
        for cut in cuts(bytes.count) {
            let part = Outcome(bytes.prefix(cut), room)
            guard part == .incomplete || part == whole else {
                return "\(part) after \(cut) bytes became \(whole)"
            }
        }
        guard case .named(let name) = whole else { return nil }
        guard name.count <= 255, !name.contains(0) else { return "the name \(name)" }
        return Outcome(bytes, bytes.count) == whole ? nil : "a message longer than its records"
    }

    /// An outcome that can be compared.
    private enum Outcome: Equatable {
        case incomplete
        case foreign
        case faulty
        case named([UInt8])

        init(_ bytes: Bytes, _ room: Int) {
            let memory = Table<UInt8>(repeating: 0, count: room)
            var scratch = memory.writer()
            switch ClientHello.read(bytes, assembling: &scratch) {
            case .incomplete: self = .incomplete
            case .foreign: self = .foreign
            case .faulty: self = .faulty
            case .whole(let start, let length):
                self = .named(scratch.bytes.slice(start, length).array)
            }
        }
    }
}
