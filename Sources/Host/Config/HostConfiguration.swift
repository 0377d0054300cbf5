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
    package var forwarding = ForwardingTerms()
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
    /// The members that it shares with listener documents, written as there.
    package let options: JSON

    package init(
        name: String,
        address: SocketAddress,
        services: [String],
        options: JSON = .object([:])
    ) {
        self.name = name
        self.address = address
        self.services = services
        self.options = options
    }
}

/// What origins learn about the way of a request.
package struct ForwardingTerms: Sendable, Equatable {
    /// The peers whose forwarded fields are kept: addresses and networks such as `10.0.0.0/8`.
    package var trusted: [String] = []
    /// Whether `Forwarded` (RFC 7239) is sent beside the `X-Forwarded-` fields.
    package var addsForwarded = false
    /// Whether `Via` (RFC 9110 7.6.3) is sent.
    package var addsVia = true

    package init() {}
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
    /// Its place, `file:line`, for messages.
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

/// One thing that is wrong in the host's configuration, where it is, and what was expected.
package struct ConfigProblem: Error, Sendable, Equatable {
    package let source: String
    /// 1-based; 0 when it concerns the whole file.
    package let line: Int
    package let column: Int
    /// JSON Pointer (RFC 6901) of the value.
    package let pointer: String
    package let text: String

    package init(source: String, line: Int, column: Int, pointer: String, text: String) {
        self.source = source
        self.line = line
        self.column = column
        self.pointer = pointer
        self.text = text
    }
}

extension ConfigProblem: CustomStringConvertible {
    /// `file:line:column: /pointer: text`.
    package var description: String {
        let place = line > 0 ? "\(source):\(line):\(column)" : source
        return pointer.isEmpty ? "\(place): \(text)" : "\(place): \(pointer): \(text)"
    }
}

/// Everything that is wrong in one configuration file; none of it was taken over.
package struct ConfigFailure: Error, Sendable, Equatable {
    package let problems: [ConfigProblem]

    package init(problems: [ConfigProblem]) {
        self.problems = problems
    }
}

extension ConfigFailure: CustomStringConvertible {
    /// One problem a line.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
