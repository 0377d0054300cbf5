package import SluiceBase

/// The elements of a comma-separated field value, without white space; empty ones are skipped
/// (RFC 9110 5.6.1).
package struct ListElements {
    private var rest: Bytes

    package init(_ value: Bytes) { rest = value }

    package mutating func next() -> Bytes? {
        while !rest.isEmpty {
            let comma = rest.index(of: 0x2c)
            let element = (comma < 0 ? rest : rest.prefix(comma)).trimmed()
            rest = comma < 0 ? .empty : rest.from(comma &+ 1)
            if !element.isEmpty { return element }
        }
        return nil
    }
}

extension Bytes {
    /// Without spaces and tabs at both ends.
    package func trimmed() -> Bytes {
        var first = 0
        var last = count
        while first < last, self[first] == 0x20 || self[first] == 0x09 { first &+= 1 }
        while last > first, self[last &- 1] == 0x20 || self[last &- 1] == 0x09 { last &-= 1 }
        return slice(first, last &- first)
    }

    /// The value of decimal digits alone, at most eighteen of them; nil for anything else.
    package func decimal() -> Int64? {
        guard count > 0, count <= 18 else { return nil }
        var value: Int64 = 0
        for index in 0..<count {
            let digit = self[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return value
    }

    /// Why a Transfer-Encoding other than plain `chunked` is refused.
    func encodingFault() -> HeadFault {
        var codings = ListElements(self)
        var chunked = 0
        var others = 0
        var last = false
        while let coding = codings.next() {
            last = coding.equalsIgnoringCase("chunked")
            if last { chunked &+= 1 } else { others &+= 1 }
        }
        return chunked == 1 && last && others > 0 ? .unknownCoding : .transferEncoding
    }
}
