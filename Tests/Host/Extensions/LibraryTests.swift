import Glibc
import SluiceBase
import SluiceConfig
import SluiceExtensions
import Testing

/// Which file is loaded, and who may have written it.
@Suite struct LibraryTests {
    /// What the host says of one library; nil when it was loaded.
    private func refusal(_ path: String, sha256: String? = nil) throws -> String? {
        var configuration = PluginConfiguration(name: "p", library: path)
        configuration.sha256 = sha256
        let house = try House([configuration])
        let failures = house.host.load()
        house.end()
        return failures.first?.description
    }

    private func allow(_ path: String, _ mode: UInt32) throws {
        guard unsafe chmod(path, mode) == 0 else { throw Errno.last }
    }

    private func folder(_ path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    }

    @Test(arguments: [
        "BROKEN_ENTRY=write(1, \"refused by a print\\n\", 19)",
        "BROKEN_ENTRY=write(2, \"accepted\\n\", 9)",
        "BROKEN_CONSTRUCTOR=write(1, \"a line\\n\", 7)",
    ])
    func `what a library prints is no verdict`(define: String) throws {
        #expect(try refusal(Fixture("broken", [define]).path) == nil)
    }

    @Test(arguments: ["echo", "libecho.so"])
    func `a library beside the binary is found by its name and by its file`(name: String) throws {
        #expect(try refusal(name) == nil)
    }

    @Test(
        arguments: [
            (0o777, "every user", "go-w"), (0o707, "every user", "o-w"), (0o770, "group", "g-w"),
        ] as [(UInt32, String, String)]
    )
    func `a folder that others can write is refused, with what to do`(
        mode: UInt32,
        who: String,
        right: String
    ) throws {
        let path = try Fixture("probe").path
        try allow(folder(path), mode)
        let text = try #require(try refusal(path))
        #expect(text.contains("\(folder(path)) can be written by \(who)"), "\(text)")
        #expect(text.contains("(chmod \(right) \(folder(path)))"), "\(text)")
    }

    @Test func `so is a file, and a folder further up`() throws {
        let path = try Fixture("probe").path
        try allow(path, 0o722)
        #expect(try #require(try refusal(path)).contains("\(path) can be written by every user"))
        let outer = try TemporaryFolder().path
        let inner = "\(outer)/inner"
        #expect(unsafe mkdir(inner, 0o755) == 0)
        let library = "\(inner)/libprobe.so"
        #expect(unsafe rename(try Fixture("probe").path, library) == 0)
        try allow(outer, 0o777)
        #expect(try #require(try refusal(library)).contains("\(outer) can be written"))
    }

    @Test func `a link is followed, and its way is looked at`() throws {
        let path = try Fixture("probe").path
        let link = "\(try TemporaryFolder().path)/liblinked.so"
        let neighbour = folder(path).split(separator: "/").last ?? ""
        #expect(unsafe symlink("../\(neighbour)/libprobe.so", link) == 0)
        #expect(try refusal(link) == nil)
        try allow(folder(path), 0o777)
        #expect(try #require(try refusal(link)).contains("\(folder(path)) can be written"))
    }

    @Test func `in a sticky folder nobody can put a file in place of another's`() throws {
        let path = try Fixture("probe").path
        try allow(folder(path), 0o1777)
        #expect(try refusal(path) == nil)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `what belongs to a stranger is refused`() throws {
        let path = try Fixture("probe").path
        #expect(unsafe chown(path, 65_534, 65_534) == 0)
        let text = try #require(try refusal(path))
        #expect(text.contains("\(path) belongs to user 65534"), "\(text)")
        #expect(text.contains("it must belong to root or to user 0"), "\(text)")
    }

    @Test func `another SHA-256 than that of the configuration is refused before code runs`() throws
    {
        // FIPS 180-4, the example of one block.
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let path = try Fixture(bytes: Array("abc".utf8)).path
        let wrong = String(repeating: "0", count: 64)
        let text = try #require(try refusal(path, sha256: wrong))
        #expect(text.contains("its SHA-256 is \(digest), the configuration says \(wrong)"))
        #expect(try #require(try refusal(path, sha256: digest)).contains("it has no ELF header"))
        let upper = digest.uppercased()
        #expect(try #require(try refusal(path, sha256: upper)).contains("it has no ELF header"))
    }

    @Test func `a file that was changed in place is not the one that was loaded`() throws {
        let path = try Fixture("probe").path
        #expect(try refusal(path) == nil)
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND)
        #expect(unsafe write(descriptor, " ", 1) == 1)
        close(descriptor)
        let text = try #require(try refusal(path))
        #expect(text.contains("changed in place since it was opened"), "\(text)")
    }

    @Test func `a new file under a known path is new code`() throws {
        let path = try Fixture("probe").path
        #expect(try refusal(path) == nil)
        let next = try Fixture("broken", ["BROKEN_ENTRY=return NULL"]).path
        #expect(unsafe rename(next, path) == 0)
        #expect(try #require(try refusal(path)).contains("it does not want this host"))
    }
}
