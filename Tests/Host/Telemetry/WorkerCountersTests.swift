import SluiceTelemetry
import Testing

@Suite struct WorkerCountersTests {
    @Test func `every counter has a cell of its own`() throws {
        let counters = try WorkerCounters()
        for counter in Counter.allCases { counters.bump(counter, by: counter.rawValue + 1) }
        for reason in LocalReason.allCases {
            for _ in 0...reason.rawValue { counters.bump(reason) }
        }
        for counter in Counter.allCases {
            #expect(counters.value(counter) == UInt64(counter.rawValue + 1))
        }
        for reason in LocalReason.allCases {
            #expect(counters.value(reason) == UInt64(reason.rawValue + 1))
        }
    }

    @Test func `a gauge goes down again`() throws {
        let counters = try WorkerCounters()
        counters.bump(.connectionsActive)
        counters.bump(.connectionsActive)
        counters.drop(.connectionsActive)
        #expect(counters.value(.connectionsActive) == 1)
    }

    @Test(arguments: [
        (100, Counter.responses1xx), (200, .responses2xx), (399, .responses3xx),
        (404, .responses4xx), (599, .responses5xx), (999, .responses5xx), (0, .responses1xx),
    ])
    func `a response is counted in its class`(status: Int, counter: Counter) throws {
        let counters = try WorkerCounters()
        counters.bump(status: status)
        #expect(counters.value(counter) == 1)
    }

    @Test func `faults and broken replies are counted by their source`() throws {
        let counters = try WorkerCounters()
        for source in FaultSource.allCases {
            counters.bump(fault: source)
            for _ in 0...source.rawValue { counters.bump(brokenReply: source) }
        }
        let faults: [Counter] = [.faultsClient, .faultsOrigin, .faultsHost, .faultsPlugin]
        #expect(faults.map(counters.value) == [1, 1, 1, 1])
        let broken: [Counter] = [
            .brokenRepliesClient, .brokenRepliesOrigin, .brokenRepliesHost, .brokenRepliesPlugin,
        ]
        #expect(broken.map(counters.value) == [1, 2, 3, 4])
        for (source, counter) in zip(FaultSource.allCases, faults) {
            #expect(counter.labels == [MetricLabel("source", source.word)])
        }
    }

    @Test func `no two counters are written with the same name and labels`() {
        let names = Counter.allCases.map { "\($0.family.name) \($0.labels)" }
        #expect(Set(names).count == names.count)
        #expect(Set(LocalReason.allCases.map(\.word)).count == LocalReason.allCases.count)
    }

    @Test func `the counters of a family stand together`() {
        var families: [String] = []
        for counter in Counter.allCases where families.last != counter.family.name {
            families.append(counter.family.name)
        }
        #expect(Set(families).count == families.count)
    }

    @Test func `metric names follow the conventions`() {
        for counter in Counter.allCases {
            let family = counter.family
            #expect(family.name.hasPrefix("sluice_"))
            #expect(family.name.hasSuffix("_total") == (family.kind == .counter))
        }
    }
}
