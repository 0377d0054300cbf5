internal import Glibc
internal import SluiceBase

/// Where the file of a library is: a name is looked up beside the binary, a path is a path.
struct LibraryPath {
    /// The folders in which `lib<name>.so` is looked for, in order.
    let directories: [String]
    /// Where relative paths start: the folder of the configuration file.
    let base: String

    /// The path of `library`; throws a sentence that lists where it was looked for.
    func find(_ library: String) throws(PluginRefusal) -> String {
        if library.utf8.contains(UInt8(ascii: "/")) {
            let path = library.hasPrefix("/") ? library : "\(base)/\(library)"
            return try existing([path], library)
        }
        return try existing(directories.map { "\($0)/lib\(library).so" }, library)
    }

    private func existing(_ paths: [String], _ library: String) throws(PluginRefusal) -> String {
        for path in paths where unsafe access(path, F_OK) == 0 {
            guard unsafe access(path, R_OK) == 0 else {
                throw PluginRefusal(
                    "library \"\(library)\": \(path) cannot be read: \(Errno.last.text)"
                )
            }
            return path
        }
        throw PluginRefusal(
            "library \"\(library)\" not found: there is no \(paths.joined(separator: " and no "))"
        )
    }

    /// The folder of the running binary.
    static func besideBinary() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return "." }
        let path = buffer.prefix(count).map { UInt8(bitPattern: $0) }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return String(decoding: path.prefix(slash), as: UTF8.self)
    }
}
