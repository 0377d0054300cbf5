import CPCRE2

/// A compiled regular expression of a schema's `pattern`; any thread may match with it.
///
/// PCRE2 without JIT, in its ECMAScript-like mode: `$` is the very end, `\d` and `\w` are ASCII,
/// `\uXXXX` is a character, and there are no back references. What it may spend is bounded, so no
/// subject can hold a thread.
@safe final class Pattern: @unchecked Sendable {
    /// What a match found out.
    enum Answer: Equatable {
        case matches
        case differs
        /// The limits below were reached.
        case tooCostly
    }

    /// The longest pattern, in bytes.
    static let bytesMax = 4_096
    /// Backtracking steps of one match.
    static let stepsMax: UInt32 = 200_000
    /// Nested backtracking points of one match.
    static let depthMax: UInt32 = 2_000
    /// Heap of one match, in KiB.
    static let heapKibibytesMax: UInt32 = 2_048

    /// The text it was made of.
    let text: String
    private let code: OpaquePointer
    private let limits: OpaquePointer

    /// Compiles a pattern; the failure says what is wrong with it and where.
    init(_ text: String) throws(PatternFailure) {
        self.text = text
        guard text.utf8.count <= Self.bytesMax else {
            throw PatternFailure(text: "longer than \(Self.bytesMax) bytes")
        }
        let options =
            PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C
            | PCRE2_NO_AUTO_CAPTURE
        var error: Int32 = 0
        var offset = 0
        let bytes = [UInt8](text.utf8)
        let compiled = unsafe pcre2_compile_8(bytes, bytes.count, options, &error, &offset, nil)
        guard let compiled = unsafe compiled else {
            throw PatternFailure(text: "\(Self.message(error)) at character \(offset + 1)")
        }
        guard let context = unsafe pcre2_match_context_create_8(nil) else {
            unsafe pcre2_code_free_8(compiled)
            throw PatternFailure(text: "no memory")
        }
        unsafe pcre2_set_match_limit_8(context, Self.stepsMax)
        unsafe pcre2_set_depth_limit_8(context, Self.depthMax)
        unsafe pcre2_set_heap_limit_8(context, Self.heapKibibytesMax)
        unsafe code = compiled
        unsafe limits = context
    }

    deinit {
        unsafe pcre2_match_context_free_8(limits)
        unsafe pcre2_code_free_8(code)
    }

    /// Looks for the pattern anywhere in `subject`, as JSON Schema asks.
    func match(_ subject: String) -> Answer {
        guard let data = unsafe pcre2_match_data_create_8(1, nil) else { return .tooCostly }
        defer { unsafe pcre2_match_data_free_8(data) }
        let bytes = [UInt8](subject.utf8)
        let found = unsafe pcre2_match_8(
            code,
            bytes,
            bytes.count,
            0,
            UInt32(PCRE2_NO_UTF_CHECK),
            data,
            limits
        )
        if found >= 0 { return .matches }
        return found == PCRE2_ERROR_NOMATCH ? .differs : .tooCostly
    }

    private static func message(_ error: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 120)
        let length = unsafe pcre2_get_error_message_8(error, &buffer, buffer.count)
        return String(decoding: buffer.prefix(Int(max(length, 0))), as: UTF8.self)
    }
}

/// Why a pattern was refused.
struct PatternFailure: Error {
    var text: String
}
