internal import SluiceBase

/// How many processors the process may really use: its affinity, capped by the cgroup's cpu.max.
package enum ProcessorShare {
    private static let bytesMax = 64 * kibibyte

    /// At least 1, at most `FixedLimits.workersMax`.
    package static func count() -> Int {
        let allowed = affinity(in: text("/proc/self/status")) ?? 1
        let share = quotas(of: text("/proc/self/cgroup")).min() ?? allowed
        return max(1, min(allowed, share, FixedLimits.workersMax))
    }

    /// The number of processors in `Cpus_allowed_list`, such as `0-3,8`; nil when there is none.
    package static func affinity(in status: String) -> Int? {
        let label = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(label) })
        else { return nil }
        var count = 0
        for part in line.dropFirst(label.count).split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { end in
                Int(String(end.filter(\.isNumber)))
            }
            guard let first = ends.first, let last = ends.last, last >= first else { return nil }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }

    /// Whole processors that a `cpu.max` such as `150000 100000` allows, at least 1; nil: no cap.
    package static func quota(in cpuMax: String) -> Int? {
        let fields = cpuMax.split { $0 == " " || $0 == "\n" }.map(String.init)
        guard fields.count == 2, let quota = Int(fields[0]), let period = Int(fields[1]),
            period > 0
        else { return nil }
        return max(1, quota / period)
    }

    /// The caps of the cgroup (version 2) and of every one above it.
    private static func quotas(of membership: String) -> [Int] {
        guard let line = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::") })
        else { return [] }
        var path = String(line.dropFirst("0::".count))
        var found: [Int] = []
        while true {
            if let cap = quota(in: text("/sys/fs/cgroup\(path)/cpu.max")) { found.append(cap) }
            guard let slash = path.lastIndex(of: "/") else { return found }
            path = String(path[..<slash])
        }
    }

    private static func text(_ path: String) -> String {
        String(decoding: (try? Files.read(path, bytesMax: bytesMax)) ?? [], as: UTF8.self)
    }
}
