internal import SluiceShared

/// The cross-field rules of the Gateway API v1.6 definitions, with their own messages.
enum Rules {
    static let listener = [
        Rule("tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']") { listener in
            ["HTTP", "TCP", "UDP"].contains(listener.text("protocol"))
                ? listener.present("tls") : nil
        },
        Rule("tls mode must be Terminate for protocol HTTPS") { listener in
            guard listener.text("protocol") == "HTTPS", let tls = listener.present("tls"),
                let mode = tls.text("mode"), mode != "Terminate"
            else { return nil }
            return tls["mode"]
        },
        Rule("tls must be set for protocol HTTPS") { listener in
            listener.text("protocol") == "HTTPS" && listener.present("tls") == nil
                ? listener : nil
        },
        Rule("tls mode must be set for protocol TLS") { listener in
            guard listener.text("protocol") == "TLS",
                (listener["tls"]?.text("mode") ?? "").isEmpty
            else { return nil }
            return listener
        },
        Rule("hostname must not be specified for protocols ['TCP', 'UDP']") { listener in
            ["TCP", "UDP"].contains(listener.text("protocol"))
                && !(listener.text("hostname") ?? "").isEmpty
                ? listener["hostname"] : nil
        },
    ]

    static let listenerTLS = [
        Rule("certificateRefs or options must be specified when mode is Terminate") { tls in
            guard tls.text("mode") ?? "Terminate" == "Terminate",
                tls.list("certificateRefs").isEmpty, tls["options"]?.count ?? 0 == 0
            else { return nil }
            return tls
        }
    ]

    static let gateway = [
        Rule("Listener name must be unique within the Gateway") { spec in
            repeated(spec.list("listeners")) { $0.text("name") }
        },
        Rule(
            "Combination of port, protocol and hostname must be unique for each listener"
        ) { spec in
            repeated(spec.list("listeners")) { listener in
                let port = listener.integer("port") ?? 0
                let host = listener.text("hostname") ?? ""
                return "\(port) \(listener.text("protocol") ?? "") \(host)"
            }
        },
        addresses("IPAddress"), addresses("Hostname"),
        Rule("Port for TLS configuration must be unique within the Gateway") { spec in
            repeated(spec["tls"]?["frontend"]?.list("perPort") ?? []) { $0["port"]?.numberText }
        },
    ]

    private static func addresses(_ type: String) -> Rule {
        Rule("\(type) values must be unique") { spec in
            repeated(
                spec.list("addresses").filter { ($0.text("type") ?? "IPAddress") == type }
            ) { $0.text("value") }
        }
    }

    static let servicePort = Rule("Must have port for Service reference") { reference in
        (reference.text("group") ?? "").isEmpty
            && (reference.text("kind") ?? Kind.service) == Kind.service
            && reference.present("port") == nil ? reference : nil
    }

    static let service = [
        Rule("Port name must be set and unique when the Service has several ports") { spec in
            let ports = spec.list("ports")
            guard ports.count > 1 else { return nil }
            return ports.first { ($0.text("name") ?? "").isEmpty }
                ?? repeated(ports) { $0.text("name") }
        },
        Rule("Combination of port and protocol must be unique for each port") { spec in
            repeated(spec.list("ports")) { port in
                "\(port.integer("port") ?? 0) \(port.text("protocol") ?? "TCP")"
            }
        },
    ]

    static let endpointSlice = [
        Rule("Addresses must be of the slice's addressType") { slice in
            let type = slice.text("addressType") ?? ""
            return slice.list("endpoints").lazy.flatMap { $0.list("addresses") }.first { address in
                let text = address.string ?? ""
                return switch type {
                case "IPv4": !isIPv4(text)
                case "IPv6": !isIPv6(text)
                default: !TextRule.preciseHostname.accepts(text)
                }
            }
        }
    ]

    static let backendEndpoint = [
        Rule("Exactly one of ip, host and unix must be specified") { endpoint in
            ["ip", "host", "unix"].filter { endpoint.present($0) != nil }.count == 1
                ? nil : endpoint
        },
        Rule("port must be specified unless unix is set, and not beside it") { endpoint in
            (endpoint.present("unix") != nil) == (endpoint.present("port") != nil) ? endpoint : nil
        },
    ]

    /// The first item whose key an earlier item had; items without a key do not count.
    static func repeated(_ items: [JSONValue], _ key: (JSONValue) -> String?) -> JSONValue? {
        var seen: Set<String> = []
        return items.first { item in
            guard let key = key(item) else { return false }
            return !seen.insert(key).inserted
        }
    }
}
