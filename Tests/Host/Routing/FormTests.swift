import SluiceRouting
import Testing

/// Addresses, and the ages that decide between equals.
struct FormTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"),
        ("1::", "1::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::ffff:10.0.0.1", "::ffff:a00:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ])
    func `an address is read and written as RFC 5952 says`(text: String, expected: String) {
        #expect(Address(text)?.text == expected)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.+4", "1.2.3. 4", ":", ":::",
        "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1%eth0", "[::1]",
        "1.2.3.4::", "::+1", "1:2:3:4:5:6:7::8", "localhost",
    ])
    func `what is no address is refused`(text: String) {
        #expect(Address(text) == nil)
    }

    @Test func `creation times compare as points in time`() throws {
        let times = [
            "2026-01-01T00:00:00+02:00", "2025-12-31T23:00:00Z", "2025-12-31T23:00:00.5Z",
            "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z",
            "2028-03-01T00:00:00+14:00",
        ]
        for (index, older) in times.enumerated() {
            for younger in times[(index + 1)...] {
                var test = TestWorld()
                try test.listener()
                for (name, created, status) in [("a", younger, 202), ("b", older, 201)] {
                    try test.put(
                        .route,
                        name,
                        """
                        {"listeners":["web"],"order":{"created":"\(created)"},
                         "rules":[{"backends":[{"status":\(status)}]}]}
                        """
                    )
                }
                #expect(test.compile().status("a.test", "/") == 201, "\(older) \(younger)")
            }
        }
    }
}
