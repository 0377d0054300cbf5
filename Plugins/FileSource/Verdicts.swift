package import SluiceGatewayAPI
package import SluiceKit

/// What is wrong with documents, as far as it has been told: the host tells only what changes.
package struct Verdicts {
    /// What the host found, by document or by what else an issue names.
    private var told: [Subject: [Issue]] = [:]
    /// Documents that the host would not take at all.
    private var refused: [Subject: [Issue]] = [:]

    /// What an issue speaks of.
    fileprivate struct Subject: Hashable, Comparable {
        let kind: String
        let name: String

        static func < (left: Subject, right: Subject) -> Bool {
            (left.kind, left.name) < (right.kind, right.name)
        }
    }

    /// Nothing is wrong so far.
    package init() {}

    /// All that is wrong, by document.
    package var issues: [Issue] {
        let both = refused.merging(told) { refused, told in refused + told }
        return both.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    /// The documents that something is wrong with.
    package var documents: Set<DocumentName> { Set(issues.compactMap(\.documentName)) }

    /// Takes what one commit brought: the verdicts that changed, and what the host had refused of
    /// the documents that were put.
    package mutating func hear(
        _ news: [Issue],
        put: [DocumentName],
        removed: [DocumentName],
        refused fresh: [Issue]
    ) {
        for name in put + removed { refused[Subject(name)] = nil }
        for name in removed { told[Subject(name)] = nil }
        for issue in fresh { refused[Subject(of: issue), default: []].append(issue) }
        for subject in Set(news.map(Subject.init(of:))) { told[subject] = nil }
        for issue in news where issue.severity != .cleared {
            told[Subject(of: issue), default: []].append(issue)
        }
    }
}

extension Verdicts.Subject {
    fileprivate init(_ name: DocumentName) {
        kind = name.kind.rawValue
        self.name = name.name
    }

    fileprivate init(of issue: Issue) {
        kind = issue.kind
        name = issue.name
    }
}
