/// Decides which of several listeners with one address, port and hostname serves.
struct ListenerConflicts {
    /// The listeners that serve, those of one socket together; in the order of precedence.
    private(set) var sockets: [[ListenerForm]] = []
    private(set) var problems: [Problem] = []

    /// `forms` come in the order of precedence: instances as configured, the older first.
    init(_ forms: [ListenerForm], origins: [DocumentKey: String]) {
        var owners: [Claim: ListenerForm] = [:]
        var places: [BindingNumbers.Socket: Int] = [:]
        for form in forms {
            let claim = Claim(socket: form.socket, hostname: form.hostname)
            if let owner = owners[claim] {
                problems.append(
                    ListenerConflicts.problem(form, against: owner, origins[form.key] ?? "")
                )
            } else {
                owners[claim] = form
                let place = places[form.socket] ?? sockets.count
                if place == sockets.count { sockets.append([]) }
                places[form.socket] = place
                sockets[place].append(form)
            }
        }
    }

    private struct Claim: Hashable {
        let socket: BindingNumbers.Socket
        let hostname: HostPattern
    }

    private static func problem(
        _ form: ListenerForm,
        against owner: ListenerForm,
        _ place: String
    ) -> Problem {
        let isPort = form.address == nil && form.key.instance == owner.key.instance
        let host = form.hostname == .any ? "every host" : form.hostname.text
        let from = form.key.instance == owner.key.instance ? "" : " of \(owner.key.instance)"
        let why = isPort || from.isEmpty ? "is older" : "stands earlier in the configuration"
        return Problem(
            severity: .object,
            key: form.key,
            code: isPort ? .portInUse : .hostnameConflict,
            pointer: form.hostname == .any ? "/port" : "/hostname",
            where: place,
            text: "listener \(owner.key.name)\(from) has port \(form.port) for \(host) and \(why): "
                + "this one is left out; choose another port, address or hostname"
        )
    }
}
