import SluiceAdmin
import SluiceRouting
import SluiceShared
import Testing

@Suite struct PageTests {
    @Test func `a live process is healthy`() throws {
        var world = try AdminWorld()
        let answer = try world.get("/healthz")
        #expect(answer.status == 200)
        #expect(answer.body == "ok\n")
        #expect(answer.head.contains("\r\nConnection: close"))
    }

    @Test func `readiness is told with its reasons`() throws {
        var ready = try AdminWorld(readiness: HostReadiness(warnings: ["slow"]))
        let yes = try ready.get("/readyz")
        #expect(yes.status == 200)
        #expect(try yes.json()["warnings"]?[0]?.string == "slow")
        var waiting = try AdminWorld(readiness: HostReadiness(reasons: ["worker 0 has no routes"]))
        let no = try waiting.get("/readyz")
        #expect(no.status == 503)
        #expect(try no.json()["ready"]?.bool == false)
        #expect(try no.json()["reasons"]?[0]?.string == "worker 0 has no routes")
    }

    @Test func `the configuration shows documents by instance and the problems`() throws {
        let key = DocumentKey(instance: "routes", kind: .pool, name: "default/\"svc\"/80")
        let value = try JSONDocument(parsing: Array(#"{"endpoints":[]}"#.utf8))
        let report = ConfigurationReport(
            generation: 41,
            instances: ["routes", "other"],
            documents: [Document(key: key, value: value)],
            problems: [
                Problem(
                    ofSource: key,
                    severity: .object,
                    code: "unknown-pool",
                    pointer: "/a",
                    where: "a.yaml:3",
                    source: "/spec/a",
                    text: "there is none"
                )
            ],
            problemsLeftOut: 2,
            sources: [("routes", Array(#"{"files":1}"#.utf8))]
        )
        var world = try AdminWorld(report: report)
        let answer = try world.get("/config")
        #expect(answer.status == 200)
        #expect(answer.head.contains("\r\nContent-Type: application/json"))
        let page = try answer.json()
        #expect(page["generation"]?.int64 == 41)
        #expect(page["documents"]?["routes"]?["pool"]?[key.name]?["endpoints"]?.count == 0)
        #expect(page["documents"]?["other"]?.count == 0)
        #expect(page["problems"]?[0]?["code"]?.string == "unknown-pool")
        #expect(page["problems"]?[0]?["severity"]?.string == "object")
        #expect(page["problems"]?[0]?["where"]?.string == "a.yaml:3")
        #expect(page["problems"]?[0]?["source"]?.string == "/spec/a")
        #expect(page["problemsLeftOut"]?.int64 == 2)
        #expect(page["sources"]?["routes"]?["files"]?.int64 == 1)
    }

    @Test func `metrics and plugins are served`() throws {
        var world = try AdminWorld()
        let metrics = try world.get("/metrics")
        #expect(metrics.head.contains("\r\nContent-Type: text/plain; version=0.0.4"))
        #expect(metrics.body.hasSuffix("\nsluice_test 7\n"))
        let plugins = try world.get("/plugins").json()
        #expect(plugins["plugins"]?[0]?["name"]?.string == "echo")
    }

    @Test func `a reload is a POST`() throws {
        var world = try AdminWorld()
        let text = "POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
        let answer = try world.answer(text + "Connection: close\r\n\r\nabc")
        #expect(answer.status == 200)
        #expect(try answer.json()["reload"]?.string == "begun")
        let wrong = try world.get("/reload")
        #expect(wrong.status == 405)
        #expect(wrong.head.contains("\r\nAllow: POST\r\n"))
    }

    @Test func `a reload with a problem is a 422 that says it`() throws {
        let report = ReloadReport(summary: "begun", problems: ["a.yaml:1: no"])
        var world = try AdminWorld(reload: report)
        let answer = try world.answer(
            "POST /reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        #expect(answer.status == 422)
        #expect(try answer.json()["problems"]?[0]?.string == "a.yaml:1: no")
    }

    @Test func `a drain is a POST`() throws {
        var world = try AdminWorld()
        let answer = try world.answer(
            "POST /drain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        #expect(answer.status == 202)
        #expect(try answer.json()["drain"]?.string == "draining")
        #expect(try world.get("/drain").status == 405)
    }

    @Test func `the start page lists every page`() throws {
        var world = try AdminWorld()
        let body = try world.get("/").body
        for path in ["/healthz", "/readyz", "/config", "/metrics", "/plugins", "/reload", "/drain"]
        {
            #expect(body.contains(path))
        }
    }

    @Test func `HEAD has the head of GET and no body`() throws {
        var world = try AdminWorld()
        let answer = try world.answer(
            "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        #expect(answer.status == 200)
        #expect(answer.head.contains("\r\nContent-Length: 3\r\n"))
        #expect(answer.body.isEmpty)
    }

    @Test func `what is not there is a 404 and a wrong method a 405 with Allow`() throws {
        var world = try AdminWorld()
        #expect(try world.get("/nothing").status == 404)
        let answer = try world.answer(
            "DELETE /config HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        #expect(answer.status == 405)
        #expect(answer.head.contains("\r\nAllow: GET, HEAD\r\n"))
    }
}
