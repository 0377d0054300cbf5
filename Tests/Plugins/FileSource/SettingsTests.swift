import SluiceFileSource
import SluiceKit
import SluiceShared
import Testing

@Suite struct SettingsTests {
    @Test func `relative paths start at the folder of the configuration file`() throws {
        let settings = try Settings(#"{"paths":["routes","/etc/routes"]}"#, folder: "/srv/conf")
        #expect(settings.paths == ["/srv/conf/routes", "/etc/routes"])
    }

    @Test(
        arguments: [
            (#"{"paths":["a"]}"#, true), (#"{"paths":[]}"#, false), (#"{"paths":"a"}"#, false),
            (#"{}"#, false), (#"{"paths":["a"],"path":1}"#, false), (#"{"paths":[""]}"#, false),
        ])
    func `the schema takes what the plugin takes`(text: String, isRight: Bool) throws {
        let schema = try Schema(try JSONDocument(parsing: Settings.schema).root)
        let problems = schema.validate(try JSONDocument(parsing: text).root)
        #expect(problems.isEmpty == isRight)
    }

    @Test func `every setting stands in the README`() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(4).joined(separator: "/")
        let readme = try Files.read("\(root)/Plugins/FileSource/README.md", bytesMax: 1 << 16)
        let text = String(decoding: readme, as: UTF8.self)
        for setting in Settings.table { #expect(text.contains("| `\(setting.name)` |")) }
    }

    @Test func `a configuration without paths is refused`() {
        #expect(throws: PluginError.self) { _ = try Settings("{}", folder: "") }
    }
}
