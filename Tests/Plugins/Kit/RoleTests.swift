import SluiceABI
import SluiceKit
import Testing

extension KitTests {
    @Suite struct RoleTests {
        let host = FakeHost.fresh()

        @Test func `a plugin plays the roles of its protocols and no other`() throws {
            let driven = try Driven()
            #expect(driven.isRequired() == true)
            #expect(driven.playsService())
            #expect(!driven.playsFilter())
        }

        @Test func `a transaction reaches the host word by word`() throws {
            let driven = try Driven()
            try driven.resync()
            #expect(
                host.changes == [
                    .init(verb: "resync", name: "r1"),
                    .init(verb: "keep", kind: "pool", name: "default/b/80"),
                    .init(
                        verb: "put",
                        kind: "pool",
                        name: "default/a/80",
                        place: "a.yaml:3",
                        document: "{}"
                    ),
                    .init(verb: "remove", kind: "route", name: "default/old"),
                    .init(
                        verb: "note bad",
                        kind: "route",
                        name: "default/bad",
                        place: "b.yaml:1",
                        document: "expected a mapping"
                    ),
                    .init(verb: "unnote", name: "mended"),
                    .init(verb: "commit"),
                ]
            )
        }

        @Test func `a commit ends once, with its issues`() throws {
            let driven = try Driven()
            host.issues = [("unknown-pool", "default/r"), ("schema", "default/s")]
            try driven.resync()
            #expect(driven.plugin?.commits.isEmpty == true)
            host.finishCommit?(SLUICE_OK, 4)
            let commit = try #require(driven.plugin?.commits.first)
            #expect(commit.status == .ok)
            #expect(commit.generation == 4)
            #expect(commit.issues.map(\.code) == ["unknown-pool", "schema"])
            #expect(commit.issues.map(\.name) == ["default/r", "default/s"])
            #expect(commit.issues.map(\.severity) == [.object, .object])
        }

        @Test func `a refused commit throws and is not abandoned as well`() throws {
            let driven = try Driven()
            host.commitStatus = SLUICE_E_LIMIT
            #expect(
                throws: Driven.Failure(
                    status: SLUICE_E_LIMIT,
                    pointer: "",
                    text: "committing the transaction: the host answered limit"
                )
            ) { try driven.resync() }
            #expect(host.changes.last?.verb == "commit")
        }

        @Test func `a commit that finds too many waiting abandons its transaction`() throws {
            let driven = try Driven()
            host.commitStatus = SLUICE_E_BUSY
            #expect(throws: Driven.Failure.self) { try driven.resync() }
            #expect(host.changes.suffix(2).map(\.verb) == ["commit", "abandon"])
        }

        @Test func `a document that does not parse abandons the transaction`() throws {
            let driven = try Driven()
            host.putFailure = (SLUICE_E_INVALID, "/spec", "expected an object")
            #expect(
                throws: Driven.Failure(
                    status: SLUICE_E_INVALID,
                    pointer: "/spec",
                    text: "expected an object"
                )
            ) { try driven.resync() }
            #expect(host.changes.map(\.verb) == ["resync", "keep", "abandon"])
        }

        @Test func `installed is heard twice`() throws {
            let driven = try Driven()
            driven.installed(4, settled: 0)
            driven.installed(4, settled: 1)
            #expect(driven.plugin?.steps == ["installed 4 false", "installed 4 true"])
        }

        @Test func `mounts are told in the header's words`() throws {
            let driven = try Driven()
            let mounts = driven.mounts()
            #expect(mounts.map(\.prefix) == ["/v1/", "/none", "/watch"])
            #expect(mounts.map(\.pattern) == [":name/run", "", ""])
            #expect(mounts.map(\.methods) == [SLUICE_M_GET | SLUICE_M_POST, 0, 0])
            #expect(
                mounts.map(\.body) == [SLUICE_BODY_BUFFERED, SLUICE_BODY_NONE, SLUICE_BODY_NONE]
            )
            #expect(mounts.map(\.bytesMax) == [1024, 0, 0])
            #expect(mounts.map(\.headNanoseconds) == [2_000_000_000, 0, .max])
            #expect(mounts.map(\.idleNanoseconds) == [3_000_000_000, 0, 0])
            #expect(mounts.map(\.totalNanoseconds) == [0, 0, .max])
            #expect(mounts.map(\.flags) == [0, 0, SLUICE_MOUNT_HALF_CLOSE])
            #expect(mounts.map(\.inFlightMax) == [9, 0, 0])
            #expect(mounts.map(\.tag) == [5, 0, 0])
        }

        @Test func `a request is answered with what it brought`() throws {
            let driven = try Driven()
            #expect(try driven.request("/v1/a/run") == SLUICE_OK)
            #expect(driven.plugin?.steps == ["request GET /v1/a/run q=1"])
            #expect(
                host.answers == [
                    .init(id: 11, status: 201, headers: ["x-tag: 5"], body: "bodyx/y")
                ]
            )
        }

        @Test func `a request may be declined, put off or fail`() throws {
            let driven = try Driven()
            #expect(try driven.request("/decline") == SLUICE_DECLINED)
            #expect(try driven.request("/later") == SLUICE_PENDING)
            #expect(
                throws: Driven.Failure(status: SLUICE_E_INTERNAL, pointer: "", text: "cannot")
            ) { try driven.request("/fail") }
            driven.cancel(11)
            driven.done(11)
            #expect(driven.plugin?.steps.suffix(2) == ["canceled 11", "done 11"])
        }
    }
}
