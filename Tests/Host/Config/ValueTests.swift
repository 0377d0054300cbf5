import SluiceBase
import SluiceConfig
import Testing

@Suite struct ValueTests {
    @Test(arguments: [
        ("127.0.0.1:8081", "127.0.0.1:8081"), ("[::1]:80", "[::1]:80"), (":8080", "[::]:8080"),
        ("0.0.0.0:0", "0.0.0.0:0"), ("[2001:DB8:0:0:1:0:0:1]:65535", "[2001:db8::1:0:0:1]:65535"),
        ("[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.1]:1"),
    ])
    func `an address is read and written`(text: String, written: String) throws {
        #expect(try SocketAddress(text).description == written)
    }

    @Test(arguments: [
        ("8080", "the port is missing"), ("localhost:80", "is no IP address"),
        ("127.0.0.1:", "is no port"), ("127.0.0.1:65536", "is no port"),
        ("127.0.0.1:+1", "is no port"), ("::1:80", "needs brackets"),
        ("[127.0.0.1]:80", "is no IP address"), ("[::1:80", "is no IP address"),
        ("unix:/run/x.sock", "not supported yet"), ("256.0.0.1:1", "is no IP address"),
        ("01.0.0.1:1", "is no IP address"), ("1.2.3:1", "is no IP address"),
    ])
    func `what is no address is refused with the reason`(text: String, reason: String) {
        do throws(SocketAddress.Refusal) {
            _ = try SocketAddress(text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.text.contains(reason), "\(error.text)")
        }
    }

    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("0:0:1:0:0:0:0:1", "0:0:1::1"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"), ("FE80::A", "fe80::a"),
        ("1.2.3.4", "1.2.3.4"), ("0.0.0.0", "0.0.0.0"), ("::ffff:a00:1", "::ffff:10.0.0.1"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ])
    func `an IP address is written as RFC 5952 says`(text: String, written: String) {
        #expect(IPAddress(text)?.description == written)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::",
        "g::", "-1::", "::1.2.3", "1.2.3.4::", "fe80::1%eth0", "1:2:3:4:5:6:7::8", "1.2.3.4 ",
        "1.2.3.-4", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4",
        "1.2.3.+4", "1.2.3. 4", "[::1]", "::+1", "localhost",
    ])
    func `what is no IP address is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `loopback addresses are known`() {
        for text in ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] {
            #expect(IPAddress(text)?.isLoopback == true)
        }
        for text in ["128.0.0.1", "::2", "10.0.0.1", "::"] {
            #expect(IPAddress(text)?.isLoopback == false)
        }
    }

    @Test func `the bytes of an address are in network order`() {
        #expect(IPAddress("1.2.3.4")?.bytes.suffix(6) == [0xFF, 0xFF, 1, 2, 3, 4])
        #expect(
            IPAddress("102:304:506:708:90a:b0c:d0e:f10")?.bytes == Array(1...16).map { UInt8($0) }
        )
    }

    @Test(arguments: [
        ("0s", 0), ("10s", 10 * second), ("500ms", 500 * millisecond), ("1h30m", 5_400 * second),
        ("1h1m1s1ms", 3_661 * second + millisecond), ("99999h", 99_999 * 3_600 * second),
    ])
    func `a duration is read`(text: String, nanoseconds: Int) {
        #expect(TimeSpan.nanoseconds(text) == nanoseconds)
    }

    @Test(arguments: ["", "10", "s", "1d", "1.5s", "-1s", "100000s", "1s1s1s1s1s", "1 s", "1S"])
    func `what is no duration is refused`(text: String) {
        #expect(TimeSpan.nanoseconds(text) == nil)
    }

    @Test func `the longest duration is shorter than never`() throws {
        let longest = try #require(TimeSpan.nanoseconds("99999h99999h99999h99999h"))
        #expect(longest < Limits.never)
        #expect(Limits.span(longest) < Clock.never)
        #expect(Limits.span(Limits.never) == Clock.never)
        #expect(Limits.span(0) == 0)
    }

    @Test func `a duration is written as it is read`() {
        for row in LimitTable.rows where row.unit == .nanoseconds {
            for value in [row.range.lowerBound, row.range.upperBound, Limits()[keyPath: row.field]]
            where value == 0 || (value >= millisecond && value != Limits.never) {
                #expect(TimeSpan.nanoseconds(TimeSpan.text(value)) == value, "\(row.key)")
            }
        }
        #expect(TimeSpan.text(75 * second) == "75s")
        #expect(TimeSpan.text(Limits.never) == "never")
        #expect(TimeSpan.text(1_500 * millisecond) == "1s500ms")
        #expect(TimeSpan.text(10_000) == "10µs")
    }

    @Test(arguments: [
        ("0", 0), ("4096", 4_096), ("1B", 1), ("64KiB", 65_536), ("1MiB", 1_048_576),
        ("2GiB", 2_147_483_648),
    ])
    func `a size is read`(text: String, bytes: Int) {
        #expect(ByteSize.bytes(text) == bytes)
    }

    @Test(arguments: ["", "KiB", "1KB", "1k", "-1", "1.5MiB", "12345678901", "9999999999TiB"])
    func `what is no size is refused`(text: String) {
        #expect(ByteSize.bytes(text) == nil)
    }

    @Test func `affinity and quota give whole processors`() {
        #expect(ProcessorShare.affinity(in: "Cpus_allowed_list:\t0-3,8\nx:\t1\n") == 5)
        #expect(ProcessorShare.affinity(in: "Cpus_allowed_list:\t2\n") == 1)
        #expect(ProcessorShare.affinity(in: "Name:\tx\n") == nil)
        #expect(ProcessorShare.quota(in: "150000 100000\n") == 1)
        #expect(ProcessorShare.quota(in: "400000 100000\n") == 4)
        #expect(ProcessorShare.quota(in: "50000 100000\n") == 1)
        #expect(ProcessorShare.quota(in: "max 100000\n") == nil)
        #expect(ProcessorShare.count() >= 1)
    }
}
