import SluiceFileSource
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct FollowTests {
    let host = SimulatedHost()
    let folder: Folder
    let instance: SimulatedInstance<FileSource>

    init() throws {
        folder = try Folder()
        instance = try host.make(
            FileSource.self,
            configuration: #"{"paths": ["\#(folder.path)"]}"#
        )
        folder.write("a.yaml", gateway("a"))
    }

    private func gateway(_ name: String) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: \(name)}
        spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}

        """
    }

    /// What was done since the last look, but for notes.
    private func news() -> [String] {
        defer { host.routing.changes = [] }
        return host.routing.changes.map { change in
            change.kind.isEmpty ? change.verb : "\(change.verb) \(change.kind) \(change.name)"
        }
    }

    /// Lets what happened in the folder come to rest.
    private func settle() {
        host.run()
        host.advance(by: Limits.settleMax)
    }

    @Test func `the first publication is a resync, and the health says when it is done`() throws {
        try instance.start()
        #expect(news() == ["resync", "put listener default/a/http", "commit"])
        #expect(host.health["files"] == "starting: reading files")
        host.routing.finishCommit()
        host.run()
        #expect(host.health["files"] == "ready: 1 objects of 1 files")
    }

    @Test func `a change is published alone, after it has come to rest`() throws {
        try instance.start()
        host.routing.finishCommit()
        host.run()
        _ = news()
        folder.write("b.yaml", gateway("b"))
        host.run()
        #expect(news() == [])
        settle()
        #expect(news() == ["begin", "put listener default/b/http", "commit"])
        folder.remove("a.yaml")
        settle()
        #expect(news() == [])
        host.routing.finishCommit()
        settle()
        #expect(news() == ["begin", "remove listener default/a/http", "commit"])
    }

    @Test func `a refused publication is tried again from the ground up, later and later`() throws {
        try instance.start()
        _ = news()
        for delay in [500, 1000, 2000] {
            host.routing.finishCommit(.limit)
            host.run()
            #expect(host.health["files"] == "failed: the host answered limit")
            host.advance(by: .milliseconds(delay - 1))
            #expect(news() == [])
            host.advance(by: .milliseconds(1))
            #expect(news() == ["resync", "put listener default/a/http", "commit"])
        }
    }

    @Test func `what the host finds wrong is told until it says that it is mended`() throws {
        try instance.start()
        let issue = SluiceKit.Issue(
            severity: .object,
            kind: "listener",
            name: "default/a/http",
            code: "bad",
            text: "it is bad"
        )
        host.routing.finishCommit(issues: [issue])
        host.run()
        #expect(host.health["files"]?.hasPrefix("degraded: ") == true)
        folder.write("b.yaml", gateway("b"))
        settle()
        host.routing.finishCommit()
        host.run()
        #expect(host.health["files"]?.hasPrefix("degraded: ") == true)
        folder.write("c.yaml", gateway("c"))
        settle()
        let mended = SluiceKit.Issue(
            severity: .cleared,
            kind: "listener",
            name: "default/a/http",
            code: "",
            text: ""
        )
        host.routing.finishCommit(issues: [mended])
        host.run()
        #expect(host.health["files"] == "ready: 3 objects of 3 files")
    }

    @Test func `a resync reads and lists everything again`() throws {
        try instance.start()
        host.routing.finishCommit()
        host.run()
        _ = news()
        try instance.resync()
        #expect(news() == ["resync", "put listener default/a/http", "commit"])
    }

    @Test func `stopping ends the watching`() throws {
        try instance.start()
        host.routing.finishCommit()
        host.run()
        #expect(host.watchCount == 2)
        instance.stop()
        #expect(host.isStopped)
        #expect(host.watchCount == 0)
        #expect(host.timerCount == 0)
    }
}
