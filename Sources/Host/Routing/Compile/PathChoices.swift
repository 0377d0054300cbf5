/// The paths of the routes with one host on one listener, each with the rule that wins it.
struct PathChoices {
    struct Choice {
        let action: Int32
        /// The length of the prefix as written: of `/v2/` and `/v2` the longer wins.
        let written: Int
    }

    private(set) var exact: [String: Choice] = [:]
    /// By prefix without its trailing slash; the prefix `/` is empty.
    private(set) var prefix: [String: Choice] = [:]

    /// Takes a match; of equals the first offered wins, so offer in the order of precedence.
    mutating func offer(_ path: RouteForm.Path, action: Int32) {
        switch path {
        case .exact(let text):
            if exact[text] == nil { exact[text] = Choice(action: action, written: text.utf8.count) }
        case .prefix(let text):
            let bare = text.hasSuffix("/") ? String(text.dropLast()) : text
            let choice = Choice(action: action, written: text.utf8.count)
            if let known = prefix[bare], known.written >= choice.written { return }
            prefix[bare] = choice
        }
    }

    /// The segments of a prefix without its trailing slash: `/a//b` has three, `` has none.
    static func segments(_ prefix: String) -> [String] {
        prefix.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .dropFirst().map { String(decoding: $0, as: UTF8.self) }
    }
}
