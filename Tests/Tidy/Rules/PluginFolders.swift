/// Each plugin folder tells what it is and what can be set.
enum PluginFolders {
    /// A plugin is a folder with an entry of its own: `Entry/`, or C source for plugins in C.
    static func plugins(_ paths: [String]) -> [String] {
        let folders = paths.compactMap { path -> String? in
            let parts = path.split(separator: "/").map(String.init)
            guard parts.count > 2, parts[0] == "Plugins", parts[1] != "ABI" else { return nil }
            let isEntry = parts[2] == "Entry" || path.hasSuffix(".c")
            return isEntry ? "Plugins/\(parts[1])" : nil
        }
        return Set(folders).sorted()
    }

    /// What a plugin folder lacks.
    static func lacking(_ paths: [String]) -> [Finding] {
        let present = Set(paths)
        return plugins(paths).flatMap { folder -> [Finding] in
            let isSwift = present.contains { $0.hasPrefix("\(folder)/Entry/") }
            let settings = isSwift ? ["Settings.swift"] : ["settings.h"]
            let entry = isSwift ? ["Entry/Plugin.swift"] : []
            return (["README.md"] + settings + entry)
                .filter { !present.contains("\(folder)/\($0)") }
                .map { Finding(path: folder, line: 0, text: "has no \($0)") }
        }
    }
}
