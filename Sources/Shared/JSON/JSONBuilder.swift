/// A key with the value that it gets.
precedencegroup JSONMemberPrecedence {
    higherThan: AssignmentPrecedence
    lowerThan: TernaryPrecedence
}

infix operator => : JSONMemberPrecedence

/// A member of an object that is being built: `"name" => value`.
public func => (key: String, value: some JSONRepresentable) -> JSONObjectBuilder.Member {
    JSONObjectBuilder.Member(key: key, value: value.json())
}

/// Builds objects of members, conditions and loops.
@resultBuilder
public enum JSONObjectBuilder {
    /// A key with its value.
    public struct Member: Sendable {
        let key: String
        let value: JSON
    }

    /// One member.
    public static func buildExpression(_ member: Member) -> [Member] { [member] }

    /// Members that were built elsewhere.
    public static func buildExpression(_ members: [Member]) -> [Member] { members }

    /// Members one after the other.
    public static func buildBlock(_ members: [Member]...) -> [Member] { members.flatMap(\.self) }

    /// Members of an `if` without `else`.
    public static func buildOptional(_ members: [Member]?) -> [Member] { members ?? [] }

    /// Members of the first branch.
    public static func buildEither(first members: [Member]) -> [Member] { members }

    /// Members of the other branch.
    public static func buildEither(second members: [Member]) -> [Member] { members }

    /// Members of a loop.
    public static func buildArray(_ members: [[Member]]) -> [Member] { members.flatMap(\.self) }
}

extension JSON {
    /// Builds an object: `JSON.object { "a" => 1; if isNew { "new" => true } }`.
    ///
    /// Of a key said twice the last value counts.
    public static func object(
        @JSONObjectBuilder members: () throws -> [JSONObjectBuilder.Member]
    ) rethrows -> JSON {
        .object(Dictionary(try members().map { ($0.key, $0.value) }) { _, last in last })
    }
}
