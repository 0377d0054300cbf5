import SluiceABI
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct SourceTests {
    let host = SimulatedHost()

    @Test func `a plugin plays the roles of its protocols and no other`() throws {
        let instance = try host.make(Scripted.self)
        #expect(instance.plays(SLUICE_ROLE_SOURCE))
        #expect(!instance.plays(SLUICE_ROLE_SERVICE))
        #expect(!instance.plays(SLUICE_ROLE_FILTER))
        #expect(!instance.plays(SLUICE_ROLE_ADMIN))
    }

    @Test func `a transaction reaches the host word by word`() throws {
        let instance = try host.make(Scripted.self)
        try instance.resync()
        #expect(
            host.routing.changes == [
                .init("resync", name: "r1"),
                .init("keep", kind: "pool", name: "default/b/80"),
                .init("put", kind: "pool", name: "default/a/80", place: "a.yaml:3", text: "{}"),
                .init("remove", kind: "route", name: "default/old"),
                .init(
                    "note",
                    kind: "route",
                    name: "bad",
                    place: "b.yaml:1",
                    text: "expected a mapping"
                ),
                .init("unnote", name: "mended"),
                .init("commit"),
            ]
        )
    }

    @Test func `a commit ends once, with its issues`() throws {
        let instance = try host.make(Scripted.self)
        try instance.resync()
        #expect(try instance.with { $0.commits.isEmpty })
        let issues = ["unknown-pool", "schema"].map { code in
            SluiceKit.Issue(severity: .object, kind: "route", name: "r", code: code, text: "x")
        }
        host.routing.finishCommit(generation: 4, issues: issues)
        host.run()
        let expected = Commit(status: .ok, generation: 4, issues: issues)
        #expect(try instance.with { $0.commits } == [expected])
    }

    @Test func `a refused commit throws and is not abandoned as well`() throws {
        let instance = try host.make(Scripted.self)
        host.routing.commitStatus = .limit
        let expected = PluginError(
            .limit,
            "committing the transaction: the host answered limit"
        )
        #expect(throws: expected) { try instance.resync() }
        #expect(host.routing.changes.last?.verb == "commit")
    }

    @Test func `a commit that finds too many waiting abandons its transaction`() throws {
        let instance = try host.make(Scripted.self)
        host.routing.commitStatus = .busy
        #expect(throws: PluginError.self) { try instance.resync() }
        #expect(host.routing.changes.suffix(2).map(\.verb) == ["commit", "abandon"])
    }

    @Test func `a document that does not parse abandons the transaction`() throws {
        let instance = try host.make(Scripted.self)
        let failure = PluginError(.invalid, "expected an object", at: "/spec")
        host.routing.putFailure = failure
        #expect(throws: failure) { try instance.resync() }
        #expect(host.routing.changes.map(\.verb) == ["resync", "keep", "abandon"])
    }

    @Test func `what fails after the first wait is logged`() throws {
        let instance = try host.make(Scripted.self, configuration: "late failure")
        try instance.resync()
        host.routing.finishCommit()
        host.run()
        #expect(host.lines.last?.fields == ["task": "resync", "error": "after the commit"])
    }

    @Test func `installed is heard twice`() throws {
        let instance = try host.make(Scripted.self)
        instance.installed(4, isSettled: false)
        instance.installed(4, isSettled: true)
        #expect(
            try instance.with { $0.steps } == ["installed 4 false", "installed 4 true"]
        )
    }
}
