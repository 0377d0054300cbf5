/// A plugin that publishes routing documents through `Host.routing`.
public protocol SourcePlugin: Plugin {
    /// The host is not ready before this source's first accepted commit.
    static var isRequired: Bool { get }

    /// Forgets what it remembers, lists everything again and publishes it.
    ///
    /// Called for `POST /reload`, and once in `sluice check`. What it throws before its first wait
    /// is the answer to the caller; what it throws later is logged.
    func resync() async throws

    /// Every worker routes by `generation`; called again with `isSettled` when no exchange of an
    /// older one is left (tunnels and streams apart).
    func installed(generation: UInt64, isSettled: Bool)
}

extension SourcePlugin {
    /// A source is required unless it says otherwise.
    public static var isRequired: Bool { true }

    /// Takes no notice.
    public func installed(generation: UInt64, isSettled: Bool) {}
}
