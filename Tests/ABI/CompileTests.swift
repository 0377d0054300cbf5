import Testing

@Suite struct CompileTests {
    static let strict = "-Wall -Wextra -Wpedantic -Werror -fsyntax-only"

    @Test(
        arguments: ["sluice.h", "sluice_call.h"],
        ["-x c -std=c11", "-x c++ -std=c++17"]
    )
    func `a header compiles alone, strictly, in each language`(header: String, language: String) {
        let compilers = Self.compilers(for: language)
        #expect(!compilers.isEmpty, "neither clang nor cc nor gcc (clang++, c++, g++) is on PATH")
        for compiler in compilers {
            let answer = Self.compile(compiler, language, "#include <\(header)>\\nint answer;\\n")
            #expect(answer.status == 0, "\(compiler): \(answer.output)")
        }
    }

    @Test func `a plugin whose entry has another type does not compile`() throws {
        let compiler = try #require(Self.compilers(for: "-x c -std=c11").first)
        let source = "#include <sluice.h>\\nint sluice_plugin_entry(void) { return 0; }\\n"
        let answer = Self.compile(compiler, "-x c -std=c11", source)
        #expect(answer.status != 0)
        #expect(answer.output.contains("sluice_plugin_entry"), "\(answer.output)")
    }

    private static func compile(
        _ compiler: String,
        _ language: String,
        _ source: String
    ) -> (status: Int32, output: String) {
        let include = "\(Repository.root)/Plugins/ABI/include"
        return Repository.run(
            "printf '\(source)' | \(compiler) \(language) \(strict) -I'\(include)' -"
        )
    }

    private static func compilers(for language: String) -> [String] {
        let names = language.contains("c++") ? ["clang++", "c++", "g++"] : ["clang", "cc", "gcc"]
        return names.filter { Repository.run("command -v \($0)").status == 0 }
    }
}
