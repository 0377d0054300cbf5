import SluiceBase
import SluiceConfig
import SluiceExtensions
import Testing

/// The built `libecho.so`, found beside the test binary as it is beside the host.
@Suite struct EchoTests {
    @Test func `echo is found by its name and answers a call`() throws {
        let house = try House([PluginConfiguration(name: "echo", library: "echo")])
        #expect((house.host.load() + house.host.start()).isEmpty)
        let caller = try Caller(house, instance: "echo")
        let (call, _) = try caller.call("/hello", headers: [("X-Test", "1")], body: "abc")
        let answer = try caller.answer()
        #expect(answer.kind == .response && answer.status == 200)
        #expect(answer.headers.text == "content-type: application/json\r\n")
        #expect(answer.body.text.contains("\"/hello\""))
        #expect(answer.body.text.contains("x-test"))
        answer.recycle()
        caller.done(call)
        house.end()
    }
}
