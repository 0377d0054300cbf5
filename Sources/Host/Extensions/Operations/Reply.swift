internal import Glibc
internal import SluiceBase
internal import SluiceShared

/// What a `sluice_reply` is: the JSON object that an operation builds, member by member.
///
/// Its text is valid JSON whatever the plugin does; what it does wrong is kept as one sentence.
/// Replies are never freed, so a pointer that a plugin keeps too long finds one that is closed.
@safe
final class Reply: @unchecked Sendable {
    /// An open object or array.
    private struct Level {
        let isArray: Bool
        var isEmpty = true
        var keys: Set<String> = []
    }

    /// The thread that may write; 0: none.
    private let owner = Cell.permanent()
    /// Calls by other threads.
    private let strays = Cell.permanent()
    private var bytes: [UInt8] = []
    private var levels: [Level] = []
    private var bytesMax = 0
    private var mistake: String?
    private var message: String?

    /// Objects and arrays inside each other.
    static let depthMax = 32

    /// Opens it for the calling thread.
    func open(bytesMax: Int) {
        self.bytesMax = bytesMax
        bytes = [UInt8(ascii: "{")]
        levels = [Level(isArray: false)]
        mistake = nil
        message = nil
        strays.set(0)
        owner.release(Self.thread)
    }

    /// What the operation has said when it has returned.
    struct Result: Sendable {
        /// The object.
        var text: [UInt8]
        /// What goes with a failure; nil: nothing was said.
        var message: String?
        /// What the plugin did wrong with the reply; then the text is incomplete.
        var mistake: String?
    }

    /// Closes it; no thread may write any more.
    func close() -> Result {
        owner.release(0)
        if levels.count > 1 { fault("push() without pop(), \(levels.count - 1) of them") }
        for level in levels.reversed() { bytes.append(level.isArray ? Self.bracket : Self.brace) }
        if strays.acquire() > 0 {
            fault("a call from another thread than the operation's, which was ignored")
        }
        let result = Result(text: bytes, message: message, mistake: mistake)
        bytes = []
        levels = []
        return result
    }

    private static let brace = UInt8(ascii: "}")
    private static let bracket = UInt8(ascii: "]")

    /// pthread_t is an address, and so never 0.
    private static var thread: UInt64 { UInt64(pthread_self()) }
}

// What the table calls; nothing happens on another thread, or once a mistake was made.
extension Reply {
    /// Adds a value under `key`, or, without one, to the open array.
    func add(_ key: String?, _ value: @autoclosure () -> JSON) {
        guard isOpen else { return }
        add(key, text: value().canonical())
    }

    /// Adds a value that is JSON text; one that is none is a mistake.
    func add(_ key: String?, json text: Bytes) {
        guard isOpen else { return }
        guard text.count <= bytesMax else { return faultOfLength() }
        do throws(ParseFailure) {
            let limits = ParseLimits(depthMax: Self.depthMax, bytesMax: bytesMax)
            let value = try JSONDocument(parsing: text.array, limits: limits).root
            add(key, text: value.canonical())
        } catch {
            fault("json() with a text that is not JSON: \(error)")
        }
    }

    /// Opens an array or an object.
    func push(_ key: String?, isArray: Bool) {
        guard isOpen else { return }
        guard levels.count < Self.depthMax else {
            return fault("more than \(Self.depthMax) objects and arrays inside each other")
        }
        add(key, text: [UInt8(ascii: isArray ? "[" : "{")])
        if mistake == nil { levels.append(Level(isArray: isArray)) }
    }

    /// Closes what was opened last.
    func pop() {
        guard isOpen else { return }
        guard levels.count > 1, let level = levels.popLast() else {
            return fault("pop() without push()")
        }
        bytes.append(level.isArray ? Self.bracket : Self.brace)
    }

    /// Keeps what goes with a failing status; the last one counts.
    func fail(_ text: Bytes) {
        guard isOpen else { return }
        message = text.prefix(min(text.count, Self.messageBytesMax)).text
    }

    private static let messageBytesMax = 4_096

    /// Whether a text of so many bytes is short enough to be looked at; nil: it is no text.
    func fits(_ count: Int?) -> Bool {
        if let count, count <= bytesMax { return true }
        guard isOpen else { return false }
        if count == nil { fault("a span that names no memory") } else { faultOfLength() }
        return false
    }

    private var isOpen: Bool {
        guard owner.acquire() == Self.thread else {
            strays.add(1)
            return false
        }
        return mistake == nil
    }

    private func add(_ key: String?, text: [UInt8]) {
        let place = levels.count - 1
        guard levels[place].isArray == (key == nil) else {
            return fault(
                key.map { "a key, \(quoted($0)), in an array" }
                    ?? "a value without a key in an object"
            )
        }
        var piece: [UInt8] = levels[place].isEmpty ? [] : [UInt8(ascii: ",")]
        if let key {
            guard levels[place].keys.insert(key).inserted else {
                return fault("the key \(quoted(key)) twice in one object")
            }
            piece += JSON.string(key).canonical() + [UInt8(ascii: ":")]
        }
        piece += text
        // Room for the ends of all that is open.
        guard bytes.count + piece.count + levels.count < bytesMax else { return faultOfLength() }
        levels[place].isEmpty = false
        bytes += piece
    }

    private func faultOfLength() {
        fault("more than \(bytesMax) bytes (limits.operationReplyBytesMax)")
    }

    private func fault(_ text: String) { mistake = mistake ?? text }
}
