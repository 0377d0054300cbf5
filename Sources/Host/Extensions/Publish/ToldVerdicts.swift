internal import SluiceABI
internal import SluiceBase
internal import SluiceRouting

/// What a source was last told of its documents.
///
/// A verdict is all that is wrong with one document. When it has changed, all of it is told; when
/// nothing is wrong any more, that is.
struct ToldVerdicts {
    private var told: [DocumentKey: [Problem]] = [:]

    /// The issues that bring the source up to date; it is told them.
    mutating func news(_ problems: [Problem]) -> [SourceIssue] {
        let verdicts = Dictionary(grouping: problems, by: \.key)
        var seen: Set<DocumentKey> = []
        var news: [SourceIssue] = []
        for key in problems.map(\.key) where seen.insert(key).inserted {
            guard let verdict = verdicts[key], verdict != told[key] else { continue }
            news += verdict.map(SourceIssue.init)
        }
        for (key, old) in told.sorted(by: { $0.key < $1.key }) where verdicts[key] == nil {
            news.append(SourceIssue(clearing: key, where: old.first?.where ?? ""))
        }
        told = verdicts
        return news
    }
}

/// A problem, or its end, as the header's struct, for the time of one call.
struct SourceIssue {
    private let severity: Int32
    private let bytes: [UInt8]
    private let counts: [Int]

    init(_ problem: Problem) {
        self.init(
            problem.severity.rawValue,
            problem.kind.rawValue,
            problem.name,
            problem.code,
            problem.pointer,
            problem.where,
            problem.source,
            problem.text
        )
    }

    /// Nothing is wrong with the document any more.
    init(clearing key: DocumentKey, where place: String) {
        let text = "nothing is wrong with it any more"
        self.init(
            SLUICE_ISSUE_CLEARED,
            key.kind.rawValue,
            key.name,
            "cleared",
            "",
            place,
            "",
            text
        )
    }

    private init(_ severity: Int32, _ texts: String...) {
        self.severity = severity
        bytes = texts.flatMap { Array($0.utf8) }
        counts = texts.map(\.utf8.count)
    }

    func tell(_ body: (UnsafePointer<sluice_issue>) -> Void) {
        bytes.withBytes { bytes in
            var offset = 0
            var spans: [sluice_span] = unsafe []
            for count in counts {
                unsafe spans.append(bytes.slice(offset, count).span)
                offset += count
            }
            var issue = unsafe sluice_issue(
                size: UInt32(MemoryLayout<sluice_issue>.size),
                severity: severity,
                kind: spans[0],
                name: spans[1],
                code: spans[2],
                pointer: spans[3],
                where: spans[4],
                source: spans[5],
                text: spans[6]
            )
            unsafe body(&issue)
        }
    }
}
