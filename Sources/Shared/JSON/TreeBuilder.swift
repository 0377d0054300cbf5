/// Grows a tree in the order of its text and refuses what is too deep, too large or said twice.
struct TreeBuilder {
    private(set) var tree = Tree()
    private let source: String
    private let limits: ParseLimits
    private let nodesMax: Int
    /// The containers not closed yet, outermost first.
    private var open: [Int] = []
    /// Whether a key waits for its value.
    private(set) var keyIsPending = false

    /// Begins a tree whose scalars may point into `bytes`; earlier documents of the same text have
    /// `nodesBefore` values.
    init(source: String, limits: ParseLimits, bytes: [UInt8] = [], nodesBefore: Int = 0) {
        self.source = source
        self.limits = limits
        nodesMax = min(limits.nodesMax, ParseLimits.positionMax) - nodesBefore
        tree.bytes = bytes
    }

    var isComplete: Bool { open.isEmpty && !tree.nodes.isEmpty }
    var count: Int { tree.nodes.count }
    var bytesCount: Int { tree.bytes.count }

    /// The kind of the innermost container; nil outside of all.
    var container: JSONValue.Kind? { open.last.map { tree.nodes[$0].kind } }
    /// Members or elements that the innermost container has by now.
    var containerCount: Int { open.last.map { Int(tree.nodes[$0].length) } ?? 0 }
    /// Whether the next scalar of an object is a key.
    var expectsKey: Bool { container == .object && !keyIsPending }

    func byte(_ offset: Int) -> UInt8 { tree.bytes[offset] }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        tree.bytes.append(contentsOf: bytes)
    }

    mutating func append(_ byte: UInt8) {
        tree.bytes.append(byte)
    }

    /// Copies bytes that the tree has already to its end.
    mutating func append(copyOf range: Range<Int>) {
        // A slice would share the array, and appending to a shared array copies all of it.
        for offset in range { tree.bytes.append(tree.bytes[offset]) }
    }

    /// Adds a value without children; `length` is 1 for `true`.
    mutating func scalar(
        _ kind: JSONValue.Kind,
        start: Int = 0,
        length: Int = 0,
        mark: Mark
    ) throws(ParseFailure) {
        try place(kind, start: start, length: length, mark: mark)
        keyIsPending = false
    }

    mutating func key(start: Int, length: Int, mark: Mark) throws(ParseFailure) {
        try place(.string, start: start, length: length, mark: mark)
        keyIsPending = true
    }

    mutating func open(_ kind: JSONValue.Kind, mark: Mark) throws(ParseFailure) {
        guard open.count < limits.depthMax else {
            throw failure(mark, "nested deeper than \(limits.depthMax) levels; flatten it")
        }
        let index = count
        try place(kind, start: 0, length: 0, mark: mark)
        keyIsPending = false
        open.append(index)
    }

    mutating func close() throws(ParseFailure) {
        let index = open.removeLast()
        tree.nodes[index].end = UInt32(count)
        if tree.nodes[index].kind == .object, let twin = duplicateKey(of: index) {
            throw ParseFailure(
                source: source,
                mark: tree.nodes[twin].mark,
                pointer: tree.pointer(of: index),
                text: "duplicate key \(quoted(tree.text(twin))); remove one of them"
            )
        }
    }

    /// Adds once more the value that the nodes of `range` make, with their marks.
    mutating func replay(_ range: Range<Int>) throws(ParseFailure) {
        var ends: [Int] = []
        for index in range {
            while ends.last == index {
                ends.removeLast()
                try close()
            }
            let node = tree.nodes[index]
            let (start, length) = (Int(node.start), Int(node.length))
            switch node.kind {
            case .array, .object:
                try open(node.kind, mark: node.mark)
                ends.append(Int(node.end))
            case .string where expectsKey: try key(start: start, length: length, mark: node.mark)
            case .null, .bool, .number, .string:
                try scalar(node.kind, start: start, length: length, mark: node.mark)
            }
        }
        for _ in ends { try close() }
    }

    /// A failure at `mark`, with the pointer of the place that was being read.
    func failure(_ mark: Mark, _ text: String) -> ParseFailure {
        var pointer = ""
        if let index = open.last {
            pointer = tree.pointer(of: index)
            if keyIsPending {
                pointer += "/" + escapedToken(tree.text(count - 1))
            } else if tree.nodes[index].kind == .array {
                pointer += "/\(tree.nodes[index].length)"
            }
        }
        return ParseFailure(source: source, mark: mark, pointer: pointer, text: text)
    }

    private mutating func place(
        _ kind: JSONValue.Kind,
        start: Int,
        length: Int,
        mark: Mark
    ) throws(ParseFailure) {
        guard count < nodesMax else {
            throw failure(mark, "more than \(limits.nodesMax) values; split the text")
        }
        let parent = open.last
        if let parent, !keyIsPending { tree.nodes[parent].length += 1 }
        tree.nodes.append(
            TreeNode(
                kind: kind,
                start: UInt32(start),
                length: UInt32(length),
                end: UInt32(count + 1),
                parent: Int32(parent ?? -1),
                line: UInt32(mark.line),
                column: UInt32(mark.column)
            )
        )
    }

    /// The first key that repeats an earlier one.
    private func duplicateKey(of object: Int) -> Int? {
        let keysCount = Int(tree.nodes[object].length)
        guard keysCount > 1 else { return nil }
        var keys: [Int] = []
        keys.reserveCapacity(keysCount)
        var child = object + 1
        for _ in 0..<keysCount {
            if keysCount <= Self.pairwiseKeysMax, keys.contains(where: { tree.areEqual($0, child) })
            {
                return child
            }
            keys.append(child)
            child = Int(tree.nodes[child + 1].end)
        }
        return keysCount <= Self.pairwiseKeysMax ? nil : duplicateBySorting(keys)
    }

    /// Comparing every pair is fastest up to here; above, an attacker could make it quadratic.
    private static let pairwiseKeysMax = 8

    private func duplicateBySorting(_ keys: [Int]) -> Int? {
        let sorted = keys.sorted { one, other in
            if tree.nodes[one].length != tree.nodes[other].length {
                return tree.nodes[one].length < tree.nodes[other].length
            }
            if tree.areEqual(one, other) { return one < other }
            return tree.slice(one).lexicographicallyPrecedes(tree.slice(other))
        }
        return zip(sorted, sorted.dropFirst()).filter { tree.areEqual($0, $1) }.map(\.1).min()
    }
}

/// A short text in double quotes for a message; long ones are cut.
public func quoted(_ text: String) -> String {
    let cut = text.unicodeScalars.count > quotedScalarsMax
    let shown = cut ? String(text.unicodeScalars.prefix(quotedScalarsMax)) + "…" : text
    return String(decoding: JSON.string(shown).canonical(), as: UTF8.self)
}

/// How much of a text a message repeats, in Unicode scalars.
private let quotedScalarsMax = 60
