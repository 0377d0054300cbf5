internal import Glibc
internal import SluiceKit

/// A service for the acceptance tests that does each thing of the kit once, by path.
actor KitProbe: InlineServicePlugin, AdminPlugin {
    static let description = PluginDescription(
        id: "dev.sluice.kit-probe",
        version: "0.0.0",
        summary: "Does what a path says.",
        requires: [.http, .reply]
    )

    let host: Host
    private let serial: Serial<[Int]>
    /// How tasks ended that were cut off, by path.
    private var ends: [String: String] = [:]
    private var ticks = 0

    init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
        serial = Serial(host) { [] }
    }

    func start() throws(PluginError) {
        host.task("tick") {
            while true {
                try await self.host.sleep(for: .milliseconds(5))
                self.ticks += 1
            }
        }
    }

    func stop(deadline: UInt64) async {
        // Tasks are cancelled by now, but the lane turns.
        try? await host.blocking {}
        host.log.info("the probe has stopped")
    }

    func operations() -> [Operation<KitProbe>] {
        [
            Operation(
                "add",
                "Adds to the ticks.",
                writes: true,
                parameters: [
                    .integer("by", "How many."), .integer("times", "How often.", default: 2),
                    .number("scale", "By how much more.", default: 1.5),
                    .boolean("loud", "Whether to shout.", default: false),
                    .text("name", "Whom to tell.", isOptional: true),
                ]
            ) { plugin, call in
                let name = call.optionalText("name") ?? "nobody"
                if name == "\"" { throw PluginError(.denied, "not to a quote") }
                let sum = try call.integer("by") * call.integer("times")
                call.reply.set("sum", json: "\(Double(sum) * (try call.number("scale")))")
                call.reply.set("loud", try call.boolean("loud"))
                call.reply.set("name", name)
                call.reply.set("lane", plugin.host.lane.isCurrent)
            },
            Operation("fail", "Fails.") { _, _ in throw PluginError(.notFound, "there is none") },
        ]
    }

    func dump(_ reply: AdminReply) {
        reply.set("ends", ends.count)
    }

    func mounts() -> [Mount] {
        [
            Mount(prefix: "/", methods: [.get]),
            Mount(prefix: "/sync", methods: [.get]),
            Mount(prefix: "/inline", methods: [.get], isInline: true),
            Mount(prefix: "/whole", methods: [.post], body: .buffered(bytesMax: 1 << 20)),
            Mount(prefix: "/pieces", methods: [.post], body: .streamed(bytesMax: 1 << 30)),
            Mount(prefix: "/upgrade", methods: [.get], body: .streamed(bytesMax: 0)),
        ]
    }

    func request(_ request: Request, _ reply: Reply) async throws {
        do {
            try await answer(request, reply)
        } catch {
            ends[request.path] = "\(type(of: error))"
            throw error
        }
    }

    private func answer(_ request: Request, _ reply: Reply) async throws {
        switch request.path {
        case "/sync": try reply.respond(.text("hello\n"))
        case "/everything": try reply.respond(.text(try await everything()))
        case "/ends":
            let lines = ends.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
            try reply.respond(.text(lines.joined()))
        case "/sleep": try await host.sleep(for: .seconds(3600))
        case "/endless":
            try reply.begin()
            let piece = [UInt8](repeating: 0x61, count: 16_384)
            while true { try await reply.write(piece) }
        case "/trailers":
            try reply.inform(103, headers: ["link": "</a>"])
            try reply.begin(headers: ["trailer": "x-sum"])
            try await reply.write("body")
            try reply.finish(trailers: ["x-sum": "4"])
        case "/whole", "/pieces":
            var count = 0
            for try await piece in request.body { count += piece.count }
            let sum = request.body.trailers?["x-sum"] ?? "-"
            try reply.respond(.text("\(count) \(sum)\n"))
        case "/upgrade":
            try reply.upgrade(to: "echo")
            for try await piece in request.body { try await reply.write(piece) }
        case "/octets":
            let octets = request.headers.first("x-name")?.octets ?? []
            var headers: Headers = ["x-count": "\(octets.count)"]
            headers.add(Header("x-name", octets: octets))
            try reply.respond(Response(status: 200, headers: headers))
        case "/fetch":
            let answer = try await host.client.send(Call("GET", request.header("x-url") ?? ""))
            let body = try await answer.body.collect(upTo: 1 << 20)
            try reply.respond(Response(status: answer.status, body: body))
        default: throw Response.text(404, "no such path\n")
        }
    }

    /// Uses tasks, sleeps, the pool and a serial; says on how many threads the plugin's own code
    /// was, and how long it ran.
    private func everything() async throws -> String {
        let lane = pthread_self()
        var isElsewhere = false
        for round in 1...20 {
            try await host.sleep(for: .milliseconds(1))
            isElsewhere = isElsewhere || pthread_self() != lane
            let found = try await host.blocking { round * 2 }
            isElsewhere = isElsewhere || pthread_self() != lane || found != round * 2
            try await serial.run { $0.append(round) }
            isElsewhere = isElsewhere || pthread_self() != lane
            let task = host.task("round") { self.ticks += 1 }
            await task.value
            isElsewhere = isElsewhere || pthread_self() != lane
        }
        let all = try await serial.run { $0.count }
        return "\(isElsewhere ? "elsewhere" : "on the lane") \(all) \(ticks > 20)\n"
    }

    nonisolated func respond(
        inline request: borrowing InlineRequest
    ) throws(PluginError) -> Response? {
        .text("inline\n")
    }
}
