package import SluiceBase

/// The one form of a path that is matched, shown to plugins and forwarded.
///
/// Dot segments are resolved, also where the dot is written %2e; %2F stays encoded; `//` is kept;
/// %00, broken escapes and escapes above the root are refused (design rule; RFC 3986 5.2.4).
package enum PathForm {
    /// Whether the path is in its form already: most are, and cost one scan.
    package static func isNormal(_ path: Bytes) -> Bool {
        guard path.count > 0, path[0] == 0x2f else { return path.equals("*") }
        if path.index(of: 0x25) >= 0 { return false }
        var dot = path.index(of: 0x2e)
        while dot >= 0 {
            if path[dot &- 1] == 0x2f { return false }
            dot = path.index(of: 0x2e, from: dot &+ 1)
        }
        return true
    }

    /// Writes the normal form of `path`; false when the path is refused or does not fit.
    package static func write(_ path: Bytes, to output: inout ByteWriter) -> Bool {
        var index = 0
        let base = output.count
        while index < path.count {
            let slash = path.index(of: 0x2f, from: index &+ 1)
            let end = slash < 0 ? path.count : slash
            let segment = path.slice(index &+ 1, end &- index &- 1)
            guard hasGoodEscapes(segment) else { return false }
            switch dots(segment) {
            case 0:
                output.append(path.slice(index, end &- index))
            case 1:
                if slash < 0 { output.append(0x2f) }
            default:
                guard dropSegment(&output, base) else { return false }
                if slash < 0 { output.append(0x2f) }
            }
            index = end
        }
        if output.count == base { output.append(0x2f) }
        return !output.overflowed
    }

    /// 1 for `.`, 2 for `..`, else 0; each dot may be written %2e.
    private static func dots(_ segment: Bytes) -> Int {
        var count = 0
        var index = 0
        while index < segment.count {
            if segment[index] == 0x2e {
                index &+= 1
            } else if segment[index] == 0x25, index &+ 2 < segment.count,
                segment.hex(at: index &+ 1) == 2, segment.hex(at: index &+ 2) == 14
            {
                index &+= 3
            } else {
                return 0
            }
            count &+= 1
            if count > 2 { return 0 }
        }
        return count
    }

    private static func dropSegment(_ output: inout ByteWriter, _ base: Int) -> Bool {
        guard output.count > base else { return false }
        while output.count > base {
            output.count &-= 1
            if output.written(at: output.count) == 0x2f { return true }
        }
        return false
    }

    private static func hasGoodEscapes(_ segment: Bytes) -> Bool {
        var index = segment.index(of: 0x25)
        while index >= 0 {
            guard index &+ 2 < segment.count else { return false }
            let high = segment.hex(at: index &+ 1)
            let low = segment.hex(at: index &+ 2)
            guard high >= 0, low >= 0, high | low != 0 else { return false }
            index = segment.index(of: 0x25, from: index &+ 3)
        }
        return true
    }
}
