package import SluiceGatewayAPI
internal import SluiceKit

/// Finds the manifest files under the configured paths, in the order in which they win.
package struct Look {
    /// Manifest files, the winner of a duplicate first.
    package private(set) var files: [String] = []
    /// Folders that were listed, to be watched.
    package private(set) var folders: [String] = []
    /// Folders that could not be listed: what was read from them before stays in force.
    package private(set) var unread: [String] = []
    /// What could not be looked at.
    package private(set) var problems: [ObjectProblem] = []

    /// Things already seen, so that a loop of symlinks ends and no file counts twice.
    private var seen: Set<Files.Identity> = []
    /// Called with each folder before it is listed, so that no later change goes unnoticed.
    private let watch: (String) -> Void

    /// Looks at all paths.
    package init(at paths: [String], watch: @escaping (String) -> Void = { _ in }) {
        self.watch = watch
        for path in paths { visit(path) }
    }

    private mutating func visit(_ path: String) {
        do throws(PluginError) {
            let entry = try Files.entry(at: path)
            guard seen.insert(entry.identity).inserted else { return }
            switch entry.kind {
            case .file: add(path)
            case .folder: try list(path, depth: 0)
            case .other: report(path, "not-a-file", "expected a file or a folder")
            }
        } catch {
            // Also a missing one: a mount or a swap of the folder may be under way, and dropping
            // every listener for it would do more harm than serving on.
            unread.append(path)
            report(path, "unreadable", "\(error); put manifests there or change `paths`")
        }
    }

    private mutating func list(_ folder: String, depth: Int) throws(PluginError) {
        guard depth <= Limits.depthMax else {
            return report(folder, "limit", "deeper than \(Limits.depthMax) folders; not read")
        }
        folders.append(folder)
        watch(folder)
        for entry in try Files.list(folder) where !entry.name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + entry.name : "\(folder)/\(entry.name)"
            let isManifest = [".yaml", ".yml", ".json"].contains(where: entry.name.hasSuffix)
            switch entry.kind {
            case .folder:
                guard seen.insert(entry.identity).inserted else { continue }
                do throws(PluginError) {
                    try list(path, depth: depth + 1)
                } catch {
                    if error.status == .notFound { continue }
                    unread.append(path)
                    report(path, "unreadable", "\(error)")
                }
            case .file where isManifest:
                guard seen.insert(entry.identity).inserted else { continue }
                add(path)
            case .file, .other: continue
            }
        }
    }

    private mutating func add(_ path: String) {
        guard files.count < Limits.filesMax else {
            return report(path, "limit", "more than \(Limits.filesMax) files; not read")
        }
        files.append(path)
    }

    private mutating func report(_ path: String, _ code: String, _ text: String) {
        problems.append(
            ObjectProblem(
                .object,
                of: nil,
                pointer: "",
                source: path,
                line: 1,
                code: code,
                text: text
            )
        )
    }
}
