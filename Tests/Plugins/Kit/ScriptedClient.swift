import SluiceKit

/// A plugin that makes calls; what comes back is in `steps`.
actor ScriptedClient: Plugin {
    static let description = PluginDescription(
        id: "dev.sluice.scripted-client",
        version: "1.0.0",
        summary: "Makes calls."
    )

    let host: Host
    var steps: [String] = []
    var held: Answer?
    let signal = Signal()

    init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
    }

    func note(_ step: String) {
        steps.append(step)
    }

    func get(_ url: String = "http://a.test/") -> Task<Void, Never> {
        host.task("get") {
            do {
                let answer = try await self.host.client.send(Call("GET", url))
                self.note("\(answer.status) \(answer.headers["x-a"] ?? "-")")
                for try await line in answer.body.lines(upTo: 8) { self.note(line) }
                self.note("end \(answer.trailers?["x-t"] ?? "-")")
            } catch let failure as CallFailure {
                self.note("\(failure.kind.rawValue) \(failure.wasMaybeSent) \(failure.text)")
            } catch {
                self.note("\(error)")
            }
        }
    }

    func hold() {
        host.task("hold") {
            self.held = try await self.host.client.send(Call("GET", "http://a.test/"))
            try await self.signal.wait()
            self.held = nil
        }
    }

    func readSlowly() {
        host.task("read slowly") {
            let answer = try await self.host.client.send(Call("GET", "http://a.test/"))
            var pieces = answer.body.makeAsyncIterator()
            while true {
                try await self.signal.wait()
                guard let piece = try await pieces.next() else { break }
                self.note("\(piece.count)")
            }
        }
    }

    func upload() {
        host.task("upload") {
            var call = Call("PUT", "http://a.test/", body: .streamed)
            call.tlsProfile = "mine"
            call.headTimeout = .after(.seconds(3))
            call.idleTimeout = .never
            let open = try self.host.client.open(call)
            for number in 1...3 {
                try await open.write(Array("part \(number)\n".utf8))
                self.note("wrote \(number)")
            }
            try await open.finish(Array("end".utf8))
            self.note("\(try await open.answer().status)")
        }
    }

    func unary(deadline: Duration? = nil) {
        host.task("unary") {
            let driver = GRPC(try self.host.client, "http://a.test", version: .clearHTTP2)
            do {
                let reply = try await driver.unary(
                    "/a.B/C",
                    [7, 8],
                    metadata: ["x-id": "1"],
                    deadline: deadline
                )
                self.note("\(reply.message) \(reply.trailers["x-t"] ?? "-")")
            } catch {
                self.note("\(error)")
            }
        }
    }

    func stream() {
        host.task("stream") {
            let driver = GRPC(try self.host.client, "http://a.test", messageBytesMax: 100)
            do {
                for try await message in try await driver.serverStream("/a.B/Watch", []) {
                    self.note("\(message)")
                }
                self.note("end")
            } catch {
                self.note("\(error)")
            }
        }
    }
}
