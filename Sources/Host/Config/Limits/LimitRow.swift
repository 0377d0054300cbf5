/// One tunable bound: its key in the configuration, where it is kept, its range and sentence.
package struct LimitRow: Sendable {
    /// What the number counts, and so how it is written.
    package enum Unit: Sendable {
        case count
        case bytes
        case nanoseconds
    }

    /// The key below `limits:`.
    package let key: String
    /// The field of `Limits` that holds it.
    package let field: any WritableKeyPath<Limits, Int> & Sendable
    package let unit: Unit
    package let range: ClosedRange<Int>
    /// What exceeding it does, in one sentence.
    package let sentence: String

    init(
        _ key: String,
        _ field: any WritableKeyPath<Limits, Int> & Sendable,
        _ unit: Unit,
        _ range: ClosedRange<Int>,
        _ sentence: String
    ) {
        self.key = key
        self.field = field
        self.unit = unit
        self.range = range
        self.sentence = sentence
    }

    /// The default, written as the configuration would.
    package var fallback: String {
        text(Limits()[keyPath: field])
    }

    /// A value of this bound, written as the configuration would.
    package func text(_ value: Int) -> String {
        switch unit {
        case .count: String(value)
        case .bytes: ByteSize.text(value)
        case .nanoseconds: TimeSpan.text(value)
        }
    }
}
