import SluiceTelemetry
import Testing

@Suite struct ExpositionTests {
    @Test func `a family is announced once and its samples follow`() throws {
        let counters = [try WorkerCounters(), try WorkerCounters()]
        counters[0].bump(status: 204)
        counters[1].bump(status: 502)
        counters[1].bump(status: 599)
        var exposition = Exposition()
        exposition.append(counters)
        let lines = exposition.text.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: "# TYPE sluice_responses_total counter"))
        #expect(lines[start - 1].hasPrefix("# HELP sluice_responses_total "))
        #expect(lines.contains(#"sluice_responses_total{worker="0",class="2xx"} 1"#))
        #expect(lines.contains(#"sluice_responses_total{worker="1",class="5xx"} 2"#))
        let announced = lines.filter { $0.hasPrefix("# TYPE ") }
        #expect(Set(announced).count == announced.count)
    }

    @Test func `samples stand below their own family`() throws {
        var exposition = Exposition()
        exposition.append([try WorkerCounters()])
        exposition.append(ProcessMetrics())
        var family = ""
        for line in exposition.text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                family = String(line.split(separator: " ")[2])
            } else if !line.hasPrefix("#") {
                let name = line.prefix { $0 != "{" && $0 != " " }
                #expect(String(name) == family)
            }
        }
    }

    @Test func `the number of lines depends on the number of workers alone`() throws {
        let counters = try WorkerCounters()
        var before = Exposition()
        before.append([counters])
        for counter in Counter.allCases { counters.bump(counter, by: 1_000_003) }
        for reason in LocalReason.allCases { counters.bump(reason) }
        var after = Exposition()
        after.append([counters])
        #expect(before.text.split(separator: "\n").count == after.text.split(separator: "\n").count)
        #expect(before.text != after.text)
    }

    @Test func `label values and help are escaped`() {
        let family = MetricFamily("x", .gauge, "a\\b\nc\"d")
        var exposition = Exposition()
        exposition.begin(family)
        exposition.sample(family, [MetricLabel("l", "a\\b\nc\"d")], 1)
        #expect(
            exposition.text == """
                # HELP x a\\\\b\\nc"d
                # TYPE x gauge
                x{l="a\\\\b\\nc\\"d"} 1

                """
        )
    }

    @Test func `lines of a plugin end in a line feed`() {
        var exposition = Exposition()
        exposition.append("sluice_echo_calls 1")
        exposition.append("")
        exposition.append("sluice_echo_bytes 2\n")
        #expect(exposition.text == "sluice_echo_calls 1\nsluice_echo_bytes 2\n")
    }
}
