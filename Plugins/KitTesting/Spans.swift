internal import SluiceABI
internal import SluiceKit

/// Lends spans over texts for the length of a call.
func withSpans<Answer>(
    _ texts: [String?],
    _ body: ([sluice_span]) throws -> Answer
) rethrows -> Answer {
    unsafe try withSpans(bytes: texts.map { $0.map { Array($0.utf8) } }, unsafe body)
}

/// Lends spans over bytes for the length of a call; nil is absent.
func withSpans<Answer>(
    bytes: [[UInt8]?],
    _ body: ([sluice_span]) throws -> Answer
) rethrows -> Answer {
    let places = unsafe bytes.map { bytes -> UnsafeMutableBufferPointer<UInt8>? in
        guard let bytes else { return nil }
        let place = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        _ = unsafe place.initialize(from: bytes)
        return unsafe UnsafeMutableBufferPointer(rebasing: place[..<bytes.count])
    }
    defer { for index in unsafe places.indices { unsafe places[index]?.baseAddress?.deallocate() } }
    return unsafe try body(
        unsafe places.map { place in
            unsafe place.map { unsafe sluice_bytes($0.baseAddress, $0.count) } ?? sluice_span()
        }
    )
}

/// Lends header lines for the length of a call.
func withHeaders<Answer>(
    _ headers: Headers,
    _ body: (sluice_headers) throws -> Answer
) rethrows -> Answer {
    let parts = headers.flatMap { line -> [[UInt8]?] in [Array(line.name.utf8), line.octets] }
    return unsafe try withSpans(bytes: parts) { spans in
        let lines = unsafe headers.indices.map { index in
            unsafe sluice_header(
                name: spans[2 * index],
                value: spans[2 * index + 1],
                flags: headers[index].isSensitive ? SLUICE_HEADER_SENSITIVE : 0,
                reserved: 0
            )
        }
        return unsafe try lines.withUnsafeBufferPointer { lines in
            unsafe try body(sluice_headers(items: lines.baseAddress, count: lines.count))
        }
    }
}

/// Lends bytes as pieces for the length of a call.
func withPieces<Answer>(
    _ pieces: [[UInt8]],
    _ body: (UnsafePointer<sluice_chunk>?, Int) throws -> Answer
) rethrows -> Answer {
    unsafe try withSpans(bytes: pieces) { spans in
        let chunks = unsafe spans.map { unsafe sluice_chunk(bytes: $0, owner: nil) }
        return unsafe try chunks.withUnsafeBufferPointer { chunks in
            unsafe try body(chunks.baseAddress, chunks.count)
        }
    }
}

extension Headers {
    /// A copy of the plugin's lines.
    init(_ words: sluice_headers) {
        self.init(
            unsafe UnsafeBufferPointer(start: words.items, count: words.count).map { line in
                unsafe Header(
                    String(line.name),
                    octets: Array(line.value),
                    isSensitive: line.flags & SLUICE_HEADER_SENSITIVE != 0
                )
            }
        )
    }
}

/// Fills the report and answers the status of an error.
func fail(_ report: UnsafeMutablePointer<sluice_error>?, _ error: PluginError) -> Int32 {
    unsafe withSpans([error.pointer, error.text]) { spans in
        unsafe sluice_fail_at(report, error.status.rawValue, spans[0], spans[1])
    }
}

/// Calls into the plugin with an empty report, and throws what it wrote.
func reporting(
    _ step: (UnsafeMutablePointer<sluice_error>) -> Int32
) throws(PluginError) -> Int32 {
    let report = UnsafeMutablePointer<sluice_error>.allocate(capacity: 1)
    unsafe report.initialize(to: sluice_error())
    defer { unsafe report.deallocate() }
    unsafe report.pointee.size = UInt32(MemoryLayout<sluice_error>.size)
    let status = unsafe step(report)
    if status >= 0 { return status }
    let bytes = unsafe UnsafeRawBufferPointer(
        start: report,
        count: MemoryLayout<sluice_error>.size
    )
    let path = unsafe Int(report.pointee.path_len)
    let text = unsafe Int(report.pointee.text_len)
    throw unsafe PluginError(
        Status(rawValue: status),
        String(decoding: bytes[128..<128 + text], as: UTF8.self),
        at: String(decoding: bytes[16..<16 + path], as: UTF8.self)
    )
}
