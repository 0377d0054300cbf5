package import SluiceBase

/// The canonical form of a path: the one that is matched, shown to plugins and forwarded.
///
/// In this order: escapes of unreserved characters are decoded, the others get upper-case digits;
/// `%00`, control bytes, raw backslashes and broken escapes are refused; slashes are merged; dot
/// segments are resolved, and what climbs above the root is refused (RFC 3986 5.2.4 and 6.2.2).
/// A dot segment beside an escaped slash or backslash, or beside `;`, is refused: recipients
/// that decode it or remove parameters would resolve it in another way.
package enum PathForm {
    /// What listeners choose.
    package struct Options: BitwiseCopyable, Sendable {
        /// Whether `//` becomes `/`.
        package var mergesSlashes = true
        /// Whether a path with `%2F` or `%5C` is refused.
        package var rejectsEscapedSlashes = false

        /// Merging slashes and keeping escaped ones, if nothing else is said.
        package init(mergesSlashes: Bool = true, rejectsEscapedSlashes: Bool = false) {
            self.mergesSlashes = mergesSlashes
            self.rejectsEscapedSlashes = rejectsEscapedSlashes
        }
    }

    /// Whether the path is in its canonical form already: most are, and cost one scan.
    package static func isNormal(_ path: Bytes, _ options: Options) -> Bool {
        guard path.count > 0, path[0] == 0x2f else { return path.equals("*") }
        let octets = OctetTable()
        var index = 0
        while index < path.count {
            let byte = path[index]
            if octets.isPlainInPath(byte) {
                index &+= 1
                continue
            }
            switch byte {
            case 0x2f:
                if options.mergesSlashes, index > 0, path[index &- 1] == 0x2f { return false }
            case 0x2e:
                if path.isDotPiece(at: index) { return false }
            case 0x25:
                let escaped = path.escape(at: index)
                guard escaped > 0, path.isUpperCaseEscape(at: index) else { return false }
                guard !octets.isUnreserved(UInt8(truncatingIfNeeded: escaped)) else { return false }
                if options.rejectsEscapedSlashes, isSlash(escaped) { return false }
            case 0x3b: break
            default: return false
            }
            index &+= 1
        }
        return true
    }

    /// Writes the canonical form of `path`; false when the path is refused or does not fit.
    ///
    /// The form is never longer than the path, but for the empty path, whose form is `/`.
    package static func write(
        _ path: Bytes,
        _ options: Options,
        to output: inout ByteWriter
    ) -> Bool {
        if path.isEmpty || path.equals("*") {
            output.append(path.isEmpty ? "/" : path)
            return !output.overflowed
        }
        guard path[0] == 0x2f else { return false }
        var form = Form(base: output.count, octets: OctetTable(), options: options)
        var index = 0
        while index < path.count {
            let slash = path.index(of: 0x2f, from: index &+ 1)
            let end = slash < 0 ? path.count : slash
            let segment = path.slice(index &+ 1, end &- index &- 1)
            if !segment.isEmpty || slash < 0 || !options.mergesSlashes {
                guard form.add(segment, isLast: slash < 0, &output) else { return false }
            }
            index = end
        }
        return !output.overflowed
    }

    fileprivate static func isSlash(_ byte: Int) -> Bool { byte == 0x2f || byte == 0x5c }
}

/// A form while it is written, segment by segment.
private struct Form {
    /// Where the form begins in the output.
    let base: Int
    let octets: OctetTable
    let options: PathForm.Options
    /// The segment before was a dot segment, which has gone.
    private var isBehindDots = false

    init(base: Int, octets: OctetTable, options: PathForm.Options) {
        self.base = base
        self.octets = octets
        self.options = options
    }

    /// Adds a slash and a segment, or resolves it; false when the path is refused.
    mutating func add(_ segment: Bytes, isLast: Bool, _ output: inout ByteWriter) -> Bool {
        let start = output.count
        output.append(0x2f)
        guard decode(segment, &output), !output.overflowed else { return false }
        let written = output.bytes.from(start &+ 1)
        let dots = written.equals(".") ? 1 : written.equals("..") ? 2 : 0
        guard dots > 0 else {
            let isRefused = isBehindDots && written.hidesSegments || written.hasDotPiece
            isBehindDots = false
            return !isRefused
        }
        output.count = start
        isBehindDots = true
        let last = lastSegment(output)
        guard last < 0 || !output.bytes.from(last &+ 1).hidesSegments else { return false }
        if dots == 2 {
            guard last >= 0 else { return false }
            output.count = last
        }
        if isLast { output.append(0x2f) }
        return true
    }

    /// Writes a segment with its escapes in canonical form.
    private func decode(_ segment: Bytes, _ output: inout ByteWriter) -> Bool {
        var index = 0
        while index < segment.count {
            let byte = segment[index]
            guard byte == 0x25 else {
                guard octets.isPlainInPath(byte) || byte == 0x2e || byte == 0x3b else {
                    return false
                }
                output.append(byte)
                index &+= 1
                continue
            }
            let escaped = segment.escape(at: index)
            guard escaped > 0 else { return false }
            let value = UInt8(truncatingIfNeeded: escaped)
            if octets.isUnreserved(value) {
                output.append(value)
            } else {
                guard !options.rejectsEscapedSlashes || !PathForm.isSlash(escaped) else {
                    return false
                }
                output.append(0x25)
                output.append(Form.upperCase(value >> 4))
                output.append(Form.upperCase(value & 15))
            }
            index &+= 3
        }
        return true
    }

    private static func upperCase(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 &+ nibble : 0x37 &+ nibble
    }

    /// Where the slash of the last segment of the form lies, or -1.
    private func lastSegment(_ output: ByteWriter) -> Int {
        var index = output.count &- 1
        while index >= base {
            if output.written(at: index) == 0x2f { return index }
            index &-= 1
        }
        return -1
    }
}

extension Bytes {
    /// The byte that the escape at `index` stands for, or -1.
    fileprivate func escape(at index: Int) -> Int {
        guard index &+ 2 < count else { return -1 }
        let high = hex(at: index &+ 1)
        let low = hex(at: index &+ 2)
        return high < 0 || low < 0 ? -1 : high << 4 | low
    }

    fileprivate func isUpperCaseEscape(at index: Int) -> Bool {
        self[index &+ 1] < 0x61 && self[index &+ 2] < 0x61
    }

    /// The length of the separator that begins at `index`: a slash, `;`, %2F or %5C; else 0.
    private func separator(at index: Int) -> Int {
        switch self[index] {
        case 0x2f, 0x3b: 1
        case 0x25: PathForm.isSlash(escape(at: index)) ? 3 : 0
        default: 0
        }
    }

    /// Whether the dot at `index` begins `.` or `..` between two separators or at the end.
    fileprivate func isDotPiece(at index: Int) -> Bool {
        let isFirst =
            index == 0 || separator(at: index &- 1) == 1
            || index >= 3 && separator(at: index &- 3) == 3
        guard isFirst else { return false }
        let next = index &+ 1 < count && self[index &+ 1] == 0x2e ? index &+ 2 : index &+ 1
        return next == count || separator(at: next) > 0
    }

    /// Whether a piece between separators is `.` or `..`; asked of a segment that is neither.
    fileprivate var hasDotPiece: Bool {
        var dot = index(of: 0x2e)
        while dot >= 0 {
            if isDotPiece(at: dot) { return true }
            dot = index(of: 0x2e, from: dot &+ 1)
        }
        return false
    }

    /// Whether another reader may take the segment for several or for none: it has an escaped
    /// slash or backslash, or begins or ends with `;`.
    fileprivate var hidesSegments: Bool {
        guard count > 0 else { return false }
        if self[0] == 0x3b || self[count &- 1] == 0x3b { return true }
        var percent = index(of: 0x25)
        while percent >= 0 {
            if separator(at: percent) == 3 { return true }
            percent = index(of: 0x25, from: percent &+ 1)
        }
        return false
    }
}
