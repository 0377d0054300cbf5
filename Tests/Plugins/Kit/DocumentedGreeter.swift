internal import SluiceKit

actor Greeter: ServicePlugin {
    static let description = PluginDescription(
        id: "org.example.greeter",
        version: "0.1.0",
        summary: "Greets who asks.",
        requires: [.http]
    )

    let host: Host
    private var greeted = 0

    init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
    }

    func start() throws(PluginError) {
        host.task("say how it goes") {
            while true {
                try await self.host.sleep(for: .seconds(60))
                self.host.log.info("still greeting", ["greeted": "\(self.greeted)"])
            }
        }
    }

    func mounts() -> [Mount] {
        [Mount(prefix: "/greet/", methods: [.get])]
    }

    func request(_ request: Request, _ reply: Reply) async throws {
        greeted += 1
        switch request.suffix {
        case "late":
            try await host.sleep(for: .seconds(1))
            try reply.respond(.text("good evening\n"))
        case "sum":
            let sum = try await host.blocking { (1...1_000_000).reduce(0, +) }
            try reply.respond(.text("the sum is \(sum)\n"))
        case "stream":
            try reply.begin(headers: ["content-type": "text/plain"])
            for number in 1...3 { try await reply.write("hello, \(number)\n") }
        case "relay":
            let answer = try await host.client.send(Call("GET", request.header("x-url") ?? ""))
            try reply.begin(answer.status)
            for try await piece in answer.body { try await reply.write(piece) }
        default:
            try reply.respond(.text("hello, \(request.suffix)\n"))
        }
    }
}
