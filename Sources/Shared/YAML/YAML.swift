/// Reads YAML 1.2 (core schema) into the same trees as JSON.
public enum YAML {
    /// Reads every document of a text in UTF-8; empty documents are left out.
    ///
    /// Refused besides bad grammar: keys that are not strings or are said twice, merge keys (`<<`),
    /// tags outside the core schema, infinities and NaN, aliases inside their own anchor, and
    /// whatever exceeds `limits`. Values that an alias repeats carry the marks of their anchor.
    public static func parse(
        _ bytes: [UInt8],
        source: String,
        limits: ParseLimits = .standard
    ) throws(ParseFailure) -> [JSONDocument] {
        var reader = try YAMLReader(bytes, source: source, limits: limits)
        return try reader.documents()
    }
}

/// Builds the documents of a YAML text from its events.
struct YAMLReader: ~Copyable {
    private var events: YAMLEvents
    private let source: String
    private let limits: ParseLimits
    private var builder: TreeBuilder
    /// Nodes of the documents that are finished.
    private var nodesBefore = 0
    private var aliasNodes = 0
    /// The nodes of each anchor of this document; an anchor whose node is open has none yet.
    private var anchors: [String: Range<Int>] = [:]
    /// The anchors of the open containers, outermost first.
    private var openAnchors: [(name: String?, start: Int)] = []

    init(_ bytes: [UInt8], source: String, limits: ParseLimits) throws(ParseFailure) {
        let bytesMax = min(limits.bytesMax, ParseLimits.positionMax / 2)
        guard bytes.count <= bytesMax else {
            throw ParseFailure(
                source: source,
                mark: Mark(line: 1, column: 1),
                pointer: "",
                text: "the text has \(bytes.count) bytes, more than the \(bytesMax) allowed"
            )
        }
        try Self.refuseManyDirectives(bytes, source: source)
        events = YAMLEvents(bytes)
        self.source = source
        self.limits = limits
        builder = TreeBuilder(source: source, limits: limits)
    }

    private static func refuseManyDirectives(
        _ bytes: [UInt8],
        source: String
    ) throws(ParseFailure) {
        var (line, directives) = (1, 0)
        var previous = UInt8(ascii: "\n")
        for byte in bytes {
            if previous == UInt8(ascii: "\n") || previous == UInt8(ascii: "\r") {
                directives += byte == UInt8(ascii: "%") ? 1 : 0
            }
            guard directives <= ParseLimits.directivesMax else {
                throw ParseFailure(
                    source: source,
                    mark: Mark(line: line, column: 1),
                    pointer: "",
                    text: "more than \(ParseLimits.directivesMax) lines start with %; remove them"
                )
            }
            line += byte == UInt8(ascii: "\n") ? 1 : 0
            previous = byte
        }
    }

    mutating func documents() throws(ParseFailure) -> [JSONDocument] {
        var documents: [JSONDocument] = []
        while true {
            let event = try next()
            switch event.kind {
            case .streamEnd: return documents
            case .documentStart: startDocument()
            case .documentEnd:
                if let tree = finishedTree() {
                    documents.append(JSONDocument(tree: tree, source: source))
                }
            case .alias(let name): try alias(name, event.mark)
            case .scalar(let scalar): try self.scalar(scalar, event.mark)
            case .open(let kind, let tag, let anchor):
                try open(kind, tag: tag, anchor: anchor, event.mark)
            case .close: try close()
            }
        }
    }

    private mutating func next() throws(ParseFailure) -> YAMLEvent {
        do {
            return try events.next()
        } catch {
            throw builder.failure(error.mark, error.text)
        }
    }

    private mutating func startDocument() {
        builder = TreeBuilder(source: source, limits: limits, nodesBefore: nodesBefore)
        anchors.removeAll(keepingCapacity: true)
    }

    /// The tree of the document that ended, or nil when there was nothing in it.
    private mutating func finishedTree() -> Tree? {
        let tree = builder.tree
        nodesBefore += tree.nodes.count
        builder = TreeBuilder(source: source, limits: limits)
        return tree.nodes.isEmpty ? nil : tree
    }

    private mutating func open(
        _ kind: JSONValue.Kind,
        tag: String?,
        anchor: String?,
        _ mark: Mark
    ) throws(ParseFailure) {
        if builder.expectsKey { throw keyFailure(mark, "a list or a map") }
        let expected = kind == .array ? "seq" : "map"
        if let tag, tag != "!", tag != CoreSchema.tagPrefix + expected {
            throw builder.failure(mark, CoreSchema.refusal(ofTag: tag))
        }
        if let anchor { anchors[anchor] = nil }
        openAnchors.append((anchor, builder.count))
        try builder.open(kind, mark: mark)
    }

    private mutating func close() throws(ParseFailure) {
        let (name, start) = openAnchors.removeLast()
        try builder.close()
        if let name { anchors[name] = start..<builder.count }
    }

    private mutating func scalar(_ scalar: YAMLScalar, _ mark: Mark) throws(ParseFailure) {
        let isNothing = scalar.bytes.isEmpty && scalar.isPlain && scalar.tag == nil
        if builder.container == nil && isNothing && scalar.anchor == nil { return }
        let start = builder.count
        let resolved = CoreSchema.resolve(scalar)
        if builder.expectsKey {
            try key(scalar, resolved, mark)
        } else {
            try value(scalar, resolved, mark)
        }
        if let anchor = scalar.anchor { anchors[anchor] = start..<builder.count }
    }

    private mutating func key(
        _ scalar: YAMLScalar,
        _ resolved: CoreSchema.Resolution,
        _ mark: Mark
    ) throws(ParseFailure) {
        switch resolved {
        case .string: break
        case .refused(let text): throw builder.failure(mark, text)
        case .null: throw keyFailure(mark, "nothing")
        case .bool, .number:
            throw keyFailure(mark, String(decoding: scalar.bytes, as: UTF8.self))
        }
        if scalar.isPlain && scalar.bytes.elementsEqual("<<".utf8) {
            throw builder.failure(
                mark,
                "the merge key << is not part of YAML 1.2; write the members out"
            )
        }
        let range = append(scalar.bytes)
        try builder.key(start: range.lowerBound, length: range.count, mark: mark)
    }

    private mutating func value(
        _ scalar: YAMLScalar,
        _ resolved: CoreSchema.Resolution,
        _ mark: Mark
    ) throws(ParseFailure) {
        switch resolved {
        case .null: try builder.scalar(.null, mark: mark)
        case .bool(let value): try builder.scalar(.bool, length: value ? 1 : 0, mark: mark)
        case .number(let text):
            let range = append(text)
            try builder.scalar(.number, start: range.lowerBound, length: range.count, mark: mark)
        case .string:
            let range = append(scalar.bytes)
            try builder.scalar(.string, start: range.lowerBound, length: range.count, mark: mark)
        case .refused(let text): throw builder.failure(mark, text)
        }
    }

    private mutating func append(_ bytes: [UInt8]) -> Range<Int> {
        let start = builder.bytesCount
        builder.append(bytes)
        return start..<builder.bytesCount
    }

    /// Repeats the nodes of an anchor; their scalars share its bytes.
    private mutating func alias(_ name: String, _ mark: Mark) throws(ParseFailure) {
        guard let nodes = anchors[name] else {
            let isOpen = openAnchors.contains { $0.name == name }
            let problem = isOpen ? "stands inside its own anchor" : "has no anchor before it"
            throw builder.failure(mark, "the alias *\(name) \(problem)")
        }
        aliasNodes += nodes.count
        guard aliasNodes <= limits.aliasNodesMax else {
            throw builder.failure(
                mark,
                "aliases repeat more than \(limits.aliasNodesMax) values; write them out"
            )
        }
        if builder.expectsKey {
            let node = builder.tree.nodes[nodes.lowerBound]
            guard nodes.count == 1, node.kind == .string else {
                throw keyFailure(mark, "the alias *\(name)")
            }
            return try builder.key(start: Int(node.start), length: Int(node.length), mark: mark)
        }
        try builder.replay(nodes)
    }

    private func keyFailure(_ mark: Mark, _ found: String) -> ParseFailure {
        builder.failure(mark, "a key must be a text, found \(found); put the key in quotes")
    }
}
