import Glibc
import Testing

/// A folder of its own for one test, removed with it.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/sluice-files-XXXXXX".utf8CString)
        _ = unsafe try #require(mkdtemp(&template))
        path = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    func write(_ name: String, _ text: String) {
        let fd = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let bytes = Array(text.utf8)
        unsafe #expect(Glibc.write(fd, bytes, bytes.count) == bytes.count)
        close(fd)
    }

    func makeFolder(_ name: String) {
        unsafe #expect(mkdir("\(path)/\(name)", 0o700) == 0)
    }

    func link(_ name: String, to target: String) {
        unsafe #expect(symlink(target, "\(path)/\(name)") == 0)
    }

    func rename(_ old: String, _ new: String) {
        unsafe #expect(Glibc.rename("\(path)/\(old)", "\(path)/\(new)") == 0)
    }

    func remove(_ name: String) {
        Self.remove("\(path)/\(name)")
    }

    private static func remove(_ path: String) {
        if unsafe unlink(path) == 0 { return }
        if let stream = unsafe opendir(path) {
            while let item = unsafe readdir(stream) {
                let name = unsafe withUnsafeBytes(of: &item.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            unsafe closedir(stream)
        }
        unsafe rmdir(path)
    }
}

/// Manifests of a Service, as short as they can be.
func service(_ name: String, port: Int = 80) -> String {
    """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: \(name)}
    spec: {ports: [{port: \(port)}]}

    """
}
