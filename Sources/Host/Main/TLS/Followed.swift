internal import SluiceBase

/// What is wrong with a file, as a sentence that says what to do.
struct FileFault: Error, Sendable, Equatable {
    let file: String
    let text: String
}

/// What files have in them when they can be used.
protocol FileContent: Equatable, Sendable {
    /// What the log says of it, such as a fingerprint; nothing secret.
    var summary: String { get }
}

/// What a reader of files may want to know.
struct FileLook<Content: FileContent> {
    /// What is in force.
    let old: Content?
    /// Whether what does not fit now is refused; else it is read again a second later.
    let isLast: Bool
}

/// Files that make up one thing and are read again when one of them is replaced, written or linked
/// elsewhere.
///
/// What cannot be used never takes the place of what was good. Files that belong together are not
/// replaced at one moment, so that a few looks are waited until they fit.
struct Followed<Content: FileContent>: Sendable {
    typealias Reader = @Sendable (FileLook<Content>) throws(FileFault) -> Content

    /// What a look has found.
    enum Outcome {
        /// Nothing, or nothing that could be said yet.
        case unchanged
        case replaced(by: Content)
        case refused(FileFault)
    }

    /// Looks at files that were replaced before they are refused.
    private static var looksMax: Int { 5 }

    let files: [String]
    /// What is in force; nil: it was never good.
    private(set) var content: Content?
    /// Why the files as they are now cannot be used; nil: they are in force, or not judged yet.
    private(set) var fault: FileFault?
    private let read: Reader
    private var seen: [FileIdentity?]?
    private var looksLeft = 0

    init(_ files: [String], read: @escaping Reader) {
        self.files = files
        self.read = read
    }

    /// Looks whether the files are others than before; `again` reads them in any case.
    mutating func look(again: Bool) -> Outcome {
        let identities = files.map(FileIdentity.init)
        if identities != seen {
            looksLeft = seen == nil ? 1 : Self.looksMax
            seen = identities
        } else if again {
            looksLeft = max(looksLeft, 1)
        }
        guard looksLeft > 0 else { return .unchanged }
        looksLeft -= 1
        do throws(FileFault) {
            let new = try read(FileLook(old: content, isLast: looksLeft == 0))
            looksLeft = 0
            fault = nil
            guard new != content else { return .unchanged }
            content = new
            return .replaced(by: new)
        } catch {
            guard looksLeft == 0 else { return .unchanged }
            fault = error
            return .refused(error)
        }
    }
}

/// What is said of followed files: to the log while the host runs, and by `sluice check`.
struct FileNews: Sendable {
    /// What the files are for, such as `listener "web"`.
    let user: String
    /// What is new in force; nil: nothing is.
    private var summary: String?
    private(set) var fault: FileFault?
    private let file: String
    private let keepsOld: Bool

    /// The news of a look; nil: there is none.
    ///
    /// What is found good at the first look is as expected.
    init?<Content>(_ followed: inout Followed<Content>, of user: String, again: Bool) {
        let isFirst = followed.isNew
        self.user = user
        keepsOld = followed.content != nil
        file = followed.files.first ?? ""
        switch followed.look(again: again) {
        case .unchanged: return nil
        case .replaced(let content):
            guard !isFirst else { return nil }
            summary = content.summary
        case .refused(let fault): self.fault = fault
        }
    }

    /// Whether something else is in force than before.
    var isChange: Bool { fault == nil }

    func log() {
        guard let fault else {
            return Log.info(
                "a replaced file is in force",
                "file",
                file,
                "for",
                user,
                "now",
                summary ?? ""
            )
        }
        let outcome =
            keepsOld
            ? "a replaced file cannot be used: what was read before stays in force"
            : "a file cannot be used: what needs it is left out until the file is right"
        Log.error(outcome, "file", fault.file, "for", user, "problem", fault.text)
    }
}

extension Followed {
    /// Whether nobody has looked yet.
    fileprivate var isNew: Bool { seen == nil }
}
