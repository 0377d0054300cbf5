import CYAML

/// One step of a YAML text, as libyaml reports it.
struct YAMLEvent {
    enum Kind {
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(YAMLScalar)
        case open(JSONValue.Kind, tag: String?, anchor: String?)
        case close
    }

    var kind: Kind
    var mark: Mark
}

/// A scalar as it is written, before it has a type.
struct YAMLScalar {
    var bytes: [UInt8]
    var isPlain: Bool
    var tag: String?
    var anchor: String?
}

/// Why libyaml stopped.
struct YAMLFault: Error {
    var mark: Mark
    var text: String
}

/// Owns a libyaml parser and the text it reads.
@safe struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ source: [UInt8]) {
        // A byte order mark would count as the first line's first column, and so as indentation.
        let bytes = source.starts(with: [0xEF, 0xBB, 0xBF]) ? source.dropFirst(3) : source[...]
        unsafe text = .allocate(capacity: bytes.count)
        _ = unsafe text.initialize(from: bytes)
        unsafe parser = .allocate(capacity: 1)
        // Fails only without memory, as the allocations above would.
        let isReady = unsafe yaml_parser_initialize(parser) == 1
        precondition(isReady, "no memory for a YAML parser")
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    /// The next step; behind a fault or the end of the stream there is none to ask for.
    mutating func next() throws(YAMLFault) -> YAMLEvent {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw fault() }
            defer { unsafe yaml_event_delete(&event) }
            if let kind = unsafe Self.kind(of: event) {
                return unsafe YAMLEvent(kind: kind, mark: Self.mark(event.start_mark))
            }
        }
    }

    /// What an event says; nil for those that say nothing.
    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind? {
        switch unsafe event.type {
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT:
            return .alias(unsafe text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            return .scalar(unsafe scalar(event.data.scalar))
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return .open(.array, tag: unsafe text(start.tag), anchor: unsafe text(start.anchor))
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return .open(.object, tag: unsafe text(start.tag), anchor: unsafe text(start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .close
        default: return nil
        }
    }

    private typealias ScalarData = yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar

    private static func scalar(_ data: ScalarData) -> YAMLScalar {
        unsafe YAMLScalar(
            bytes: [UInt8](UnsafeBufferPointer(start: data.value, count: data.length)),
            isPlain: data.style == YAML_PLAIN_SCALAR_STYLE,
            tag: text(data.tag),
            anchor: text(data.anchor)
        )
    }

    private static func text(_ characters: UnsafePointer<UInt8>?) -> String? {
        guard let characters = unsafe characters else { return nil }
        return unsafe String(cString: characters)
    }

    private static func mark(_ mark: yaml_mark_t) -> Mark {
        Mark(line: mark.line + 1, column: mark.column + 1)
    }

    private func fault() -> YAMLFault {
        let state = unsafe parser.pointee
        let problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "unreadable"
        if unsafe state.error == YAML_READER_ERROR {
            return unsafe readerFault(problem, offset: state.problem_offset)
        }
        let mark = unsafe place(state.problem_mark)
        if problem.hasPrefix("found character that cannot start"), scalar(at: mark) == "\t" {
            return YAMLFault(mark: mark, text: "a tab cannot indent; use spaces")
        }
        guard let context = unsafe state.context else {
            return YAMLFault(mark: mark, text: problem)
        }
        let line = unsafe state.context_mark.line + 1
        let place = line == mark.line ? "" : " that started in line \(line)"
        return YAMLFault(
            mark: mark,
            text: "\(problem) (\(unsafe String(cString: context))\(place))"
        )
    }

    /// The place of a fault; the end of the text is the end of its last line, where libyaml says
    /// the line below it.
    private func place(_ mark: yaml_mark_t) -> Mark {
        let bytes = unsafe [UInt8](text)
        let scalarsCount = bytes.count { $0 & 0xC0 != 0x80 }
        guard mark.column == 0, mark.line > 0, mark.index >= scalarsCount,
            let last = bytes.last, last != 0x0A && last != 0x0D
        else { return Self.mark(mark) }
        let line = bytes.suffix(from: (bytes.lastIndex { $0 == 0x0A || $0 == 0x0D } ?? -1) + 1)
        return Mark(line: mark.line, column: line.count { $0 & 0xC0 != 0x80 } + 1)
    }

    /// The character at a place.
    private func scalar(at mark: Mark) -> Unicode.Scalar? {
        let lines = unsafe [UInt8](text).split(separator: 0x0A, omittingEmptySubsequences: false)
        guard mark.line <= lines.count else { return nil }
        let scalars = String(decoding: lines[mark.line - 1], as: UTF8.self).unicodeScalars
        return scalars.dropFirst(mark.column - 1).first
    }

    /// The reader runs ahead of the marks, so its faults are placed by counting.
    private func readerFault(_ problem: String, offset: Int) -> YAMLFault {
        var mark = Mark(line: 1, column: 1)
        for byte in unsafe [UInt8](text.prefix(offset)) {
            if byte == 0x0A {
                mark = Mark(line: mark.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                mark.column += 1
            }
        }
        return YAMLFault(mark: mark, text: "\(problem); save the file as UTF-8 text")
    }
}
