/// Where a part of a document comes from, as its source said it.
package struct Origin: Sendable, Equatable {
    /// JSON Pointer (RFC 6901) into the document: this value, and what is in it.
    package let pointer: String
    /// As the place of the document, `file:line`; empty: the same.
    package let `where`: String
    /// JSON Pointer into the object of the person who wrote it.
    package let source: String

    package init(pointer: String, where place: String = "", source: String) {
        self.pointer = pointer
        self.where = place
        self.source = source
    }
}

/// The origins of one document, found by pointer.
package struct Origins: Sendable, Equatable {
    /// By pointer.
    private let sorted: [Origin]

    /// Of two with one pointer the later counts.
    package init(_ origins: [Origin]) {
        var byPointer: [String: Origin] = [:]
        for origin in origins { byPointer[origin.pointer] = origin }
        sorted = byPointer.values.sorted { $0.pointer < $1.pointer }
    }

    /// The origin of the value at `pointer`, or of the nearest value around it; nil: none.
    package func nearest(_ pointer: String) -> Origin? {
        guard !sorted.isEmpty else { return nil }
        var around = pointer
        while true {
            if let origin = exact(around) { return origin }
            guard let slash = around.lastIndex(of: "/") else { return nil }
            around = String(around[..<slash])
        }
    }

    private func exact(_ pointer: String) -> Origin? {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].pointer < pointer { low = middle + 1 } else { high = middle }
        }
        guard low < sorted.count, sorted[low].pointer == pointer else { return nil }
        return sorted[low]
    }
}

extension Document {
    /// The problem with the place that the source named for its pointer.
    package func locating(_ problem: Problem) -> Problem {
        let origin = origins.nearest(problem.pointer)
        let place = origin?.where ?? ""
        var located = problem
        located.where = place.isEmpty ? self.place : place
        located.source = origin?.source ?? ""
        return located
    }
}
