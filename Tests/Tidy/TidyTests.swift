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

    @Test func `no room reaches the other side of the boundary`() {
        #expect(Imports.unlawfulReach(Tree.files) == [])
    }

    @Test func `every plugin has a readme, settings and an entry`() {
        expectNone(PluginFolders.lacking(Tree.files.map(\.path)))
    }

    @Test func `no source file is dead`() {
        expectNone(Declarations.dead(Tree.files))
    }
}
