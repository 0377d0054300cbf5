public import SluiceShared

/// One object that passed the table of its kind, with the place it was read from.
public struct ManifestObject: Sendable {
    /// Its name in the world.
    public let key: ObjectKey
    /// The whole object as it was read.
    public let value: JSONValue

    init(key: ObjectKey, value: JSONValue) {
        self.key = key
        self.value = value
    }

    /// `file:line` of the object's first line.
    public var place: String { "\(value.source):\(value.mark.line)" }

    /// `metadata.creationTimestamp`, or empty: an object without one is as old as its peers.
    public var created: String { value["metadata"]?["creationTimestamp"]?.string ?? "" }

    /// `metadata.generation`, which every status condition repeats; 0 when a file has none.
    public var generation: Int64 { value["metadata"]?["generation"]?.int64 ?? 0 }

    /// The labels of the object.
    var labels: [String: String] {
        var labels: [String: String] = [:]
        for member in value["metadata"]?["labels"].map({ Array($0.members) }) ?? [] {
            labels[member.key] = member.value.string
        }
        return labels
    }

    /// The desired state, or the object itself for kinds that keep it at the top.
    var spec: JSONValue { value.present("spec") ?? value }
}

extension JSONValue {
    /// The member, unless it is absent or null: both mean "not said" in Kubernetes.
    func present(_ key: String) -> JSONValue? {
        guard let value = self[key], !value.isNull else { return nil }
        return value
    }

    /// The text of a member, or nil when it was not said.
    func text(_ key: String) -> String? { self[key]?.string }

    /// The whole number of a member, or nil when it was not said.
    func integer(_ key: String) -> Int64? { self[key]?.int64 }

    /// The items of a list member; none when it was not said.
    func list(_ key: String) -> [JSONValue] {
        guard let value = self[key], value.kind == .array else { return [] }
        return Array(value.elements)
    }

    /// The texts of a list member.
    func texts(_ key: String) -> [String] { list(key).compactMap(\.string) }

    /// The members of a map member, texts only, in document order.
    func map(_ key: String) -> [(key: String, value: String)] {
        guard let value = self[key], value.kind == .object else { return [] }
        return value.members.compactMap { member in
            member.value.string.map { (member.key, $0) }
        }
    }
}
