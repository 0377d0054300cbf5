import SluiceFileSource
import SluiceGatewayAPI
import SluiceKit
import Testing

@Suite struct VerdictTests {
    private let route = DocumentName(.route, "default/r")

    private func issue(
        _ name: String,
        _ severity: SluiceKit.Issue.Severity,
        _ text: String = ""
    ) -> SluiceKit.Issue {
        SluiceKit.Issue(severity: severity, kind: "route", name: name, code: "c", text: text)
    }

    private func heard(_ commits: [[SluiceKit.Issue]]) -> Verdicts {
        var verdicts = Verdicts()
        for news in commits { verdicts.hear(news, put: [], removed: [], refused: []) }
        return verdicts
    }

    @Test func `what is told stands until it is told again or cleared`() {
        let first = [issue("default/r", .object, "a"), issue("default/s", .warning, "b")]
        #expect(heard([first, []]).issues == first)
        let other = issue("default/s", .object, "x")
        #expect(heard([first, [other]]).issues == [first[0], other])
        let verdicts = heard([first, [other], [issue("default/r", .cleared)]])
        #expect(verdicts.issues == [other])
        #expect(verdicts.documents == [DocumentName(.route, "default/s")])
    }

    @Test func `a refused document stands until it is put again`() {
        let refused = issue("default/r", .object, "does not parse")
        var verdicts = Verdicts()
        verdicts.hear([], put: [route], removed: [], refused: [refused])
        verdicts.hear([], put: [], removed: [], refused: [])
        #expect(verdicts.issues == [refused])
        verdicts.hear([], put: [route], removed: [], refused: [])
        #expect(verdicts.issues.isEmpty)
    }

    @Test func `a document that is gone has no verdict`() {
        var verdicts = heard([[issue("default/r", .object, "a")]])
        verdicts.hear([], put: [], removed: [route], refused: [])
        #expect(verdicts.issues.isEmpty)
    }
}
