package import SluiceGatewayAPI
internal import SluiceKit
internal import SluiceShared

/// What one look at the folders came to.
package struct Reading {
    /// The objects in force.
    package internal(set) var objects: [ManifestObject] = []
    /// Policies that are not in force, whose targets must not be spoken to in the clear.
    package internal(set) var faulty: [ManifestObject] = []
    /// What was wrong with files and objects.
    package internal(set) var problems: [ObjectProblem] = []
}

/// Reads manifest files and remembers the last good version of each file and object.
///
/// A file that does not parse and an object that fails its table leave their previous versions in
/// force; a file or object that is gone takes its version along.
package struct Reader {
    /// A file as it was read last.
    private struct Known {
        var bytes: [UInt8]
        /// Its objects, good and bad, when it last parsed.
        var readings: [ManifestReading]
        /// Why it does not parse now.
        var failure: ObjectProblem?
    }

    private var files: [String: Known] = [:]
    private var inForce: [ObjectKey: ManifestObject] = [:]

    /// Remembers nothing yet.
    package init() {}

    /// Reads every file again at the next `read`; what is in force stays so.
    package mutating func forget() {
        for path in files.keys { files[path]?.bytes = [] }
    }

    /// Reads the files of a look and says what is in force now.
    package mutating func read(_ look: Look) -> Reading {
        let kept = files.keys.filter { path in
            look.unread.contains { path.hasPrefix("\($0)/") }
        }
        let paths = Set(look.files + kept)
        for path in files.keys where !paths.contains(path) { files[path] = nil }
        for path in look.files { files[path] = refreshed(path) }
        var reading = Reading(problems: look.problems)
        var claimed: [ObjectKey: ManifestObject] = [:]
        for path in look.files + kept.sorted() {
            guard let known = files[path] else { continue }
            if let failure = known.failure { reading.problems.append(failure) }
            for item in known.readings { merge(item, known, into: &reading, &claimed) }
        }
        inForce = claimed
        reading.problems.sort()
        return reading
    }

    /// Takes one object in, unless an earlier path holds one of the same name.
    private func merge(
        _ item: ManifestReading,
        _ known: Known,
        into reading: inout Reading,
        _ claimed: inout [ObjectKey: ManifestObject]
    ) {
        var object: ManifestObject?
        switch item {
        case .ignored(let problem): reading.problems.append(problem)
        case .accepted(let fresh): object = fresh
        case .refused(let key, let problems, let policy):
            let previous = key.flatMap { inForce[$0] }
            reading.problems += problems.map { told($0, previous, policy) }
            if let policy { reading.faulty.append(policy) }
            object = previous
        }
        guard let object else { return }
        if let winner = claimed[object.key] {
            guard case .accepted = item else { return }
            reading.problems.append(duplicate(object, of: winner))
            if object.key.kind == "BackendTLSPolicy" { reading.faulty.append(object) }
            return
        }
        claimed[object.key] = object
        reading.objects.append(object)
    }

    private func told(
        _ problem: ObjectProblem,
        _ previous: ManifestObject?,
        _ policy: ManifestObject?
    ) -> ObjectProblem {
        let none = policy == nil ? "" : "; nothing is sent to its targets until it is right"
        let fate = previous.map { "; the version of \($0.place) stays in force" } ?? none
        return ObjectProblem(
            problem.severity,
            of: problem.object,
            pointer: problem.pointer,
            source: problem.source,
            line: problem.line,
            code: problem.code,
            text: problem.text + fate
        )
    }

    private func duplicate(_ object: ManifestObject, of winner: ManifestObject) -> ObjectProblem {
        ObjectProblem(
            .object,
            of: object.key,
            pointer: "",
            source: object.value.source,
            line: object.value.mark.line,
            code: "duplicate",
            text: "the same object stands in \(winner.place), which wins; remove one of them"
        )
    }

    /// The file as it is now; an unchanged one is not parsed again.
    private func refreshed(_ path: String) -> Known? {
        let old = files[path]
        do throws(PluginError) {
            let bytes = try Files.read(path, bytesMax: Limits.fileBytesMax)
            if let old, old.bytes == bytes, !bytes.isEmpty { return old }
            return parse(bytes, path, old)
        } catch {
            if error.status == .notFound { return nil }
            var known = old ?? Known(bytes: [], readings: [])
            known.failure = failure(path, line: 1, pointer: "", error.text, old)
            return known
        }
    }

    private func parse(_ bytes: [UInt8], _ path: String, _ old: Known?) -> Known {
        do throws(ParseFailure) {
            let documents =
                path.hasSuffix(".json")
                ? [try JSONDocument(parsing: bytes, source: path)]
                : try YAML.parse(bytes, source: path)
            return Known(bytes: bytes, readings: documents.flatMap(Manifest.read))
        } catch {
            let told = failure(
                path,
                line: error.mark.line,
                pointer: error.pointer,
                error.text,
                old
            )
            return Known(bytes: bytes, readings: old?.readings ?? [], failure: told)
        }
    }

    private func failure(
        _ path: String,
        line: Int,
        pointer: String,
        _ text: String,
        _ old: Known?
    ) -> ObjectProblem {
        let fate = old?.readings.isEmpty == false ? "; its last good version stays in force" : ""
        return ObjectProblem(
            .object,
            of: nil,
            pointer: pointer,
            source: path,
            line: line,
            code: "unreadable",
            text: text + fate
        )
    }
}
