import SluiceKit

/// A service whose behaviour is the path of the request.
actor ScriptedService: InlineServicePlugin {
    static let description = PluginDescription(
        id: "dev.sluice.scripted-service",
        version: "1.0.0",
        summary: "Does what a path says."
    )

    let host: Host
    var steps: [String] = []
    let signal = Signal()

    init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
    }

    func mounts() -> [Mount] {
        [
            Mount(
                prefix: "/v1/",
                pattern: ":name/run",
                methods: [.get, .post],
                body: .buffered(bytesMax: 1024),
                headTimeout: .after(.seconds(2)),
                idleTimeout: .after(.seconds(3)),
                inFlightMax: 9,
                tag: 5
            ),
            Mount(prefix: "/none", isInline: true),
            Mount(
                prefix: "/watch",
                body: .streamed(bytesMax: 7),
                headTimeout: .never,
                totalTimeout: .never,
                allowsHalfClose: true
            ),
        ]
    }

    func request(_ request: Request, _ reply: Reply) async throws {
        steps.append("\(request.method) \(request.path)")
        defer { steps.append("end of \(request.path)") }
        switch request.path {
        case "/echo":
            let body = try await request.body.collect(upTo: 8)
            try reply.respond(
                Response(
                    status: 201,
                    headers: ["x-tag": "\(reply.tag)", "x-query": request.query ?? "-"],
                    body: body + Array((request.header("Accept") ?? "").utf8)
                )
            )
        case "/late":
            try await host.sleep(for: .seconds(1))
            try reply.respond(.text("\(request.path) \(request.header("accept") ?? "-")"))
        case "/silent": break
        case "/decline": throw Declined()
        case "/decline-late":
            try await host.sleep(for: .seconds(1))
            throw Declined()
        case "/throw": throw Response.text(418, "a teapot")
        case "/fail": throw PluginError(.io, "the disk is gone")
        case "/octets": try reply.respond(.text(request.header("x-name") ?? "-"))
        case "/stream": try await stream(reply)
        case "/cut":
            try reply.begin()
            throw PluginError(.io, "the disk is gone")
        case "/read":
            for try await piece in request.body { steps.append("read \(piece.count)") }
            try reply.respond(.text(request.body.trailers?["x-sum"] ?? "-"))
        case "/slow-read":
            var pieces = request.body.makeAsyncIterator()
            while true {
                try await signal.wait()
                guard let piece = try await pieces.next() else { break }
                steps.append("read \(piece.count)")
            }
        case "/upgrade":
            try reply.upgrade(to: "echo")
            for try await piece in request.body { try await reply.write(piece) }
        case "/forward":
            try reply.inform(103)
            try reply.forward(Forward(pool: "a/b", path: "/else", set: ["x-by": "me"]))
        case "/wrong":
            do throws(PluginError) {
                try reply.respond(Response(status: 42))
            } catch {
                try reply.respond(.text(500, error.text))
            }
        default: throw Response(status: 404)
        }
    }

    private func stream(_ reply: Reply) async throws {
        try reply.begin(200, headers: ["content-type": "text/plain"])
        for number in 1...4 {
            try await reply.write("piece \(number)\n")
            steps.append("wrote \(number)")
        }
        try reply.finish(trailers: ["x-sum": "4"])
    }

    nonisolated func respond(
        inline request: borrowing InlineRequest
    ) throws(PluginError) -> Response? {
        switch request.path {
        case "/none/decline": return nil
        case "/none/fail": throw PluginError(.io, "cannot")
        default: return .text("\(request.method) \(request.tag) \(request.header("accept") ?? "-")")
        }
    }
}
