import Testing

@Suite struct SymbolTests {
    @Test(arguments: ["echo", "file-source"])
    func `a plugin exports its entry and nothing else`(plugin: String) throws {
        let path = "\(Repository.products)/lib\(plugin).so"
        try #require(
            Repository.exists(path),
            "\(path) is not built: run `swift build -c release --build-tests` first"
        )
        let answer = Repository.run("nm -D --defined-only --extern-only '\(path)'")
        #expect(answer.status == 0, "\(answer.output)")
        let names = answer.output.split(separator: "\n").compactMap {
            $0.split(separator: " ").last.map(String.init)
        }
        #expect(names == ["sluice_plugin_entry"])
    }
}
