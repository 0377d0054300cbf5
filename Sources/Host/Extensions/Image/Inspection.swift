internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
package import SluiceShared

/// What `sluice plugin inspect` tells: what the file says, and what the library says of itself.
///
/// The library is asked in a trial load; nothing is created or started.
package enum PluginInspection {
    /// The facts that could be had, and what is wrong, one sentence each.
    package static func of(_ path: String) -> (facts: JSON, problems: [String]) {
        var facts: JSON = ["path": .string(path)]
        var problems: [String] = []
        do throws(PluginRefusal) {
            let library = try Library.open(absolute(path))
            facts["sha256"] = .string(try library.sha256())
            try ObjectFile.check(library.loadPath)
            let object = try object(library)
            facts["needed"] = .array(object.needed.map(JSON.string))
            facts["exported"] = .array(object.exported.map(JSON.string))
            facts["buildId"] = .string(object.buildID)
            problems += stray(object.exported)
            for (key, value) in try described(library) { facts[key] = value }
        } catch {
            problems.append(error.text)
        }
        return (facts, problems)
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = try? Files.resolved(".") else { return path }
        return "\(folder)/\(path)"
    }

    private static let fileBytesMax = 1_024 * mebibyte

    private static func object(_ library: Library) throws(PluginRefusal) -> ObjectFacts {
        let file: [UInt8]
        do throws(Files.Failure) {
            file = try Files.read(library.loadPath, bytesMax: fileBytesMax)
        } catch {
            throw PluginRefusal("it cannot be read: \(error)")
        }
        do throws(ObjectFacts.Fault) {
            return try ObjectFacts(file)
        } catch {
            throw PluginRefusal(error.text)
        }
    }

    /// What is exported besides the entry.
    private static func stray(_ exported: [String]) -> [String] {
        let others = exported.filter { $0 != SLUICE_ENTRY_SYMBOL }
        guard exported.contains(SLUICE_ENTRY_SYMBOL), let first = others.first else { return [] }
        let more = others.count > 1 ? " and \(others.count - 1) more symbols" : ""
        return [
            "it exports \(first)\(more) besides \(SLUICE_ENTRY_SYMBOL): hide them with"
                + " -fvisibility=hidden or a version script"
        ]
    }

    private static func described(_ library: Library) throws(PluginRefusal) -> [(String, JSON)] {
        let said = try TrialLoad(
            executable: HostEnvironment.ownBinary,
            timeoutNanoseconds: UInt64(Limits().pluginCheckTimeoutNanoseconds)
        ).run(library)
        do throws(ParseFailure) {
            return try JSONDocument(parsing: said).root.members.map { ($0.key, $0.value.json()) }
        } catch {
            throw PluginRefusal("its description cannot be read: \(error)")
        }
    }
}

extension Description {
    /// What the library says of itself, for people.
    var json: JSON {
        let known: [(UInt32, String)] = [
            (UInt32(SLUICE_PLUGIN_SINGLETON), "singleton"), (UInt32(SLUICE_PLUGIN_SWIFT), "swift"),
            (UInt32(SLUICE_PLUGIN_GO), "go"),
        ]
        return [
            "id": .string(id),
            "version": .string(version),
            "summary": .string(summary),
            "abi": .string(
                "\(SLUICE_ABI_MAJOR).\(builtMinor), needs \(SLUICE_ABI_MAJOR).\(needsMinor)"
            ),
            "flags": .array(known.filter { flags & $0.0 != 0 }.map { .string($0.1) }),
            "requires": .array(requires.map(JSON.string)),
            "configSchema": Self.schema(configSchema),
            "routeSchema": Self.schema(routeSchema),
        ]
    }

    /// A schema as JSON; one that is none, as the text that it is.
    private static func schema(_ text: String?) -> JSON {
        guard let text else { return .null }
        return (try? JSONDocument(parsing: text).root.json()) ?? .string(text)
    }
}
