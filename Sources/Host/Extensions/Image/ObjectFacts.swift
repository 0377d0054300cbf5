internal import SluiceBase

/// What an ELF file says of itself without being loaded, read from its sections.
package struct ObjectFacts: Sendable, Equatable {
    /// The libraries that it needs, as the loader looks for them.
    package private(set) var needed: [String] = []
    /// The symbols that others can bind to.
    package private(set) var exported: [String] = []
    /// The linker's mark of this build, in hexadecimal digits; empty without one.
    package private(set) var buildID = ""

    /// Why a file is no such library: a sentence.
    package struct Fault: Error, Equatable {
        package let text: String
    }

    /// Reads the bytes of a whole file, 64 bits and little endian.
    package init(_ file: [UInt8]) throws(Fault) {
        guard file.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else {
            throw Fault(text: "it is no ELF file of 64 bits, little endian")
        }
        let reader = Reader(file: file)
        let sections = try Self.sections(reader)
        for section in sections {
            switch section.type {
            case .dynamic:
                needed = try Self.needed(reader, section, try names(of: section, in: sections))
            case .symbols:
                exported = try Self.exported(reader, section, try names(of: section, in: sections))
            case .notes: if buildID.isEmpty { buildID = try Self.buildID(reader, section) }
            case .strings, .other: continue
            }
        }
        guard !sections.isEmpty else { throw Fault(text: "its table of sections was stripped") }
    }

    /// The strings that a section refers to.
    private func names(of section: Section, in sections: [Section]) throws(Fault) -> Section {
        guard sections.indices.contains(section.link) else { throw Fault.cut }
        return sections[section.link]
    }

    private static func sections(_ reader: Reader) throws(Fault) -> [Section] {
        let start = try reader.number(at: 40, bytes: 8)
        let size = try reader.number(at: 58, bytes: 2)
        let count = try reader.number(at: 60, bytes: 2)
        guard start > 0 else { return [] }
        return try (0..<count).map { index throws(Fault) in
            let at = start + index * size
            return Section(
                type: Section.Kind(rawValue: try reader.number(at: at + 4, bytes: 4)) ?? .other,
                start: try reader.number(at: at + 24, bytes: 8),
                length: try reader.number(at: at + 32, bytes: 8),
                link: try reader.number(at: at + 40, bytes: 4)
            )
        }
    }

    private static func needed(
        _ reader: Reader,
        _ section: Section,
        _ names: Section
    ) throws(Fault) -> [String] {
        var found: [String] = []
        for entry in section.places(of: 16) {
            guard try reader.number(at: entry, bytes: 8) == 1 else { continue }
            found.append(try reader.text(at: names.start + reader.number(at: entry + 8, bytes: 8)))
        }
        return found
    }

    private static func exported(
        _ reader: Reader,
        _ section: Section,
        _ names: Section
    ) throws(Fault) -> [String] {
        var found: [String] = []
        for symbol in section.places(of: 24) {
            let info = try reader.number(at: symbol + 4, bytes: 1)
            let place = try reader.number(at: symbol + 6, bytes: 2)
            let (local, undefined, absolute) = (0, 0, 0xfff1)
            guard info >> 4 != local, place != undefined, place != absolute else { continue }
            let name = try reader.number(at: symbol, bytes: 4)
            found.append(try reader.text(at: names.start + name))
        }
        return found.sorted()
    }

    private static func buildID(_ reader: Reader, _ section: Section) throws(Fault) -> String {
        let nameLength = try reader.number(at: section.start, bytes: 4)
        let length = try reader.number(at: section.start + 4, bytes: 4)
        let type = try reader.number(at: section.start + 8, bytes: 4)
        guard type == 3, nameLength == 4, try reader.text(at: section.start + 12) == "GNU" else {
            return ""
        }
        return try (0..<length).map { index throws(Fault) in
            let byte = try reader.number(at: section.start + 16 + index, bytes: 1)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

extension ObjectFacts.Fault {
    fileprivate static let cut = ObjectFacts.Fault(text: "it is cut off, or its tables are wrong")
}

/// One section, with the numbers of the ELF specification.
private struct Section {
    enum Kind: Int {
        case other = 0
        case strings = 3
        case dynamic = 6
        case notes = 7
        case symbols = 11
    }

    let type: Kind
    let start: Int
    let length: Int
    /// The section with its strings.
    let link: Int

    /// Where its entries of `size` bytes begin.
    func places(of size: Int) -> StrideTo<Int> {
        stride(from: start, to: start + length / size * size, by: size)
    }
}

/// Numbers and texts of a file, with every place checked.
private struct Reader {
    let file: [UInt8]

    func number(at place: Int, bytes: Int) throws(ObjectFacts.Fault) -> Int {
        guard place >= 0, place <= file.count - bytes else { throw .cut }
        let number = (0..<bytes).reduce(UInt64(0)) { $0 | UInt64(file[place + $1]) << (8 * $1) }
        // No place of a file is larger, and sums of two stay in range.
        guard number <= UInt64(UInt32.max) else { throw .cut }
        return Int(number)
    }

    func text(at place: Int) throws(ObjectFacts.Fault) -> String {
        guard place >= 0, place < file.count,
            let end = file[place...].firstIndex(of: 0)
        else { throw .cut }
        return String(decoding: file[place..<end], as: UTF8.self)
    }
}
