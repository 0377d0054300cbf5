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
