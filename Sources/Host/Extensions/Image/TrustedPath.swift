internal import Glibc
internal import SluiceBase

/// The way to a file that only root and the user of this process can change.
///
/// Whoever can write the file, or a folder on the way, or owns one of them, decides what runs in
/// this process. Every step from the root on is looked at, links and their ways too. A folder that
/// everybody may write with the sticky bit, such as /tmp, is passed: there nobody can put a file
/// in place of another user's.
struct TrustedPath {
    /// Links followed on one way, as in Linux (path_resolution(7)).
    private static let linksMax = 40

    /// The file without links, from the root.
    private(set) var path = ""
    private var links = 0
    private let user = geteuid()

    /// Follows `path`, which begins with a slash; throws a sentence about the first step that a
    /// stranger could change.
    init(_ path: String) throws(PluginRefusal) {
        try check("/", Self.status("/"))
        var rest = Self.steps(path)
        while let step = rest.popLast() {
            if step == ".." {
                self.path.removeLast(self.path.reversed().prefix { $0 != "/" }.count)
                if !self.path.isEmpty { self.path.removeLast() }
                continue
            }
            let next = "\(self.path)/\(step)"
            let status = try Self.status(next)
            if status.st_mode & S_IFMT == S_IFLNK {
                let target = try follow(next, status)
                if target.hasPrefix("/") { self.path = "" }
                rest += Self.steps(target)
            } else {
                try check(next, status)
                self.path = next
            }
        }
    }

    /// The steps of a path, the first one last.
    private static func steps(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.reversed().map(String.init)
    }

    private static func status(_ path: String) throws(PluginRefusal) -> stat {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            throw PluginRefusal("\(path) cannot be looked at: \(Errno.last.text)")
        }
        return status
    }

    private mutating func follow(_ path: String, _ status: stat) throws(PluginRefusal) -> String {
        try checkOwner(path, status)
        links += 1
        guard links <= Self.linksMax else {
            throw PluginRefusal("\(path) is one of more than \(Self.linksMax) symbolic links")
        }
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(path, &target, target.count)
        guard count >= 0 else {
            throw PluginRefusal("\(path) cannot be followed: \(Errno.last.text)")
        }
        return String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func check(_ path: String, _ status: stat) throws(PluginRefusal) {
        try checkOwner(path, status)
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        let isSticky = status.st_mode & S_ISVTX != 0
        let writers = status.st_mode & (S_IWGRP | S_IWOTH)
        guard writers != 0, !(isFolder && isSticky) else { return }
        let isByAll = writers & S_IWOTH != 0
        let who = isByAll ? "every user" : "group \(status.st_gid)"
        let right = (writers & S_IWGRP != 0 ? "g" : "") + (isByAll ? "o" : "")
        throw PluginRefusal(
            "\(path) can be written by \(who), who could put other code there: take that right away"
                + " (chmod \(right)-w \(path))"
        )
    }

    private func checkOwner(_ path: String, _ status: stat) throws(PluginRefusal) {
        guard status.st_uid != 0, status.st_uid != user else { return }
        throw PluginRefusal(
            "\(path) belongs to user \(status.st_uid), who could put other code there: it must "
                + "belong to root or to user \(user), who runs this process"
        )
    }
}
