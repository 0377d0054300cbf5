/// One banned text of code, and what to write instead.
struct Banned: Sendable {
    let text: String
    let instead: String
    var only: [String] = []
    var except: [String] = []
    let breach: String

    /// The row as a rule; it is tried on a file in the first folder where it holds.
    var rule: Rule {
        let row = self
        let folder = only.first ?? "Sources/Host/Serve/"
        return Rule(
            name: "no \(text)",
            holdsFor: { file in
                file.language == .swift && !file.isUnder(row.except)
                    && (row.only.isEmpty || file.isUnder(row.only))
            },
            check: { file in
                file.code.enumerated().compactMap { index, line in
                    Words.contains(line, row.text)
                        ? file.finding(index + 1, "`\(row.text)`: \(row.instead)") : nil
                }
            },
            breach: Rule.Sample("\(folder)A.swift", breach),
            kept: Rule.Sample("\(folder)A.swift", "// \(breach)\nlet a = \"\(text)\"\n")
        )
    }
}

extension Rule {
    /// Calls and words that do not stand in our Swift, each with its replacement.
    static let banned: [Banned] = [
        Banned(
            text: "import Foundation",
            instead: "use Glibc, Base and Shared",
            breach: "import Foundation"
        ),
        Banned(text: "try!", instead: "handle the error, or throw it", breach: "let a = try! b()"),
        Banned(text: "as!", instead: "use `as?` and answer the other case", breach: "b as! Int"),
        Banned(
            text: "fatalError(",
            instead: "return an error; `precondition` for our own invariants",
            except: ["Sources/Host/Main/"],
            breach: "fatalError()"
        ),
        Banned(
            text: "Task {",
            instead: "post to a worker's inbox or a lane",
            breach: "Task { a() }"
        ),
        Banned(
            text: "Task.detached",
            instead: "post to a worker's inbox or a lane",
            breach: "Task.detached { a() }"
        ),
        Banned(
            text: "DispatchQueue",
            instead: "start a thread through Base",
            breach: "DispatchQueue.main.async {}"
        ),
        Banned(
            text: "dlclose*",
            instead: "never unload a plugin: open with RTLD_NODELETE",
            breach: "dlclose(a)"
        ),
        Banned(
            text: "String(",
            instead: "stay with bytes on the data path",
            only: ["Sources/Host/Serve/Path/"],
            breach: "let a = String(b)"
        ),
        Banned(text: "print(", instead: "use Log, or write to a descriptor", breach: "print(a)"),
        Banned(
            text: "_typeByName",
            instead: "modules exist once per image: name the type",
            breach: "_typeByName(a)"
        ),
        Banned(
            text: "NSClassFromString",
            instead: "modules exist once per image: name the type",
            breach: "NSClassFromString(a)"
        ),
        Banned(
            text: "@testable",
            instead: "use `package`: tests share the release build",
            breach: "@testable import A"
        ),
        Banned(
            text: "usleep(",
            instead: "wait for a condition with a deadline",
            only: ["Tests/"],
            breach: "usleep(1000)"
        ),
        Banned(
            text: "sleep(",
            instead: "wait for a condition with a deadline",
            only: ["Tests/"],
            breach: "sleep(1)"
        ),
    ]
}
