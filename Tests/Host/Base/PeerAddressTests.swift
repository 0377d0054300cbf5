import Glibc
import SluiceBase
import Testing

struct PeerAddressTests {
    private func text(_ write: (inout ByteWriter) -> Void) -> String {
        let memory = Table<UInt8>(repeating: 0, count: PeerAddress.bytesMax)
        var writer = memory.writer()
        write(&writer)
        #expect(!writer.overflowed)
        return writer.bytes.text
    }

    private func address(_ text: String, port: UInt16 = 80) -> PeerAddress? {
        text.withBytes { PeerAddress(host: $0, port: port) }
    }

    private static let texts: [(String, String)] = [
        ("192.0.2.7", "192.0.2.7"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("10.100.9.99", "10.100.9.99"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:DB8::1", "2001:db8::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("0:0:1:0:0:0:0:0", "0:0:1::"), ("fe80::ABCD:00f0", "fe80::abcd:f0"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::ffff:a00:1", "10.0.0.1"), ("0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4"),
        ("64:ff9b::192.0.2.7", "64:ff9b::c000:207"), ("::1.2.3.4", "::102:304"),
    ]

    @Test func `texts are read and written in one form`() throws {
        for (came, expected) in Self.texts {
            let found = try #require(address(came), "\(came)")
            #expect(text { found.writeHost(to: &$0) } == expected)
            #expect(address(expected) == found)
            let whole = found.isIPv6 ? "[\(expected)]:80" : "\(expected):80"
            #expect(text { found.write(to: &$0) } == whole)
        }
    }

    @Test(
        arguments: [
            "", ".", "1.2.3", "1.2.3.4.", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1..3.4", "a.b.c.d",
            "1.2.3.4 ", "1.2.3.-4", "1.2.3.4444", ":", ":::", "1:", ":1", "1::2::3",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::",
            "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1%eth0", "[::1]",
        ]
    )
    func `a text that is no address is refused`(text: String) {
        #expect(address(text) == nil)
    }

    @Test func `socket addresses are read`() {
        let v4: [UInt8] = [2, 0, 0x1f, 0x90, 192, 0, 2, 7] + [UInt8](repeating: 0, count: 8)
        let v6: [UInt8] =
            [10, 0, 0, 80, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8]
            + [UInt8](repeating: 0, count: 11) + [1] + [9, 9, 9, 9]
        var mapped = v6
        mapped.replaceSubrange(
            8..<24,
            with: [UInt8](repeating: 0, count: 10) + [255, 255, 1, 2, 3, 4]
        )
        let rows: [([UInt8], String)] = [
            (v4, "192.0.2.7:8080"), (v6, "[2001:db8::1]:80"), (mapped, "1.2.3.4:80"),
            (Array(v4.prefix(15)), ""), (Array(v6.prefix(27)), ""), ([], ""),
            ([1, 0] + [UInt8](repeating: 47, count: 26), ""),
        ]
        for (bytes, expected) in rows {
            let found = bytes.withBytes { PeerAddress(socketAddress: $0) }
            #expect(text { found.write(to: &$0) } == expected)
            #expect(found.isNone == expected.isEmpty)
        }
        let v4Address = mapped.withBytes { PeerAddress(socketAddress: $0) }
        #expect(v4Address == PeerAddress(v4: 0x0102_0304, port: 80) && !v4Address.isIPv6)
        #expect(PeerAddress(v6High: 0, low: 0xffff_0102_0304, port: 80) == v4Address)
    }

    @Test func `loopback addresses are known in either family`() throws {
        for (host, expected) in [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true),
            ("128.0.0.1", false), ("::2", false), ("1::1", false), ("::", false),
        ] {
            #expect(try #require(address(host)).isLoopback == expected, "\(host)")
        }
        #expect(!PeerAddress.none.isLoopback)
    }

    @Test func `networks contain what their length says`() throws {
        let rows: [(String, in: [String], out: [String])] = [
            (
                "10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.1.1"],
                ["11.0.0.0", "::a00:1"]
            ),
            ("10.9.9.9/8", ["10.1.2.3"], ["9.255.255.255"]),
            ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "::c000:207"]),
            ("192.0.2.0/31", ["192.0.2.1"], ["192.0.2.2"]),
            ("0.0.0.0/0", ["1.2.3.4", "255.0.0.1"], ["::1"]),
            ("::ffff:10.0.0.0/104", ["10.2.3.4"], ["11.2.3.4", "::1"]),
            ("::ffff:1.2.3.4", ["1.2.3.4"], ["1.2.3.5"]),
            ("::1", ["::1"], ["::2", "0.0.0.1"]), ("::/0", ["::1", "ffff::"], ["1.2.3.4"]),
            ("fd00::/8", ["fd12::1", "fdff:ffff::"], ["fc00::", "fe00::"]),
            ("2001:db8::/64", ["2001:db8::ffff:0:0:1"], ["2001:db8:0:1::"]),
            ("2001:db8::/65", ["2001:db8::7fff:0:0:1"], ["2001:db8::8000:0:0:1"]),
        ]
        for (name, inside, outside) in rows {
            let network = try #require(Network(name), "\(name)")
            for host in inside { #expect(network.contains(try #require(address(host))), "\(host)") }
            for host in outside {
                #expect(!network.contains(try #require(address(host))), "\(name) \(host)")
            }
            #expect(!network.contains(.none))
        }
        for name in [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8",
            "::/129", "a/8", "10.0.0/8", "::ffff:10.0.0.0/95", "10.0.0.0/8 ",
        ] {
            #expect(Network(name) == nil, "\(name)")
        }
    }

    @Test func `a connected socket knows both its ends`() throws {
        let listener = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        try #require(listen(listener, 1) == 0)
        let here = PeerAddress.local(of: listener)
        #expect(here.port > 0 && here.isIPv6)
        #expect(PeerAddress.peer(of: listener).isNone)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = here.port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
        let accepted = accept(listener, nil, nil)
        defer { close(accepted) }
        let loopback = PeerAddress(v4: 0x7f00_0001, port: here.port)
        #expect(PeerAddress.peer(of: client) == loopback)
        #expect(PeerAddress.local(of: accepted) == loopback)
        #expect(PeerAddress.peer(of: accepted) == PeerAddress.local(of: client))
        #expect(PeerAddress.peer(of: -1).isNone)
    }
}
