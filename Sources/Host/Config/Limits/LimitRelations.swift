extension Limits {
    /// Pairs of bounds that contradict each other: the key to look at and a sentence.
    package func contradictions() -> [(key: String, text: String)] {
        var found: [(key: String, text: String)] = []
        func require(_ holds: Bool, _ key: String, _ text: String) {
            if !holds { found.append((key, text)) }
        }
        require(
            requestLineBytesMax <= headerBytesMax,
            "requestLineBytesMax",
            "requestLineBytesMax must not exceed headerBytesMax: the line is part of the head"
        )
        require(
            isPowerOfTwo(ringEntries),
            "ringEntries",
            "expected a power of two, as io_uring rings are; \(ringEntries) is none"
        )
        require(
            isPowerOfTwo(receiveBuffersPerWorker),
            "receiveBuffersPerWorker",
            "expected a power of two, as buffer rings are; \(receiveBuffersPerWorker) is none"
        )
        require(
            pendingWriteBytesMax >= receiveBufferBytes,
            "pendingWriteBytesMax",
            "pendingWriteBytesMax must hold at least one receive buffer (receiveBufferBytes)"
        )
        return found
    }

    private func isPowerOfTwo(_ number: Int) -> Bool {
        number > 0 && number & (number - 1) == 0
    }
}
