import Testing

/// The style guide, held against every file of the repository.
struct TidyTests {
    private func expectNone(_ findings: [Finding]) {
        guard !findings.isEmpty else { return }
        Issue.record("\(findings.map(\.description).joined(separator: "\n"))")
    }

    @Test(arguments: Rule.all)
    func `the repository keeps the rule`(rule: Rule) {
        expectNone(Tree.files.flatMap(rule.findings))
    }

    @Test func `the tree is read, with sources on both sides of the boundary`() {
        let paths = Set(Tree.files.map(\.path))
        #expect(paths.contains("Package.swift"))
        #expect(paths.contains("Plugins/ABI/include/sluice.h"))
        #expect(paths.contains("Sources/Host/Main/Main.swift"))
        #expect(!paths.contains { $0.hasPrefix(".build/") })
    }

    @Test func `no folder holds more source files than the guide allows`() {
        expectNone(Rule.crowdedFolders(Tree.files.map(\.path)))
    }

    @Test func `rooms import what the table allows`() {
        expectNone(Imports.strangers(Tree.files))
    }

    @Test func `every plugin has a readme, settings and an entry`() {
        expectNone(PluginFolders.lacking(Tree.files.map(\.path)))
    }

    @Test func `no source file is dead`() {
        expectNone(Declarations.dead(Tree.files))
    }
}

/// Each rule proves on a made-up file that it can fail, and that it does not always.
struct RuleTests {
    @Test(arguments: Rule.all)
    func `a rule finds its breach and passes what is kept`(rule: Rule) {
        #expect(!rule.findings(in: rule.breach.file).isEmpty)
        let wrong = rule.findings(in: rule.kept.file).map(\.description)
        #expect(wrong == [])
    }

    @Test func `a folder with more sources than twenty is crowded`() {
        let paths = (1...21).map { "Sources/Host/Serve/A\($0).swift" }
        #expect(Rule.crowdedFolders(paths).count == 1)
        #expect(Rule.crowdedFolders(paths.dropLast() + ["Sources/Host/Serve/Path/B.swift"]).isEmpty)
    }

    @Test(arguments: [
        ("Sources/Host/Ring/A.swift", "import SluiceServe"),
        ("Sources/Host/Base/A.swift", "package import SluiceShared"),
        ("Sources/Host/Admin/A.swift", "import struct SluiceServe.Worker"),
        ("Plugins/FileSource/A.swift", "internal import SluiceBase.Bytes"),
        ("Plugins/Unknown/A.swift", "import Glibc"),
        ("Sources/Host/HTTP/A.swift", "@preconcurrency import FoundationEssentials"),
    ])
    func `an import that the table lacks is found`(path: String, line: String) {
        #expect(Imports.strangers([SourceFile(path: path, line)]).count == 1)
    }

    @Test func `imports of the table and words in comments pass`() {
        let text =
            "// import SluiceServe\npackage import SluiceBase\nimport Glibc\nlet important = 1\n"
        #expect(Imports.strangers([SourceFile(path: "Sources/Host/Ring/A.swift", text)]).isEmpty)
    }

    @Test func `the table itself keeps the sides apart`() {
        let host = Imports.host.union(["sluice"])
        let neutral: Set<String> = ["SluiceShared", "SluiceABI"]
        let plugins = Set(Imports.allowed.keys).subtracting(host).subtracting(neutral)
        for (room, row) in Imports.allowed {
            let others = host.contains(room) ? plugins : host
            #expect(row.isDisjoint(with: others) && !row.contains(room), "\(room)")
        }
        #expect(Imports.allowed["SluiceShared"]?.contains { $0.hasPrefix("Sluice") } == false)
    }

    @Test func `a plugin without a readme or settings is found`() {
        let swift = ["Plugins/A/Entry/Plugin.swift", "Plugins/A/B.swift"]
        #expect(
            PluginFolders.lacking(swift).map(\.text) == [
                "has no README.md", "has no Settings.swift",
            ]
        )
        #expect(PluginFolders.lacking(["Plugins/C/c.c", "Plugins/C/README.md"]).count == 1)
        let whole = swift + ["Plugins/A/README.md", "Plugins/A/Settings.swift"]
        #expect(PluginFolders.lacking(whole).isEmpty)
    }

    @Test func `an empty file and an unused one are dead`() {
        let empty = SourceFile(path: "Sources/Host/Base/A.swift", "import Glibc\n")
        let used = SourceFile(path: "Sources/Host/Base/B.swift", "struct B {}\n")
        let user = SourceFile(path: "Sources/Host/Base/C.swift", "@c func c() -> B {}\n")
        let unused = SourceFile(path: "Sources/Host/Base/D.swift", "struct D {}\n")
        let dead = Declarations.dead([empty, used, user, unused]).map(\.path)
        #expect(dead == [empty.path, unused.path])
    }

    @Test func `comments and strings are not code`() {
        let text = #"""
            let a = "try! \(b["x"]) as!" // print(
            let c = """
                as! " try!
                """ /* print( /* try! */ as! */
            func `as! try!`() {}
            """#
        let file = SourceFile(path: "Sources/A.swift", text)
        #expect(!file.code.joined().contains("!"))
        #expect(file.code[0].contains("let a ="))
        #expect(file.code[4].contains("func"))
        #expect(file.comments[0].contains("print("))
        #expect(file.code.map(\.count) == file.lines.map(\.count))
    }

    @Test func `functions are measured in every language`() {
        let swift =
            "struct A {\n func b(\n  c: Int\n )\n where D: E {\n  f { g }\n }\n}\n"
        let found = Function.all(in: SourceFile(path: "a.swift", swift))
        #expect(found.map(\.name) == ["b"])
        #expect(found.map(\.lineCount) == [6])
        let c = "int a(int b);\nstatic int\nc(void)\n{\n  if (d) { e(); }\n}\n"
        #expect(Function.all(in: SourceFile(path: "a.c", c)).map(\.lineCount) == [4])
        let python = "class A:\n    def b(self):\n        c()\n\n        d()\n\n    e = 1\n"
        #expect(Function.all(in: SourceFile(path: "a.py", python)).map(\.lineCount) == [4])
    }
}
