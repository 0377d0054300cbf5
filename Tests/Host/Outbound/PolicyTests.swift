import SluiceBase
import SluiceOutbound
import Testing

struct PolicyTests {
    private static func address(_ text: String) throws -> PeerAddress {
        try #require(text.withBytes { PeerAddress(host: $0, port: 80) })
    }

    private static func networks(_ texts: String...) -> [Network] {
        texts.compactMap { Network($0) }
    }

    @Test(arguments: [
        ("192.0.2.1", true), ("127.0.0.1", true), ("::1", true), ("169.254.169.254", false),
        ("fe80::1", false), ("::ffff:169.254.1.1", false), ("2001:db8::1", true),
    ])
    func `everything but link-local is allowed by default`(text: String, allowed: Bool) throws {
        #expect(try AddressPolicy().allows(Self.address(text)) == allowed)
    }

    @Test func `a longer network to allow wins over one to deny`() throws {
        let policy = AddressPolicy(
            allow: Self.networks("10.1.0.0/16", "10.9.9.9"),
            deny: Self.networks("10.0.0.0/8", "10.1.2.0/24", "10.9.9.9")
        )
        #expect(try policy.allows(Self.address("10.1.3.4")))
        #expect(try !policy.allows(Self.address("10.1.2.3")))
        #expect(try !policy.allows(Self.address("10.2.0.1")))
        #expect(try !policy.allows(Self.address("10.9.9.9")), "of equal length denial wins")
        #expect(try policy.allows(Self.address("11.0.0.1")))
    }

    @Test func `all can be denied but a list`() throws {
        let policy = AddressPolicy(
            allow: Self.networks("192.0.2.0/24", "2001:db8::/32"),
            deny: Self.networks("0.0.0.0/0", "::/0")
        )
        #expect(try policy.allows(Self.address("192.0.2.7")))
        #expect(try policy.allows(Self.address("2001:db8::7")))
        #expect(try !policy.allows(Self.address("192.0.3.7")))
        #expect(try !policy.allows(Self.address("2001:db9::7")))
    }

    @Test(arguments: ["0.0.0.0", "::", "::ffff:0.0.0.0"])
    func `the unspecified address is loopback`(text: String) throws {
        let policy = AddressPolicy(deny: Self.networks("127.0.0.0/8", "::1"))
        #expect(try !policy.allows(Self.address(text)))
    }
}
