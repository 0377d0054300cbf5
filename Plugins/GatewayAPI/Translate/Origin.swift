internal import SluiceShared

/// Where a part of a document comes from.
public struct Origin: Hashable, Sendable {
    /// JSON Pointer into the document: this value, and what is in it; empty: the whole document.
    public let pointer: String
    /// The file of the manifest.
    public let file: String
    /// The line of the part in the file, from 1.
    public let line: Int
    /// JSON Pointer from the root of the object in the manifest to the part.
    public let source: String

    /// `file:line` of the part.
    public var place: String { "\(file):\(line)" }
}

/// A place in a document, and the place in an object that it is made from.
///
/// Both are built on the way down: asking a value for its pointer would look at all values before
/// it.
struct Passage {
    /// JSON Pointer into the document.
    let document: String
    /// JSON Pointer into the object.
    let object: String

    init(_ document: String, _ object: String) {
        self.document = document
        self.object = object
    }

    /// A place inside both, under one path or under two.
    func inside(_ part: String, _ source: String? = nil) -> Passage {
        Passage("\(document)/\(part)", "\(object)/\(source ?? part)")
    }
}

/// The origins of a document while it is being made.
struct Trail {
    private(set) var origins: [Origin] = []

    /// Notes where a part comes from; nothing for a value that is not there.
    mutating func note(_ passage: Passage, _ value: JSONValue?) {
        guard let value else { return }
        origins.append(
            Origin(
                pointer: passage.document,
                file: value.source,
                line: value.mark.line,
                source: passage.object
            )
        )
    }

    /// Notes each item of a list of an object, that became an item of a list in the document.
    mutating func note(_ list: Passage, items: [JSONValue]) {
        for (place, item) in items.enumerated() { note(list.inside("\(place)"), item) }
    }

    /// Takes over what another one has noted.
    mutating func append(_ other: Trail) { origins += other.origins }
}
