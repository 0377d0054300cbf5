import SluiceABI
import SluiceKit
import SluiceKitTesting
import Testing

private actor Counting: AdminPlugin {
    static let description = PluginDescription(
        id: "dev.sluice.counting",
        version: "1.0.0",
        summary: "Counts."
    )

    let host: Host
    var counts: [String: Int64] = ["a": 1]

    init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
    }

    func operations() -> [Operation<Counting>] {
        [
            Operation(
                "add",
                "Adds to a count.",
                writes: true,
                parameters: [
                    .text("name", "Which."), .integer("by", "How much.", default: 1),
                    .boolean("loud", "Whether to say so.", default: false),
                ]
            ) { plugin, call in
                let name = try call.text("name")
                guard let count = plugin.counts[name] else {
                    throw PluginError(.notFound, "there is no count \(name)")
                }
                plugin.counts[name] = count + (try call.integer("by"))
                call.reply.set("count", json: "\(plugin.counts[name] ?? 0)")
                call.reply.set("loud", try call.boolean("loud"))
                call.reply.array("names") {
                    for name in plugin.counts.keys { call.reply.set(nil, name) }
                }
            }
        ]
    }

    func dump(_ reply: AdminReply) {
        reply.object("counts") { for (name, count) in counts { reply.set(name, Int(count)) } }
    }
}

@Suite struct AdminTests {
    let host = SimulatedHost()

    @Test func `operations are declared with their types`() throws {
        let instance = try host.make(Counting.self)
        #expect(instance.operations == ["add i(sIbJ) name,by,loud"])
    }

    @Test func `an operation runs on the plugin and answers`() throws {
        let instance = try host.make(Counting.self)
        #expect(
            try instance.operate("add", #"{"name": "a", "by": 4, "loud": true}"#)
                == #""count":5,"loud":true,"names":["a"]"#
        )
        #expect(instance.dump() == #""counts":{"a":5}"#)
    }

    @Test func `what an operation throws is the answer`() throws {
        let instance = try host.make(Counting.self)
        #expect(throws: PluginError(.notFound, "there is no count b")) {
            try instance.operate("add", #"{"name": "b", "by": 1, "loud": false}"#)
        }
        #expect(
            throws: PluginError(.invalid, "the argument by is missing, expected an integer")
        ) { try instance.operate("add", #"{"name": "a"}"#) }
    }
}
