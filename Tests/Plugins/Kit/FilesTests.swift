import Glibc
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct FilesTests {
    let host = SimulatedHost()
    let folder: String

    init() throws {
        var template = Array("/tmp/sluice-kit-XXXXXX".utf8CString)
        _ = unsafe try #require(mkdtemp(&template))
        folder = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    }

    private func write(_ name: String, _ text: String) {
        let fd = unsafe open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let bytes = Array(text.utf8)
        unsafe #expect(Glibc.write(fd, bytes, bytes.count) == bytes.count)
        close(fd)
    }

    private func remove() {
        for entry in (try? Files.list(folder)) ?? [] {
            let path = "\(folder)/\(entry.name)"
            if entry.kind == .folder { unsafe rmdir(path) } else { unsafe unlink(path) }
        }
        unsafe unlink("\(folder)/dangling")
        unsafe rmdir(folder)
    }

    @Test func `a folder is listed in order, symlinks followed`() throws {
        defer { remove() }
        write("b.yaml", "b")
        write("a.yaml", "a")
        unsafe mkdir("\(folder)/c", 0o700)
        unsafe symlink("b.yaml", "\(folder)/d.yaml")
        unsafe symlink("nowhere", "\(folder)/dangling")
        let entries = try Files.list(folder)
        #expect(entries.map(\.name) == ["a.yaml", "b.yaml", "c", "d.yaml"])
        #expect(entries.map(\.kind) == [.file, .file, .folder, .file])
        #expect(entries[1].identity == entries[3].identity)
        #expect(entries[0].identity != entries[1].identity)
    }

    @Test func `a file is read up to its limit`() throws {
        defer { remove() }
        write("a", "12345")
        #expect(try Files.read("\(folder)/a", bytesMax: 5) == Array("12345".utf8))
        #expect(
            throws: PluginError(
                .limit,
                "\(folder)/a: larger than 4 bytes; make it smaller"
            )
        ) { _ = try Files.read("\(folder)/a", bytesMax: 4) }
    }

    @Test func `what is not there or no file is refused by name`() throws {
        defer { remove() }
        #expect(
            throws: PluginError(
                .notFound,
                "opening \(folder)/no: No such file or directory"
            )
        ) { _ = try Files.read("\(folder)/no", bytesMax: 1) }
        #expect(throws: PluginError(.invalid, "\(folder): expected a regular file")) {
            _ = try Files.read(folder, bytesMax: 1)
        }
        #expect(throws: PluginError.self) { _ = try Files.list("\(folder)/no") }
    }

    @Test func `a change in a watched folder is heard once for a burst`() throws {
        defer { remove() }
        let instance = try host.make(Scripted.self)
        let changes = Changes()
        let path = folder
        try instance.with { plugin in
            let watch = try FolderWatch(plugin.host) { changes.count += 1 }
            try watch.add(path)
            changes.watch = watch
        }
        host.run()
        #expect(changes.count == 0)
        write("a", "1")
        write("b", "2")
        host.run()
        #expect(changes.count == 1)
        #expect(throws: PluginError.self) { try changes.watch?.add("\(path)/no") }
        changes.watch?.close()
        host.run()
        #expect(host.watchCount == 0)
        #expect(throws: PluginError.self) { try changes.watch?.add(path) }
    }
}

/// What was heard; on the lane.
private final class Changes: @unchecked Sendable {
    var count = 0
    var watch: FolderWatch?
}
