internal import SluiceBase
internal import SluiceServe
internal import SluiceTLS

/// Gives the workers the keys of session tickets: those of a file, or random ones that rotate.
struct TicketKeeper: Sendable {
    private static let user = "tls.ticketKeys"
    private static let rotationNanoseconds = 3_600 * Clock.nanosecondsPerSecond

    private let board: TicketBoard
    private var file: Followed<TicketRing>?
    private var random: TicketRing?
    private var rotationDue: UInt64 = 0

    init(_ file: String?, board: TicketBoard) {
        self.board = board
        self.file = file.map(Self.follow)
    }

    /// A file of ticket keys, as it is read.
    private static func follow(_ path: String) -> Followed<TicketRing> {
        Followed([path]) { _ throws(FileFault) in
            let bytes = try MaterialFile.read(path)
            do throws(TicketFault) {
                return try TicketRing(file: bytes)
            } catch {
                throw FileFault(file: path, text: error.description)
            }
        }
    }

    /// What is wrong with a file of ticket keys; nil: nothing.
    static func check(_ path: String) -> FileNews? {
        var file = follow(path)
        return FileNews(&file, of: user, again: false)
    }

    /// Why the file cannot be used as it is; nil: it can, or there is none.
    var fault: String? {
        file?.fault.map { "\(Self.user): \($0.file): \($0.text)" }
    }

    /// Publishes keys that are new or due; the news of the file.
    ///
    /// While a file was never good, the keys are random ones.
    mutating func look(at now: UInt64 = Clock.now(), again: Bool) -> FileNews? {
        let known = file?.content
        var news: FileNews?
        if var followed = file {
            news = FileNews(&followed, of: Self.user, again: again)
            file = followed
        }
        if let ring = file?.content {
            if ring != known { board.publish(ring) }
        } else if now >= rotationDue {
            rotate()
            rotationDue = now + Self.rotationNanoseconds
        }
        return news
    }

    private mutating func rotate() {
        do throws(TicketFault) {
            let next = if let random { try random.rotated() } else { try TicketRing.fresh() }
            random = next
            board.publish(next)
        } catch {
            Log.error("the keys of session tickets do not rotate", "problem", error.description)
        }
    }
}

extension TicketRing: FileContent {
    var summary: String { "\(keys.count) keys" }
}
