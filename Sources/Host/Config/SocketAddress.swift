/// Where a listener of the host's own or the admin API listens: an IP address and a port.
package struct SocketAddress: Sendable, Hashable {
    package let address: IPAddress
    package let port: UInt16

    /// An address and a port; port 0 lets the kernel choose.
    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Why a text is not an address to listen on, as a sentence's second half.
    package struct Refusal: Error, Sendable, Equatable {
        package let text: String
    }

    /// What an address looks like, for messages.
    package static let form =
        "an address such as \"127.0.0.1:8081\", \"[::1]:80\" or \":8080\" (all addresses)"

    /// Reads `127.0.0.1:8081`, `[::1]:80` or `:8080`, which is dual-stack `[::]:8080`.
    package init(_ text: String) throws(Refusal) {
        guard !text.hasPrefix("unix:") else {
            throw Refusal(
                text: "listening on a unix socket is not supported yet; use \(Self.form)"
            )
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw Refusal(text: "the port is missing in \"\(text)\"; expected \(Self.form)")
        }
        address = try Self.host(String(text[..<colon]), of: text)
        port = try Self.port(String(text[text.index(after: colon)...]), of: text)
    }

    private static func host(_ host: String, of text: String) throws(Refusal) -> IPAddress {
        guard !host.isEmpty else { return .any }
        if host.hasPrefix("["), host.hasSuffix("]") {
            if let address = IPAddress(String(host.dropFirst().dropLast())), !address.isIPv4 {
                return address
            }
        } else if let address = IPAddress(host) {
            if address.isIPv4 { return address }
            throw Refusal(text: "an IPv6 address with a port needs brackets: \"[::1]:80\"")
        }
        throw Refusal(text: "\"\(host)\" in \"\(text)\" is no IP address; expected \(form)")
    }

    private static func port(_ port: String, of text: String) throws(Refusal) -> UInt16 {
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port) else {
            throw Refusal(
                text: "\"\(port)\" in \"\(text)\" is no port; expected a number from 0 to 65535"
            )
        }
        return number
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:80` or `[::1]:80`.
    package var description: String {
        address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
