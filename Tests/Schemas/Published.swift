import Glibc
import SluiceShared

/// The published schemas and their examples, read from this repository.
enum Published {
    static let kinds = [
        "listener", "certificate", "trust", "pool", "endpoints", "route", "l4route",
    ]

    /// The root of the repository, found from this file's own place in it.
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    static let schemas = "docs/schemas"
    static let examples = "docs/schemas/examples"
    static let invalid = "docs/schemas/examples/invalid"

    /// The schema of a kind as a document.
    static func document(of kind: String) throws -> JSONValue {
        try document("\(schemas)/\(kind).json")
    }

    /// The schema of a kind, ready to validate with.
    static func schema(of kind: String) throws -> Schema {
        try Schema(document(of: kind))
    }

    /// A file of the repository as JSON.
    static func document(_ path: String) throws -> JSONValue {
        try JSONDocument(parsing: bytes(path), source: path).root
    }

    /// The names of the JSON files in a folder that are examples of a kind, sorted.
    static func names(in folder: String, of kind: String) throws -> [String] {
        try names(in: folder).filter { $0.hasPrefix("\(kind)-") }
    }

    /// The names of the JSON files in a folder, sorted.
    static func names(in folder: String) throws -> [String] {
        guard let stream = unsafe opendir("\(root)/\(folder)") else { throw Missing(path: folder) }
        defer { unsafe closedir(stream) }
        var found: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                unsafe String(decoding: raw.prefix { byte in byte != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".json") { found.append(name) }
        }
        return found.sorted()
    }

    /// The lines of a text file of the repository.
    static func lines(_ path: String) throws -> [String] {
        try String(decoding: bytes(path), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        let fd = unsafe open("\(root)/\(path)", O_RDONLY)
        guard fd >= 0 else { throw Missing(path: path) }
        defer { close(fd) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(fd, &chunk, chunk.count)
            guard count >= 0 else { throw Missing(path: path) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
        }
    }
}

/// A file or folder that should be in the repository and cannot be read.
struct Missing: Error {
    var path: String
}
