// Alone because: it is what the plugin host does for the compiler, and both read it.

/// What a filter was configured with for a route, or why not.
package enum RouteConfiguration: Sendable {
    /// `value` is what entries of a chain have; `claim` is one hold on it, to be released.
    case ready(value: UInt64, claim: UInt64)
    /// The plugin has not answered yet; what is compiled then is compiled again later.
    case pending
    /// The plugin refuses it; a sentence, and a JSON Pointer into the configuration.
    case refused(text: String, pointer: String)
}

/// Who configures the filters of plugins; made by the plugin host.
package protocol RouteConfigurations: AnyObject, Sendable {
    /// [compiler] The same text will be asked of `resolve`: the plugin may begin.
    func prepare(filter: UInt16, _ json: [UInt8])

    /// [compiler] What the filter in a slot was given for this canonical text, shared by all who
    /// ask for the same; waits for the plugin, within a limit.
    func resolve(filter: UInt16, _ json: [UInt8]) -> RouteConfiguration

    /// [compiler] One more hold on what `resolve` gave.
    func retain(_ claim: UInt64)

    /// [compiler] One hold fewer; the last one frees the configuration.
    func release(_ claim: UInt64)

    /// [compiler] A compilation is over: what was prepared before it and nobody holds goes.
    func sweep()
}
