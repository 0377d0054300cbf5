package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// The start of a connection that may have a PROXY header: the same outcome however it
    /// arrives, and its addresses written by either version read back.
    package static func proxy(_ bytes: Bytes) -> String? {
        let whole = ProxyOutcome(bytes)
        for cut in cuts(bytes.count) {
            let part = ProxyOutcome(bytes.prefix(cut))
            guard part == .incomplete || part == whole else {
                return "\(part) after \(cut) bytes became \(whole)"
            }
        }
        guard case .complete(let length, let source, let destination, let isLocal) = whole else {
            return nil
        }
        guard length <= bytes.count else { return "the length" }
        guard !isLocal || source.isNone && destination.isNone else {
            return "a local header with addresses"
        }
        for version in 1...2 {
            let memory = Table<UInt8>(repeating: 0, count: 256)
            var output = memory.writer()
            ProxyHeader.write(
                version: version,
                source: source,
                destination: destination,
                to: &output
            )
            let again = ProxyOutcome(output.bytes)
            guard
                again == .complete(output.count, source, destination, isLocal: isLocal)
            else { return "version \(version) wrote \(again) of \(whole)" }
        }
        return nil
    }
}

/// An outcome that can be compared.
private enum ProxyOutcome: Equatable {
    case none
    case incomplete
    case faulty
    case complete(Int, PeerAddress, PeerAddress, isLocal: Bool)

    init(_ bytes: Bytes) {
        switch ProxyHeader.parse(bytes, versions: [.one, .two]) {
        case .none: self = .none
        case .incomplete: self = .incomplete
        case .faulty: self = .faulty
        case .complete(let length, let source, let destination, let isLocal):
            self = .complete(length, source, destination, isLocal: isLocal)
        }
    }
}
