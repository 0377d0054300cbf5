/// Every function of the header says who may call it: `[lane]`, `[worker]`, `[pool]` or `[any]`.
enum LaneTags {
    static let header = "Plugins/ABI/include/sluice.h"

    static let tags = ["[lane]", "[worker]", "[pool]", "[any]"]

    /// A comment with these words next to a tag speaks for the members that follow it.
    static let groupWords = "for all"

    /// One statement of the header outside its comments.
    private struct Statement {
        var text = ""
        var line = 0
        var comment = ""
    }

    static func check(_ file: SourceFile) -> [Finding] {
        var found: [Finding] = []
        var group = false
        for statement in statements(file) {
            if statement.text.contains("struct"), statement.text.hasSuffix("{") { group = false }
            if statement.text.hasPrefix("}") { group = false }
            let isTagged = tags.contains(where: statement.comment.contains)
            if isTagged { group = statement.comment.contains(groupWords) }
            guard let name = function(statement.text), !isTagged, !group else { continue }
            found.append(
                file.finding(
                    statement.line,
                    "`\(name)` has no thread tag (\(tags.joined(separator: " "))) before it"
                )
            )
        }
        return found
    }

    /// Splits at `;`, `{` and `}` outside parentheses and bodies, with the comment before each
    /// statement or after it on its last line.
    private static func statements(_ file: SourceFile) -> [Statement] {
        var all: [Statement] = []
        var current = Statement()
        var depth = 0
        var body = 0
        for (index, line) in file.code.enumerated() where !line.trimmed.hasPrefix("#") {
            let firstOfLine = all.count
            for letter in line {
                depth += letter == "(" ? 1 : letter == ")" ? -1 : 0
                if current.text.isEmpty { current.line = index + 1 }
                if !letter.isWhitespace || !current.text.isEmpty { current.text.append(letter) }
                guard depth == 0, letter == ";" || letter == "{" || letter == "}" else { continue }
                let opensBody = body > 0 || current.text.hasSuffix(") {")
                body += letter == "{" && opensBody ? 1 : 0
                if body == 0 { all.append(current) }
                body -= letter == "}" && body > 0 ? 1 : 0
                current = Statement()
            }
            let comment = file.comments[index].trimmed + " "
            if all.count > firstOfLine {
                all[all.count - 1].comment += comment
            } else {
                current.comment += comment
            }
        }
        return all
    }

    /// The name of the function that a statement declares: a pointer member, a callback type or
    /// a prototype; nil for anything else, and for functions with a body.
    private static func function(_ text: String) -> String? {
        let isAssertion = text.hasPrefix("SLUICE_ASSERT")
        guard text.hasSuffix(";"), !isAssertion, let open = text.firstIndex(of: "(") else {
            return nil
        }
        let inside = text[text.index(after: open)...]
        if inside.first == "*" { return Words.identifiers(String(inside)).first }
        let name = Words.identifiers(String(text[..<open])).last
        guard name == "__attribute__" else { return name }
        return Words.identifiers(text).first { $0.hasPrefix("sluice_plugin") }
    }
}

extension Rule {
    static let laneTags = Rule(
        name: "every function of the header has a thread tag",
        holdsFor: { $0.path == LaneTags.header },
        check: LaneTags.check,
        breach: Sample(
            LaneTags.header,
            "typedef struct a {\n  /* [any] Why. */\n  int (*b)(void);\n  int (*c)(void);\n} a;\n"
        ),
        kept: Sample(
            LaneTags.header,
            """
            typedef struct a {
              int (*b)(int x,
                       int y); /* [any] */
              /* [worker] for all below. */
              void (*c)(void);
              void (*d)(void (*e)(void));
            } a;
            typedef void (*f)(void *x); /* [lane] */
            /* [lane] Entry. */
            const a *sluice_entry(const a *b);
            static inline int g(int x) {
              if (x) { h(x); }
              return h(x);
            }
            typedef int (*i)(void); /* [pool] */
            """
        )
    )
}
