internal import SluiceConfig

/// Keeps web pages away from the admin API: a browser on this machine can be made to ask it.
struct AdminGuard: Sendable {
    /// The address that the API listens on.
    let address: SocketAddress

    /// Why a request is refused, or nil.
    ///
    /// No page is meant for a browser's script, so a request with an Origin is one that a foreign
    /// page sent. On loopback the Host must be this machine's: a name that an attacker's DNS turns
    /// into 127.0.0.1 (rebinding) is none of them.
    func refusal(of request: AdminRequest) -> AdminAnswer? {
        if request.hasOrigin {
            return .text(403, "requests with an Origin are refused: this API is not for web pages")
        }
        guard address.address.isLoopback, !allows(host: request.host) else { return nil }
        return .text(
            421,
            "the Host \"\(request.host)\" is not this API's;"
                + " expected localhost, 127.0.0.1, [::1] or \(address)"
        )
    }

    private func allows(host: String) -> Bool {
        let name = Self.name(of: host).lowercased()
        return ["localhost", "127.0.0.1", "[::1]", Self.name(of: address.description)]
            .contains(name)
    }

    /// A Host without its port; brackets stay.
    private static func name(of host: String) -> String {
        guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host }
        return String(host[..<colon])
    }
}
