internal import SluiceABI

extension Headers {
    /// A copy of the lines of the other side.
    init(_ words: sluice_headers) {
        let lines = unsafe UnsafeBufferPointer(start: words.items, count: words.count)
        self.init(unsafe lines.map { line in unsafe Header(line) })
    }

    /// Lends the lines to a call to the host.
    func lend<Answer>(
        _ arena: inout Arena,
        _ body: (inout Arena, sluice_headers) -> Answer
    ) -> Answer {
        let words = unsafe map { line in unsafe line.words(&arena) }
        return unsafe words.withUnsafeBufferPointer { list in
            unsafe body(&arena, sluice_headers(items: list.baseAddress, count: list.count))
        }
    }
}

extension Header {
    init(_ words: sluice_header) {
        unsafe self.init(
            String(words.name),
            octets: Array(words.value),
            isSensitive: words.flags & SLUICE_HEADER_SENSITIVE != 0
        )
    }

    func words(_ arena: inout Arena) -> sluice_header {
        unsafe sluice_header(
            name: arena.span(name),
            value: arena.span(octets),
            flags: isSensitive ? SLUICE_HEADER_SENSITIVE : 0,
            reserved: 0
        )
    }
}

/// Calls into the host with header lines and an empty error report, and throws what comes back.
func withHeaders(
    _ headers: Headers,
    _ body: (sluice_headers, UnsafeMutablePointer<sluice_error>) -> sluice_status
) throws(PluginError) {
    try unsafe withErrorReport { report in
        withArena { arena in
            unsafe headers.lend(&arena) { _, list in unsafe body(list, report) }
        }
    }
}
