import SluiceConfig
import Testing

@Suite struct RefusalTests {
    @Test func `an unknown key is named with its place and its nearest neighbour`() {
        #expect(
            problems(header + "listenrs: []\n") == [
                "sluice.yaml:3:1: unknown key \"listenrs\"; did you mean \"listeners\"?"
            ]
        )
    }

    @Test func `all problems are reported, not only the first`() {
        let found = problems(
            """
            apiVersion: sluice.dev/v2
            kind: HostConfig
            workers: 0
            io: uringg
            admin: {address: 9901}
            listeners:
            - {name: Local, address: "localhost:80", services: echo, tsl: {}}
            plugins:
            - {library: echo, required: "yes"}
            limits: {headerBytesMax: 61KiB, keepAliveIdle: 75, headerCountMx: 3}
            log: {level: loud}
            """
        )
        let expected = [
            "1:13: /apiVersion: expected \"sluice.dev/v1\", found \"sluice.dev/v2\"",
            "3:10: /workers: expected auto or a number from 1 to 255, found the number 0",
            "4:5: /io: expected one of auto, uring, epoll, found \"uringg\"; "
                + "did you mean \"uring\"?",
            "5:18: /admin/address: expected an address",
            "7:10: /listeners/0/name: expected a name: 1 to 63 of a–z, 0–9 and -",
            "7:26: /listeners/0/address: \"localhost\" in \"localhost:80\" is no IP address",
            "7:52: /listeners/0/services: expected a list, found \"echo\"",
            "7:58: /listeners/0: unknown key \"tsl\"; did you mean \"tls\"?",
            "9:29: /plugins/0/required: expected true or false, found \"yes\"",
            "9:3: /plugins/0: \"name\" is missing: What the instance is called",
            "10:26: /limits/headerBytesMax: expected a size such as 4096, 64KiB or 1MiB, "
                + "1KiB to 60KiB, found \"61KiB\"",
            "10:48: /limits/keepAliveIdle: expected never, or a duration such as 10s, "
                + "500ms or 1h30m, 1s to 24h, found the number 75",
            "10:52: /limits: unknown key \"headerCountMx\"; did you mean \"headerCountMax\"?",
            "11:14: /log/level: expected one of trace, debug, info, warn, error, found \"loud\"",
        ]
        for line in expected {
            #expect(
                found.contains { $0.hasPrefix("sluice.yaml:\(line)") },
                "\(line)\n\nin:\n\(found.joined(separator: "\n"))"
            )
        }
        #expect(found.count == expected.count, "\(found.joined(separator: "\n"))")
    }

    @Test func `names are unique and services name instances`() {
        #expect(
            problems(
                header + """
                    plugins:
                    - {name: echo, library: echo}
                    - {name: echo, library: other}
                    listeners:
                    - {name: a, address: ":80", services: [ecco]}
                    - {name: a, address: "[::]:80", services: []}
                    - {name: b, address: "127.0.0.1:9901", services: []}
                    """
            ) == [
                "sluice.yaml:5:10: /plugins/1/name: the name \"echo\" is taken by line 4; "
                    + "names are unique",
                "sluice.yaml:8:10: /listeners/1/name: the name \"a\" is taken by line 7; "
                    + "names are unique",
                "sluice.yaml:7:40: /listeners/0/services/0: no instance in plugins is called "
                    + "\"ecco\"; did you mean \"echo\"?",
                "sluice.yaml:8:22: /listeners/1/address: [::]:80 is taken by line 7",
                "sluice.yaml:9:22: /listeners/2/address: 127.0.0.1:9901 is taken by the admin API",
            ]
        )
    }

    @Test func `a listener has a port that its users know`() {
        #expect(
            problems(header + "listeners: [{name: a, address: \":0\", services: []}]\n") == [
                "sluice.yaml:3:32: /listeners/0/address: expected a port from 1 to 65535: "
                    + "nobody would know one that the kernel chooses"
            ]
        )
    }

    @Test func `bounds that contradict each other are refused at their key`() {
        #expect(
            problems(
                header + "limits:\n  headerBytesMax: 1KiB\n  ringEntries: 100\n"
            ) == [
                "sluice.yaml:4:3: /limits: requestLineBytesMax must not exceed headerBytesMax: "
                    + "the line is part of the head",
                "sluice.yaml:5:16: /limits/ringEntries: expected a power of two, as io_uring "
                    + "rings are; 100 is none",
            ]
        )
    }

    @Test func `networks, and durations without never, are checked`() {
        let found = problems(
            header + """
                trustedProxies: ["10.0.0.0/33", 7]
                limits: {linger: never, requestTimeout: 0s}
                listeners:
                - {name: a, address: ":80", services: [], halfClosed: long,
                   proxyProtocol: {versions: [3]}}
                """
        )
        let network =
            "expected an IPv4 or IPv6 address, or a network such as \"10.0.0.0/8\" or "
            + "\"fd00::/8\", found"
        #expect(
            found == [
                "sluice.yaml:3:18: /trustedProxies/0: \(network) \"10.0.0.0/33\"",
                "sluice.yaml:3:33: /trustedProxies/1: \(network) the number 7",
                "sluice.yaml:4:18: /limits/linger: expected a duration such as 10s, 500ms or "
                    + "1h30m, 0s to 1m, found \"never\"",
                "sluice.yaml:4:41: /limits/requestTimeout: expected never, or a duration such as "
                    + "10s, 500ms or 1h30m, 1ms to 24h, found \"0s\"",
                "sluice.yaml:6:55: /listeners/0/halfClosed: expected never, or a duration such as "
                    + "10s, 500ms or 1h30m, 0s to 24h, found \"long\"",
                "sluice.yaml:7:31: /listeners/0/proxyProtocol/versions/0: expected a number from "
                    + "1 to 2, found the number 3",
            ]
        )
    }

    @Test func `a file that does not parse names its line`() {
        let found = problems("apiVersion: [\nkind: x\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("sluice.yaml:3:1: ") == true, "\(found)")
    }

    @Test func `a file has one document`() {
        let found = problems("\(header)---\n\(header)")
        #expect(found == ["sluice.yaml: expected one document of kind HostConfig, found 2"])
        #expect(problems("") == ["sluice.yaml: expected one document of kind HostConfig, found 0"])
    }

    @Test func `a document that is no object is refused`() {
        let found = problems("- 1\n")
        #expect(found.first?.contains("expected an object with the keys apiVersion") == true)
    }
}
