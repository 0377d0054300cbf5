import SluiceBase
import SluiceTelemetry
import Testing

@Suite struct FaultTests {
    private final class Written {
        var lines: [FaultReporter.Line] = []
    }

    private static let second = Clock.nanosecondsPerSecond

    private func reporter(_ log: FaultLog, _ linesMax: Int, _ written: Written) -> FaultReporter {
        FaultReporter([log], linesPerSecondMax: linesMax) { written.lines.append($0) }
    }

    private func fault(_ reason: LocalReason = .connectFailed) -> FaultRecord {
        FaultRecord(reason: reason, source: .origin, status: 502)
    }

    @Test func `a line says cause, source, status, route, pool, endpoint and client`() throws {
        let log = try FaultLog()
        let written = Written()
        var record = fault()
        record.route = "default/web".withBytes { NameCopy($0) }
        record.pool = "default/web/80".withBytes { NameCopy($0) }
        record.endpoint = PeerAddress(v4: 0xc000_0201, port: 80)
        record.peer = PeerAddress(v6High: 0x2001_0db8 << 32, low: 1, port: 9)
        #expect(log.record(record))
        var reporter = reporter(log, 10, written)
        #expect(reporter.turn(now: 5) == 5 + Self.second)
        let line = try #require(written.lines.first)
        #expect(
            Log.line(line.level, line.text, line.fields)
                == "warn an exchange failed cause=connect_failed source=origin status=502"
                + " route=default/web pool=default/web/80 endpoint=192.0.2.1:80"
                + " client=[2001:db8::1]:9"
        )
    }

    @Test func `what is not known is left out and a client's own fault is no warning`() throws {
        let log = try FaultLog()
        let written = Written()
        var record = FaultRecord(reason: .dataRate, source: .client, status: 0)
        record.isBrokenReply = true
        #expect(log.record(record))
        var reporter = reporter(log, 10, written)
        _ = reporter.turn(now: 0)
        let line = try #require(written.lines.first)
        #expect(
            Log.line(line.level, line.text, line.fields)
                == "info a reply was broken off cause=data_rate source=client"
        )
    }

    @Test func `a handshake is no exchange`() throws {
        let log = try FaultLog()
        let written = Written()
        var record = FaultRecord(reason: .clientUntrusted, source: .client, status: 0)
        record.isHandshake = true
        #expect(log.record(record))
        var reporter = reporter(log, 10, written)
        _ = reporter.turn(now: 0)
        let line = try #require(written.lines.first)
        #expect(
            Log.line(line.level, line.text, line.fields)
                == "info a TLS handshake failed cause=client_untrusted source=client"
        )
    }

    @Test func `only the first that waits wakes the control side`() throws {
        let log = try FaultLog()
        #expect(log.record(fault()))
        #expect(!log.record(fault()))
        while log.next() != nil {}
        #expect(log.record(fault()))
    }

    @Test(arguments: [0, 1, 10, 64])
    func `beyond the lines of a second faults are summed by reason`(linesMax: Int) throws {
        let log = try FaultLog()
        let written = Written()
        var reporter = reporter(log, linesMax, written)
        #expect(reporter.turn(now: 0) == Clock.never)
        for number in 0..<400 {
            _ = log.record(fault(number % 4 == 0 ? .upstreamTimeout : .connectFailed))
            _ = reporter.turn(now: 1)
        }
        #expect(written.lines.count == linesMax)
        let due = reporter.turn(now: 2)
        #expect(due == 1 + Self.second)
        #expect(reporter.turn(now: due) == Clock.never)
        let slow = (0..<linesMax).filter { $0 % 4 == 0 }.count
        #expect(
            written.lines.last?.text
                == "... and \(400 - linesMax) more:"
                + " connect_failed \(300 - linesMax + slow), upstream_timeout \(100 - slow)"
        )
    }

    @Test func `a quiet second leaves no sum, and its lines are free again`() throws {
        let log = try FaultLog()
        let written = Written()
        var reporter = reporter(log, 2, written)
        for second in 0..<5 {
            _ = log.record(fault())
            _ = log.record(fault())
            let due = reporter.turn(now: UInt64(second) * 2 * Self.second)
            #expect(reporter.turn(now: due) == Clock.never)
        }
        #expect(written.lines.count == 10)
        for _ in 0..<3 { _ = log.record(fault()) }
        reporter.finish()
        #expect(written.lines.count == 13)
        #expect(written.lines.last?.text == "... and 1 more: connect_failed 1")
    }
}
