internal import Glibc
internal import SluiceBase

/// Where the file of a library is: a name is looked up beside the binary, a path is a path.
struct LibraryPath {
    /// The folders in which `lib<name>.so` is looked for, in order; a name that ends with `.so` is
    /// that of the file.
    let directories: [String]
    /// Where relative paths start: the folder of the configuration file.
    let base: String

    /// The path of `library`; throws a sentence that lists where it was looked for.
    func find(_ library: String) throws(PluginRefusal) -> String {
        if library.utf8.contains(UInt8(ascii: "/")) {
            let path = library.hasPrefix("/") ? library : "\(base)/\(library)"
            return try existing([path], library)
        }
        let file = library.hasSuffix(".so") ? library : "lib\(library).so"
        return try existing(directories.map { "\($0)/\(file)" }, library)
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

/// The first bytes of a shared library: enough to say why a foreign file is foreign.
enum ObjectFile {
    private static let headBytes = 20
    private static let shared: UInt16 = 3

    /// Throws a sentence when the file is no shared library for this machine.
    static func check(_ path: String) throws(PluginRefusal) {
        let head = try read(path)
        guard head.count == headBytes, head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
            throw PluginRefusal("it is not a shared library: it has no ELF header")
        }
        guard head[4] == 2, head[5] == 1 else {
            throw PluginRefusal(
                "it is an ELF file of \(head[4] == 1 ? "32" : "64") bits, "
                    + "\(head[5] == 1 ? "little" : "big") endian, expected 64 bits, little endian"
            )
        }
        let type = UInt16(head[16]) | UInt16(head[17]) << 8
        guard type == shared else {
            throw PluginRefusal(
                "it is an ELF file of type \(type), expected a shared library (3)"
            )
        }
        let machine = UInt16(head[18]) | UInt16(head[19]) << 8
        let own = try read("/proc/self/exe")
        guard own.count == headBytes else { return }
        let expected = UInt16(own[18]) | UInt16(own[19]) << 8
        guard machine == expected else {
            throw PluginRefusal(
                "it is built for \(name(machine)), this host for \(name(expected))"
            )
        }
    }

    private static func read(_ path: String) throws(PluginRefusal) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw PluginRefusal("it cannot be opened: \(Errno.last.text)")
        }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: headBytes)
        let count = unsafe Glibc.read(descriptor, &head, headBytes)
        guard count >= 0 else {
            throw PluginRefusal("it cannot be read: \(Errno.last.text)")
        }
        return Array(head.prefix(count))
    }

    /// e_machine numbers of the ELF specification.
    private static func name(_ machine: UInt16) -> String {
        switch machine {
        case 3: "x86"
        case 40: "arm"
        case 62: "x86-64"
        case 183: "aarch64"
        case 243: "riscv"
        default: "machine \(machine)"
        }
    }
}
