package import SluiceBase
package import SluiceShared

/// The host's configuration: what the file says, with defaults filled in and checked.
package struct HostConfiguration: Sendable {
    /// The file it came from, as it was named.
    package var path = ""
    /// The folder of that file, from the root; relative paths start there.
    package var directory = "."
    /// How many workers serve; `auto` is already a number.
    package var workers = 1
    package var io = IOChoice.auto
    /// The folder for what survives a restart.
    package var stateDirectory = ".sluice"
    package var admin = SocketAddress(address: IPAddress(ipv4: 0x7F00_0001), port: 9_901)
    package var listeners: [ListenerConfiguration] = []
    package var plugins: [PluginConfiguration] = []
    package var limits = Limits()
    package var logLevel = LogLevel.info
    /// What is understood but left out, such as a listener that speaks TLS; the rest serves.
    package var remarks: [ConfigProblem] = []

    /// The defaults.
    package init() {}
}

/// How the workers ask the kernel.
package enum IOChoice: String, CaseIterable, Sendable {
    case auto
    case uring
    case epoll
}

/// A listener of the host's own, for plugin services.
package struct ListenerConfiguration: Sendable, Equatable {
    package let name: String
    package let address: SocketAddress
    /// Names of instances in `plugins`.
    package let services: [String]

    package init(name: String, address: SocketAddress, services: [String]) {
        self.name = name
        self.address = address
        self.services = services
    }
}

/// One plugin instance.
package struct PluginConfiguration: Sendable, Equatable {
    package var name: String
    /// A name to look up beside the binary, or a path (it has a slash).
    package var library: String
    /// The instance's own settings; absent means an empty object.
    package var config: JSONValue?
    /// Whether `/readyz` waits for it.
    package var isRequired = true
    /// Whether mounts that ask for it may run on a worker.
    package var isInline = false
    /// Namespaces whose routes may use it; `*` is all.
    package var exposedNamespaces: [String] = []
    /// Where it stands, `file:line`, for messages.
    package var place = ""

    package init(name: String, library: String) {
        self.name = name
        self.library = library
    }

    /// Whether routes of a namespace may name this instance.
    package func exposes(to namespace: String) -> Bool {
        exposedNamespaces.contains { $0 == "*" || $0 == namespace }
    }
}
