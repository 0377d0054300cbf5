internal import SluiceBase

/// The tokens in files, as `authorization: Bearer` sends them; a file is read again when it
/// changes, which is looked up for each call.
struct BearerFiles {
    private struct Entry {
        let identity: FileIdentity
        let token: String
    }

    private static let filesMax = 64
    private static let bytesMax = 16 << 10
    private var entries: [String: Entry] = [:]

    /// The token in the file; throws a sentence that names the file.
    mutating func token(_ path: String) throws(OutboundRefusal) -> String {
        guard let identity = FileIdentity(path) else {
            entries[path] = nil
            throw .invalid("bearer file \(path): cannot be read; expected a token in it")
        }
        if let entry = entries[path], entry.identity == identity { return entry.token }
        entries[path] = nil
        let token = try Self.read(path)
        if entries.count >= Self.filesMax { entries.removeAll() }
        entries[path] = Entry(identity: identity, token: token)
        return token
    }

    private static func read(_ path: String) throws(OutboundRefusal) -> String {
        let content: [UInt8]
        do throws(Files.Failure) {
            content = try Files.read(path, bytesMax: bytesMax)
        } catch {
            switch error {
            case .system(let reason):
                throw .invalid("bearer file \(path): \(reason); expected a token in it")
            case .tooLarge:
                throw .invalid("bearer file \(path): longer than \(bytesMax) bytes")
            }
        }
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
        let lines = content.drop { blanks.contains($0) }
        let end = lines.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? lines.startIndex
        let token = lines[..<end]
        guard !token.isEmpty else {
            throw .invalid("bearer file \(path): is empty; expected a token in it")
        }
        guard token.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .invalid("bearer file \(path): has a byte that no token has (RFC 6750 2.1)")
        }
        return String(decoding: token, as: UTF8.self)
    }
}
