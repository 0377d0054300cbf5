public import SluiceShared

/// What reading one object of a manifest came to.
public enum ManifestReading: Sendable {
    /// The object fits the table of its kind.
    case accepted(ManifestObject)
    /// The object is wrong. Its key, where it could be read, says whose previous version stays.
    /// A BackendTLSPolicy is kept as it is: nothing may be sent to its targets in the clear.
    case refused(ObjectKey?, [ObjectProblem], policy: ManifestObject?)
    /// The object is of a kind that has no meaning here; the problem is a warning.
    case ignored(ObjectProblem)
}

/// Reads manifests: one parsed YAML or JSON document is one object, or a list of objects.
public enum Manifest {
    /// Checks a parsed document against the table of its kind.
    ///
    /// Lists (`kind: List`, as `kubectl get -o yaml` prints them) are opened.
    public static func read(_ document: JSONDocument) -> [ManifestReading] {
        read(document.root)
    }

    private static func read(_ root: JSONValue) -> [ManifestReading] {
        guard root.kind == .object else {
            let text = "expected an object with apiVersion and kind, found \(describe(root))"
            return [refused(nil, [problem(.object, nil, root, "type", text)], root)]
        }
        if root.text("kind")?.hasSuffix("List") == true, let items = root["items"] {
            return items.elements.flatMap(read)
        }
        return [readObject(root)]
    }

    private static func readObject(_ root: JSONValue) -> ManifestReading {
        guard let version = root.text("apiVersion"), let kind = root.text("kind") else {
            let absent = root.text("kind") == nil ? "kind" : "apiVersion"
            let text = "\"\(absent)\" is missing; expected a text such as "
            let example = absent == "kind" ? "HTTPRoute" : "gateway.networking.k8s.io/v1"
            return refused(nil, [problem(.object, nil, root, "required", text + example)], root)
        }
        let parts = version.split(separator: "/", omittingEmptySubsequences: false)
        let group = parts.count == 2 ? String(parts[0]) : Group.core
        // A policy under a misspelt group is one still.
        let policy: KindTable? = kind == Kind.backendTLSPolicy ? .backendTLSPolicy : nil
        guard let table = Tables.table(group: group, kind: kind) ?? policy else {
            return unknown(root, group: group, kind: kind)
        }
        let key = key(of: root, table)
        guard table.group == group, table.versions.contains(String(parts[parts.count - 1])),
            parts.count <= 2
        else {
            let versions = table.versions.map(table.apiVersion).joined(separator: " or ")
            let text = "expected \(versions) for a \(kind), found \(quoted(version))"
            let place = root["apiVersion"] ?? root
            let found = problem(.object, key, place, "unknown-version", text, in: root)
            return refused(key, [found], root)
        }
        return check(root, key, table)
    }

    private static func check(
        _ root: JSONValue,
        _ key: ObjectKey?,
        _ table: KindTable
    ) -> ManifestReading {
        var checker = Checker()
        checker.check(root, .object(shape(table)))
        guard checker.findings.isEmpty, let key else {
            let problems = checker.findings.map { finding in
                problem(
                    .object,
                    key,
                    finding.value,
                    finding.code,
                    finding.text,
                    in: root,
                    at: finding.mark
                )
            }
            return refused(key, problems, root)
        }
        return .accepted(ManifestObject(key: key, value: root))
    }

    private static func shape(_ table: KindTable) -> ObjectShape {
        ObjectShape(
            [
                Field("apiVersion", .text(.any), required: true),
                Field("kind", .text(.any), required: true),
                Field("metadata", .object(Tables.metadata(name: table.name)), required: true),
                Field("status", .anything),
            ] + table.body.fields,
            rules: table.body.rules
        )
    }

    private static func key(of root: JSONValue, _ table: KindTable) -> ObjectKey? {
        guard let metadata = root["metadata"], let name = metadata.text("name"), !name.isEmpty
        else { return nil }
        let namespace = metadata.text("namespace") ?? Controller.defaultNamespace
        return ObjectKey(
            group: table.group,
            kind: table.kind,
            namespace: table.isNamespaced ? namespace : "",
            name: name
        )
    }

    /// A kind without a table: the truth about a known one, a guess at a misspelt one.
    private static func unknown(_ root: JSONValue, group: String, kind: String) -> ManifestReading {
        let place = root["kind"] ?? root
        let key = root["metadata"]?.text("name").map { name in
            let namespace = root["metadata"]?.text("namespace") ?? Controller.defaultNamespace
            return ObjectKey(group: group, kind: kind, namespace: namespace, name: name)
        }
        if group.hasPrefix("gateway.networking."), Tables.notSupported.contains(kind) {
            let text = "\(kind) is not supported yet; the object has no effect"
            let found = problem(.object, key, place, "not-supported", text, in: root)
            return refused(key, [found], root)
        }
        guard [Group.gateway, Group.sluice, Group.discovery].contains(group) else {
            let home = group.isEmpty ? "the core group" : "group \(group)"
            let text = "\(kind) of \(home) has no meaning here and is not read"
            return .ignored(problem(.warning, key, place, "unknown-kind", text, in: root))
        }
        let kinds = Tables.all.filter { $0.group == group }.map(\.kind)
        var text = "unknown kind \(quoted(kind)) of group \(group)"
        if let near = nearest(kind, among: kinds) {
            text += "; did you mean \(quoted(near))?"
        } else {
            text += "; expected one of \(kinds.joined(separator: ", "))"
        }
        return refused(key, [problem(.object, key, place, "unknown-kind", text, in: root)], root)
    }

    private static func refused(
        _ key: ObjectKey?,
        _ problems: [ObjectProblem],
        _ root: JSONValue
    ) -> ManifestReading {
        .refused(key, problems, policy: policy(root))
    }

    /// The object as a BackendTLSPolicy, if it is one, whatever is wrong with it.
    private static func policy(_ root: JSONValue) -> ManifestObject? {
        let kind = root.text("kind") ?? ""
        guard
            kind == Kind.backendTLSPolicy || nearest(kind, among: [Kind.backendTLSPolicy]) != nil
        else { return nil }
        let table = KindTable.backendTLSPolicy
        let nameless = ObjectKey(
            group: table.group,
            kind: table.kind,
            namespace: root["metadata"]?.text("namespace") ?? Controller.defaultNamespace,
            name: ""
        )
        return ManifestObject(key: key(of: root, table) ?? nameless, value: root)
    }

    /// A problem at a value inside the object `root`.
    private static func problem(
        _ severity: ObjectProblem.Severity,
        _ key: ObjectKey?,
        _ value: JSONValue,
        _ code: String,
        _ text: String,
        in root: JSONValue? = nil,
        at mark: Mark? = nil
    ) -> ObjectProblem {
        ObjectProblem(
            severity,
            of: key,
            pointer: pointer(to: value, in: root),
            source: value.source,
            line: (mark ?? value.mark).line,
            code: code,
            text: text
        )
    }
}

/// JSON Pointer from an object's root to a value of it; the object may be an item of a list.
func pointer(to value: JSONValue, in root: JSONValue?) -> String {
    guard let root else { return "" }
    return String(value.pointer.dropFirst(root.pointer.count))
}
