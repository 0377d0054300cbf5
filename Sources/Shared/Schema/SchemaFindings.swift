/// Problems as they are found; pointers are computed only for those that are reported.
struct SchemaFindings {
    struct Finding {
        var value: JSONValue
        /// The member that the problem is about, when that is not the value itself.
        var member: JSONMember?
        var keyword: SchemaKeyword
        var text: String

        var problem: SchemaProblem {
            SchemaProblem(
                pointer: member?.value.pointer ?? value.pointer,
                mark: member?.keyMark ?? value.mark,
                keyword: keyword.rawValue,
                text: text
            )
        }
    }

    private(set) var list: [Finding] = []

    var isFull: Bool { list.count >= Schema.problemsMax }

    mutating func add(_ keyword: SchemaKeyword, _ value: JSONValue, _ text: String) {
        guard !isFull else { return }
        list.append(Finding(value: value, member: nil, keyword: keyword, text: text))
    }

    mutating func add(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        _ member: JSONMember,
        _ text: String
    ) {
        guard !isFull else { return }
        list.append(Finding(value: value, member: member, keyword: keyword, text: text))
    }

    mutating func add(_ other: SchemaFindings) {
        list += other.list.prefix(Schema.problemsMax - list.count)
    }
}
