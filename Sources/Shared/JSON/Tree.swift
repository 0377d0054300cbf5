/// One value, or one object key, of a tree.
struct TreeNode: Sendable {
    var kind: JSONValue.Kind
    /// Where the scalar's bytes start in the tree's bytes.
    var start: UInt32 = 0
    /// A scalar's bytes; a container's elements or members; 1 for `true`.
    var length: UInt32 = 0
    /// The node behind this one and all below it.
    var end: UInt32 = 0
    /// The container it stands in; -1 at the root.
    var parent: Int32 = -1
    var line: UInt32
    var column: UInt32

    var mark: Mark { Mark(line: Int(line), column: Int(column)) }
}

/// A document as two arrays: nodes in the order of the text, and the bytes they point into.
///
/// An object's children alternate key, value. Nothing is one heap object a node.
struct Tree: Sendable {
    var nodes: [TreeNode] = []
    var bytes: [UInt8] = []

    /// The bytes of a string or a number.
    func slice(_ index: Int) -> ArraySlice<UInt8> {
        let node = nodes[index]
        return bytes[Int(node.start)..<Int(node.start) + Int(node.length)]
    }

    func text(_ index: Int) -> String {
        String(decoding: slice(index), as: UTF8.self)
    }

    /// The value of a member, or nil.
    func member(_ key: String, of object: Int) -> Int? {
        var key = key
        return key.withUTF8 { wanted in
            var child = object + 1
            for _ in 0..<Int(nodes[object].length) {
                if unsafe Int(nodes[child].length) == wanted.count
                    && slice(child).elementsEqual(wanted)
                {
                    return child + 1
                }
                child = Int(nodes[child + 1].end)
            }
            return nil
        }
    }

    /// The JSON Pointer of a value; that of a key is that of its member.
    func pointer(of index: Int) -> String {
        var tokens: [String] = []
        var node = index
        while nodes[node].parent >= 0 {
            let parent = Int(nodes[node].parent)
            tokens.append(token(of: node, in: parent))
            node = parent
        }
        return tokens.reversed().map { "/" + $0 }.joined()
    }

    private func token(of index: Int, in parent: Int) -> String {
        var child = parent + 1
        var position = 0
        while true {
            if nodes[parent].kind == .object {
                if child == index || child + 1 == index { return escapedToken(text(child)) }
                child = Int(nodes[child + 1].end)
            } else {
                if child == index { return String(position) }
                child = Int(nodes[child].end)
            }
            position += 1
        }
    }

    /// Whether two strings have the same bytes.
    func areEqual(_ one: Int, _ other: Int) -> Bool {
        nodes[one].length == nodes[other].length && slice(one).elementsEqual(slice(other))
    }
}

/// A reference token of a JSON Pointer (RFC 6901, section 3).
func escapedToken(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x7E || $0 == 0x2F }) else { return text }
    var escaped = ""
    for character in text.unicodeScalars {
        switch character {
        case "~": escaped += "~0"
        case "/": escaped += "~1"
        default: escaped.unicodeScalars.append(character)
        }
    }
    return escaped
}
