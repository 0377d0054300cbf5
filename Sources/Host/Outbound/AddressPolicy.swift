package import SluiceBase

/// Which peers a client may connect to: checked on each resolved address, so that a name cannot
/// lead elsewhere when it is resolved again.
///
/// An address is denied when a network of `deny` contains it, unless a longer one of `allow` does.
/// So `deny: ["0.0.0.0/0", "::/0"]` makes `allow` the list of all that is reachable. The addresses
/// `0.0.0.0` and `::`, which reach this machine, count as loopback. Through a proxy the policy is
/// about the proxy: the proxy resolves the name.
package struct AddressPolicy: Sendable, Equatable {
    package var allow: [Network]
    package var deny: [Network]
    package var allowsUnixSockets: Bool

    /// Link-local addresses (RFC 3927, RFC 4291 2.5.6): cloud machines answer with secrets there.
    package static let linkLocal = ["169.254.0.0/16", "fe80::/10"].compactMap { Network($0) }

    package init(
        allow: [Network] = [],
        deny: [Network] = linkLocal,
        allowsUnixSockets: Bool = true
    ) {
        self.allow = allow
        self.deny = deny
        self.allowsUnixSockets = allowsUnixSockets
    }

    /// Whether a connection to `address` is allowed, whatever its port.
    package func allows(_ address: PeerAddress) -> Bool {
        let address = Self.reached(address)
        let denied = Self.longest(deny, address)
        return denied < 0 || Self.longest(allow, address) > denied
    }

    /// The length of the longest network that contains `address`; -1 when none does.
    private static func longest(_ networks: [Network], _ address: PeerAddress) -> Int {
        networks.reduce(-1) { $1.contains(address) ? max($0, $1.length) : $0 }
    }

    /// The unspecified address is connected to as loopback.
    private static func reached(_ address: PeerAddress) -> PeerAddress {
        guard address.high == 0, address.low == 0 else { return address }
        return address.isIPv6
            ? PeerAddress(v6High: 0, low: 1, port: address.port)
            : PeerAddress(v4: 0x7f00_0001, port: address.port)
    }
}
