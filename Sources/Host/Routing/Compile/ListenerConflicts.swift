/// Decides which of several listeners with one address, port and hostname serves.
struct ListenerConflicts {
    /// The listeners that serve, those of one socket together; in the order of precedence.
    private(set) var sockets: [[ListenerForm]] = []
    private(set) var problems: [Problem] = []

    /// `forms` come in the order of precedence: instances as configured, the older first.
    init(_ forms: [ListenerForm]) {
        var owners: [Claim: ListenerForm] = [:]
        var places: [BindingNumbers.Socket: Int] = [:]
        for form in forms {
            let claim = Claim(socket: form.socket, hostname: form.hostname)
            let first = places[form.socket].flatMap { sockets[$0].first }
            if let first, (first.tls == nil) != (form.tls == nil) {
                problems.append(ListenerConflicts.mixture(form, with: first))
            } else if let owner = owners[claim] {
                problems.append(ListenerConflicts.problem(form, against: owner))
            } else if let first, first.proxyProtocol != form.proxyProtocol {
                problems.append(ListenerConflicts.disagreement(form, with: first))
            } else {
                owners[claim] = form
                let socket = places[form.socket] ?? sockets.count
                if socket == sockets.count { sockets.append([]) }
                places[form.socket] = socket
                sockets[socket].append(form)
            }
        }
    }

    private struct Claim: Hashable {
        let socket: BindingNumbers.Socket
        let hostname: HostPattern
    }

    /// A connection begins with a handshake or without one, before any host is known.
    private static func mixture(
        _ form: ListenerForm,
        with first: ListenerForm
    ) -> Problem {
        let (mine, other) = form.tls == nil ? ("HTTP", "HTTPS") : ("HTTPS", "HTTP")
        return Problem(
            severity: .object,
            key: form.key,
            code: .protocolConflict,
            pointer: "/protocol",
            text: "listener \(first.key.name) speaks \(other) on the same address and port and "
                + "comes first: this one, \(mine), is left out; choose another port or address"
        )
    }

    /// The header comes before the host is known, so that a socket has one rule for it.
    private static func disagreement(
        _ form: ListenerForm,
        with first: ListenerForm
    ) -> Problem {
        Problem(
            severity: .object,
            key: form.key,
            code: .protocolConflict,
            pointer: form.proxyProtocol == nil ? "" : "/proxyProtocol",
            text: "listener \(first.key.name) has the same address and port with another "
                + "proxyProtocol and comes first: this one is left out; write the same "
                + "proxyProtocol in both, or choose another port or address"
        )
    }

    private static func problem(
        _ form: ListenerForm,
        against owner: ListenerForm
    ) -> Problem {
        let isPort = form.address == nil && form.key.instance == owner.key.instance
        let host = form.hostname == .any ? "every host" : form.hostname.text
        let from = form.key.instance == owner.key.instance ? "" : " of \(owner.key.instance)"
        let why = isPort || from.isEmpty ? "is older" : "comes earlier in the configuration"
        return Problem(
            severity: .object,
            key: form.key,
            code: isPort ? .portInUse : .hostnameConflict,
            pointer: form.hostname == .any ? "/port" : "/hostname",
            text: "listener \(owner.key.name)\(from) has port \(form.port) for \(host) and \(why): "
                + "this one is left out; choose another port, address or hostname"
        )
    }
}
