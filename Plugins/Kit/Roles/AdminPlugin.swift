/// A plugin that offers operations on the host's admin listener.
///
///     public func operations() -> [Operation] {
///         [
///             Operation("evict", "Drops a runtime.", writes: true, parameters: [
///                 .text("runtime", "Its name."), .integer("grace", "Milliseconds.", default: 0),
///             ]) { plugin, call in
///                 guard plugin.drop(try call.text("runtime")) else {
///                     throw PluginError(.notFound, "there is no such runtime")
///                 }
///                 call.reply.set("left", plugin.count)
///             }
///         ]
///     }
public protocol AdminPlugin: Plugin {
    /// What it offers; asked once, after `init`.
    func operations() -> [Operation<Self>]

    /// Its state for GET /config and support bundles; secrets are left out.
    func dump(_ reply: AdminReply)
}

extension AdminPlugin {
    /// Offers nothing.
    public func operations() -> [Operation<Self>] { [] }

    /// Says nothing.
    public func dump(_ reply: AdminReply) {}
}

/// One operation: the host checks its arguments, and makes its help and OpenAPI from this.
public struct Operation<Offering: AdminPlugin>: Sendable {
    /// One word: letters, digits, `-`, `_`, `.`.
    public let name: String
    /// A sentence for people.
    public let doc: String
    /// Whether it changes something: POST, else GET.
    public let writes: Bool
    /// What it is given.
    public let parameters: [Parameter]
    /// What it does.
    let run: @Sendable (isolated Offering, OperationCall) throws -> Void

    /// Declares an operation that runs on the lane.
    ///
    /// What `run` throws is the answer: a `PluginError` by its status (`.invalid` 400, `.denied`
    /// 403, `.notFound` 404, `.exists` and `.state` 409, `.limit` 429, `.timeout` 504), anything
    /// else 500.
    public init(
        _ name: String,
        _ doc: String,
        writes: Bool = false,
        parameters: [Parameter] = [],
        run: @escaping @Sendable (isolated Offering, OperationCall) throws -> Void
    ) {
        self.name = name
        self.doc = doc
        self.writes = writes
        self.parameters = parameters
        self.run = run
    }
}

/// One parameter of an operation.
public struct Parameter: Sendable {
    /// The letter of its type in the header's signatures.
    let letter: Character
    let name: String
    let doc: String
    let isOptional: Bool
    /// JSON text.
    let fallback: String?

    private init(
        _ letter: Character,
        _ name: String,
        _ doc: String,
        isOptional: Bool,
        fallback: String? = nil
    ) {
        self.letter = letter
        self.name = name
        self.doc = doc
        self.isOptional = isOptional || fallback != nil
        self.fallback = fallback
    }

    /// A text.
    public static func text(_ name: String, _ doc: String, isOptional: Bool = false) -> Parameter {
        Parameter("s", name, doc, isOptional: isOptional)
    }

    /// An integer of 64 bits; it may be left out when there is a default.
    public static func integer(
        _ name: String,
        _ doc: String,
        default fallback: Int64? = nil
    ) -> Parameter {
        Parameter("I", name, doc, isOptional: false, fallback: fallback.map { "\($0)" })
    }

    /// A number; it may be left out when there is a default.
    public static func number(
        _ name: String,
        _ doc: String,
        default fallback: Double? = nil
    ) -> Parameter {
        Parameter("d", name, doc, isOptional: false, fallback: fallback.map { "\($0)" })
    }

    /// True or false; it may be left out when there is a default.
    public static func boolean(
        _ name: String,
        _ doc: String,
        default fallback: Bool? = nil
    ) -> Parameter {
        Parameter("b", name, doc, isOptional: false, fallback: fallback.map { "\($0)" })
    }
}
