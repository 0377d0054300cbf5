import SluiceBase
import SluiceConfig
import SluiceExtensions
import SluiceRouting
import Testing

/// The routing table, call by call.
@Suite struct TransactionTests {
    private static let empty = #"{"endpoints":[]}"#

    private func put(_ name: String, _ place: String = "") -> String {
        "put\tpool\t\(name)\t\(place)\t\(Self.empty)"
    }

    private func problem(_ name: String, _ text: String = "bad") -> Problem {
        let key = DocumentKey(instance: "source", kind: .pool, name: name)
        return Problem(severity: .object, key: key, code: .tooMany, text: text)
    }

    @Test func `origins tell where the parts of a document come from`() throws {
        let source = try Source()
        let origins = "/endpoints/1\ta.yaml:9\t/spec/e/1\t/endpoints\t\t/spec/e"
        source.run("begin\t0\tr", put("a", "a.yaml:3") + "\t" + origins, "commit")
        let document = try source.newest().puts.first.unwrapped("nothing was put")
        let key = document.key
        for (pointer, place, part) in [
            ("/endpoints/1/port", "a.yaml:9", "/spec/e/1"),
            ("/endpoints/10", "a.yaml:3", "/spec/e"),
            ("", "a.yaml:3", ""), ("/protocol", "a.yaml:3", ""),
        ] {
            let problem = document.locating(
                Problem(severity: .object, key: key, code: .schema, pointer: pointer, text: "")
            )
            #expect(problem.where == place && problem.source == part, "\(pointer)")
        }
        source.house.end()
    }

    @Test func `what a resync neither puts nor keeps goes`() throws {
        let source = try Source()
        source.run("begin\t0\tr", put("a"), put("b"), put("c"), "commit")
        // Also while the first commit waits.
        #expect(
            source.run(
                "begin\t1\tr",
                "keep\tpool\ta",
                "keep\tpool\tnone",
                "keep\troute\ta",
                "keep\tcloud\ta",
                put("d"),
                "keep\tpool\tb",
                "remove\tpool\tb",
                "commit"
            ).map { $0.prefix { $0 != ":" } } == [
                "begin 0", "keep 0", "keep -12", "keep -12", "keep -1", "put 0", "keep 0",
                "remove 0", "commit 1",
            ]
        )
        let resync = try source.newest()
        #expect(resync.isResync && resync.keeps.map(\.name) == ["a"])
        #expect(resync.puts.map(\.key.name) == ["d"] && resync.removes.map(\.name) == ["b"])
        for transaction in source.house.commits.all { _ = source.answer(transaction) }
        #expect(
            source.run(
                "begin\t1\tr",
                "keep\tpool\ta",
                "keep\tpool\tb",
                "keep\tpool\tc",
                "keep\tpool\td"
            ) == ["begin 0", "keep 0", "keep -12", "keep -12", "keep 0"]
        )
        source.house.end()
    }

    @Test func `what a refused commit put is not there to be kept`() throws {
        let source = try Source()
        source.run("begin\t0\tr", put("a"), "commit")
        #expect(source.answer(try source.newest(), .limit) == ["committed 1 -5 7"])
        #expect(source.run("begin\t1\tr", "keep\tpool\ta") == ["begin 0", "keep -12"])
        source.house.end()
    }

    @Test func `a commit past the limit leaves its transaction open`() throws {
        let source = try Source { $0.limits.commitsWaitingMax = 2 }
        for name in ["a", "b"] { source.run("begin\t0\tr", put(name), "commit") }
        #expect(
            source.run("begin\t0\tr", put("c"), "commit", put("d"))
                == ["begin 0", "put 0", "commit -17", "put 0"]
        )
        #expect(source.house.commits.all.count == 2)
        _ = source.answer(source.house.commits.all[0])
        #expect(source.run("commit") == ["commit 1"])
        #expect(Set(try source.newest().puts.map(\.key.name)) == ["c", "d"])
        source.house.end()
    }

    @Test func `a verdict is told when it has changed, and when it is cleared`() throws {
        let source = try Source()
        func commit(_ verb: String, _ problems: [Problem]) throws -> [String] {
            source.run("begin\t0\tr", verb)
            return source.answer(try source.newest(), .installed, problems)
        }
        let told = "pool a too-many [] [] [] bad"
        #expect(
            try commit("commit", [problem("a"), problem("b")]) == [
                "issue 1 \(told)", "issue 1 pool b too-many [] [] [] bad", "committed 1 0 7",
            ]
        )
        #expect(try commit("commit", [problem("a"), problem("b")]) == ["committed 2 0 7"])
        // Who does not listen is not told.
        #expect(try commit("mute", [problem("a", "worse")]) == ["committed 3 0 7"])
        #expect(
            try commit("commit", [problem("a"), problem("a", "worse")]) == [
                "issue 1 \(told)", "issue 1 pool a too-many [] [] [] worse",
                "issue 3 pool b cleared [] [] [] nothing is wrong with it any more",
                "committed 4 0 7",
            ]
        )
        #expect(
            try commit("commit", []).map { $0.prefix(15) } == [
                "issue 3 pool a ", "committed 5 0 7",
            ]
        )
        source.house.end()
    }

    @Test func `notes stand by key until they are replaced, taken back or not said again`() throws {
        let source = try Source()
        var publications = Publications(World())
        func notes() -> [String] { publications.notes.map { "\($0.name) \($0.text) \($0.source)" } }
        func commit(_ calls: String...) throws {
            source.run(calls + ["commit"])
            publications.apply(try source.newest())
        }
        try commit("begin\t0\tr", "note\tk\troute\ta\tone", "note\tl\tpool\tb\ttwo")
        #expect(notes() == ["a one /spec", "b two /spec"])
        try commit("begin\t0\tr", "note\tk\troute\ta\tthree", "unnote\tl", "unnote\tnone")
        #expect(notes() == ["a three /spec"])
        try commit("begin\t1\tr", "note\tm\troute\tc\tfour")
        #expect(notes() == ["c four /spec"])
        source.house.end()
    }

    @Test func `a source has a limited number of notes`() throws {
        let source = try Source()
        let many = (1...1_000).map { "note\t\($0)\troute\ta\tx" }
        #expect(
            Set(source.run(["begin\t0\tr"] + many + ["commit"]).dropFirst()) == [
                "note 0", "commit 1",
            ]
        )
        #expect(
            source.run("begin\t0\tr", "note\tnew\troute\ta\tx", "note\t7\troute\ta\ty", "unnote\t8")
                == ["begin 0", "note -5 a source has 1000 notes at most", "note 0", "unnote 0"]
        )
        #expect(source.run("note\tnew\troute\ta\tx", "abandon") == ["note 0", "abandon 0"])
        source.house.end()
    }

    @Test func `calls off the lane, without a transaction and beside one are refused`() throws {
        let source = try Source()
        #expect(source.runHere("begin\t0\tr") == ["begin -7 documents are published on the lane"])
        #expect(
            source.run("keep\tpool\ta", "unnote\tk", "commit") == [
                "keep -8", "unnote -8", "commit -8",
            ]
        )
        #expect(
            source.run("begin\t0\tr", "begin\t0\tr").last
                == "begin -8 a transaction is open already"
        )
        #expect(source.run("abandon", "begin\t0\tr") == ["abandon 0", "begin 0"])
        source.house.end()
    }

    @Test func `commits that wait at stop are answered in order before destroy`() throws {
        let source = try Source()
        for name in ["a", "b", "c"] { source.run("begin\t0\tr", put(name), "commit") }
        _ = source.answer(source.house.commits.all[0])
        let before = source.log.count
        source.house.end()
        let rest = ["committed 2 -14 0", "committed 3 -14 0", "destroyed"]
        #expect(Array(source.log.dropFirst(before)) == rest)
        source.house.commits.all[1].complete(status: .installed, generation: 9, problems: [])
        #expect(Array(source.log.dropFirst(before)) == rest)
    }
}
