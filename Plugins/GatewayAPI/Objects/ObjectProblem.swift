/// What is wrong with one object, said so that its owner can mend it.
public struct ObjectProblem: Hashable, Sendable {
    /// How much of the object the problem costs.
    public enum Severity: String, Sendable {
        /// Nothing is lost; somebody should look.
        case warning
        /// The object, or the named part of it, is not in force.
        case object
    }

    /// How much of the object is lost.
    public let severity: Severity
    /// The object, when its name could be read.
    public let object: ObjectKey?
    /// JSON Pointer from the object's root to the offending value; empty for the whole object.
    public let pointer: String
    /// The file.
    public let source: String
    /// The line of the offending value in the file, from 1.
    public let line: Int
    /// A stable word: of the checker (`unknown-field`, `required`, ...), or a condition reason.
    public let code: String
    /// A sentence: what happened, what was expected, what to do.
    public let text: String

    /// Reports a problem.
    public init(
        _ severity: Severity,
        of object: ObjectKey?,
        pointer: String,
        source: String,
        line: Int,
        code: String,
        text: String
    ) {
        self.severity = severity
        self.object = object
        self.pointer = pointer
        self.source = source
        self.line = line
        self.code = code
        self.text = text
    }

    /// `file:line` of the offending value.
    public var place: String { "\(source):\(line)" }
}

extension ObjectProblem: CustomStringConvertible {
    /// `a.yaml:7: HTTPRoute default/shop: /spec/rules/0: text`.
    public var description: String {
        let subject = object.map { "\($0): " } ?? ""
        return "\(place): \(subject)\(pointer.isEmpty ? "" : "\(pointer): ")\(text)"
    }
}

extension ObjectProblem: Comparable {
    /// Orders by file and line, so that equal input reports equally.
    public static func < (left: ObjectProblem, right: ObjectProblem) -> Bool {
        (left.source, left.line, left.pointer, left.code, left.text)
            < (right.source, right.line, right.pointer, right.code, right.text)
    }
}
