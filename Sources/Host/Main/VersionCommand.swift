internal import SluiceBase
internal import SluiceConfig
internal import SluiceEpoll
internal import SluiceRing
internal import SluiceShared
internal import SluiceTelemetry

/// `sluice version`: what this build is, and with `--features` what it and this machine can do.
enum VersionCommand {
    private static let features = "--features"

    static let command = Command(
        name: "version",
        sentence: "prints the version",
        flags: [
            Command.Flag(
                name: features,
                value: nil,
                isRequired: false,
                sentence: "also what this build and this machine can do, as JSON"
            )
        ]
    ) { arguments in
        let isLong = arguments.flags[features] != nil
        Console.say(isLong ? report.text(pretty: true) : "sluice \(BuildInfo.version)")
        return .success
    }

    private static var report: JSON {
        [
            "version": .string(BuildInfo.version),
            "io": ["uring": uring, "epoll": epoll],
            "workersAuto": .integer(Int64(ProcessorShare.count())),
            "listenerProtocols": ["HTTP"],
            "upstreamProtocols": ["http1"],
            "limits": limits,
        ]
    }

    /// Asks the kernel for a small ring, as a worker would.
    private static var uring: JSON {
        do {
            let ring = try Ring(entries: 8, arena: Arena(count: 2, size: 4_096))
            return ["available": true, "mode": .string(ring.mode.rawValue)]
        } catch {
            return ["available": false, "reason": .string("\(error)")]
        }
    }

    /// Asks the kernel for an instance, as a worker would.
    private static var epoll: JSON {
        do {
            _ = try Epoll(entries: 8, arena: Arena(count: 2, size: 4_096))
            return ["available": true]
        } catch {
            return ["available": false, "reason": .string("\(error)")]
        }
    }

    private static var limits: JSON {
        var limits: [String: JSON] = [
            "workersMax": .integer(Int64(FixedLimits.workersMax)),
            "pluginsMax": .integer(Int64(FixedLimits.pluginsMax)),
        ]
        for row in LimitTable.rows { limits[row.key] = .string(row.fallback) }
        return .object(limits)
    }
}
