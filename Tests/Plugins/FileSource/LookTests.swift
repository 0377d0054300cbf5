import SluiceFileSource
import SluiceGatewayAPI
import Testing

@Suite struct LookTests {
    private let folder: Folder

    init() throws {
        folder = try Folder()
    }

    private func names(_ look: Look) -> [String] {
        look.files.map { String($0.dropFirst(folder.path.count + 1)) }
    }

    @Test func `only manifests are found, in folders below too, without dotted names`() {
        for name in ["b.yaml", "a.yml", "c.json", "d.txt", ".e.yaml", "f.yaml~", "yaml"] {
            folder.write(name, "")
        }
        folder.makeFolder("g")
        folder.write("g/h.yaml", "")
        folder.makeFolder(".i")
        folder.write(".i/j.yaml", "")
        let look = Look(at: [folder.path])
        #expect(names(look) == ["a.yml", "b.yaml", "c.json", "g/h.yaml"])
        #expect(look.folders == [folder.path, "\(folder.path)/g"])
        #expect(look.problems.isEmpty)
    }

    @Test func `symlinks are followed and a loop of them ends`() throws {
        let other = try Folder()
        other.write("x.yaml", "")
        folder.link("far", to: other.path)
        folder.link("up", to: folder.path)
        other.link("back", to: folder.path)
        folder.write("a.yaml", "")
        folder.link("b.yaml", to: "a.yaml")
        folder.link("dangling.yaml", to: "nowhere")
        let look = Look(at: [folder.path])
        #expect(names(look) == ["a.yaml", "far/x.yaml"])
        #expect(look.problems.isEmpty)
    }

    @Test func `a mounted volume of Kubernetes is read through its links`() {
        folder.makeFolder("..1")
        folder.write("..1/a.yaml", "one")
        folder.link("..data", to: "..1")
        folder.link("a.yaml", to: "..data/a.yaml")
        #expect(names(Look(at: [folder.path])) == ["a.yaml"])
    }

    @Test func `a path that is not there is reported and the others are read`() {
        folder.write("a.yaml", "")
        let look = Look(at: ["\(folder.path)/none", "\(folder.path)/a.yaml"])
        #expect(names(look) == ["a.yaml"])
        #expect(look.problems.count == 1)
        #expect(look.problems.first?.source == "\(folder.path)/none")
    }

    @Test func `a file named as a path is read whatever it is called`() {
        folder.write("routes.conf", "")
        #expect(names(Look(at: ["\(folder.path)/routes.conf"])) == ["routes.conf"])
    }

    @Test func `each folder is watched before it is listed`() {
        folder.makeFolder("a")
        var watched: [String] = []
        let look = Look(at: [folder.path]) { name in
            // What appears between the watch and the list must not be missed.
            if watched.isEmpty { folder.write("late.yaml", "") }
            watched.append(name)
        }
        #expect(watched == look.folders)
        #expect(names(look) == ["late.yaml"])
    }
}
