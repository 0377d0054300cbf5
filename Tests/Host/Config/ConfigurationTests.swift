import SluiceBase
import SluiceConfig
import SluiceShared
import Testing

func configuration(_ text: String) throws(ConfigFailure) -> HostConfiguration {
    try HostConfiguration.parse(Array((header + text).utf8), source: "sluice.yaml")
}

/// The problems of a text that must not be accepted, one line each.
func problems(_ text: String) -> [String] {
    do throws(ConfigFailure) {
        _ = try HostConfiguration.parse(Array(text.utf8), source: "sluice.yaml")
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

let header = "apiVersion: sluice.dev/v1\nkind: HostConfig\n"

@Suite struct ConfigurationTests {
    @Test func `the example of the reference is read`() throws {
        let read = try configuration(
            """
            workers: 1
            io: epoll
            stateDir: state
            admin: {address: "127.0.0.1:9902"}
            listeners:
            - {name: local, address: "127.0.0.1:8081", services: [echo]}
            plugins:
            - {name: routes, library: file-source, config: {paths: [conf/routes]}}
            - {name: echo, library: ./libecho.so, required: false, inline: true,
               expose: {namespaces: ["*"]}}
            limits: {keepAliveIdle: 1m30s, headerBytesMax: 32KiB, headerCountMax: 64}
            log: {level: debug}
            """
        )
        #expect(read.workers == 1)
        #expect(read.io == .epoll)
        #expect(read.stateDirectory == "state")
        #expect(read.admin.description == "127.0.0.1:9902")
        #expect(read.logLevel == LogLevel.debug)
        let listener = try #require(read.listeners.first)
        #expect(listener.name == "local" && listener.services == ["echo"])
        #expect(listener.address.description == "127.0.0.1:8081")
        #expect(read.plugins.map(\.name) == ["routes", "echo"])
        #expect(read.plugins[0].config?["paths"]?[0]?.string == "conf/routes")
        #expect(read.plugins[0].isRequired && !read.plugins[0].isInline)
        #expect(read.plugins[0].exposedNamespaces.isEmpty)
        #expect(!read.plugins[1].isRequired && read.plugins[1].isInline)
        #expect(read.plugins[1].exposedNamespaces == ["*"])
        #expect(read.plugins[1].place == "sluice.yaml:11")
        #expect(read.limits.keepAliveIdleNanoseconds == 90 * second)
        #expect(read.limits.headerBytesMax == 32 * kibibyte)
        #expect(read.limits.headerCountMax == 64)
    }

    @Test func `a library may be pinned by its SHA-256`() throws {
        let digest = String(repeating: "0123456789abcdef", count: 4)
        let read = try configuration("plugins: [{name: a, library: a, sha256: \(digest)}]")
        #expect(read.plugins.first?.sha256 == digest)
        #expect(try configuration("plugins: [{name: a, library: a}]").plugins.first?.sha256 == nil)
        for wrong in ["abc", String(digest.dropLast()), "\(digest)0", "g\(digest.dropLast())"] {
            #expect(throws: ConfigFailure.self) {
                try configuration("plugins: [{name: a, library: a, sha256: \"\(wrong)\"}]")
            }
        }
    }

    @Test func `what is left out takes the default of its row`() throws {
        let read = try configuration("")
        #expect(read.workers == ProcessorShare.count())
        #expect(read.io == .auto)
        #expect(read.stateDirectory == ".sluice")
        #expect(read.admin.description == "127.0.0.1:9901")
        #expect(read.listeners.isEmpty && read.plugins.isEmpty)
        #expect(read.limits == Limits())
        #expect(read.logLevel == LogLevel.info)
    }

    @Test func `a duration may be never where its row allows it and 0s is at once`() throws {
        let read = try configuration(
            """
            limits: {requestTimeout: 30s, halfClosed: never, linger: 0s, drainNotice: 0,
             tunnelIdle: never}
            """
        )
        #expect(read.limits.requestTimeoutNanoseconds == 30 * second)
        #expect(read.limits.halfClosedNanoseconds == Limits.never)
        #expect(read.limits.tunnelIdleNanoseconds == Limits.never)
        #expect(read.limits.lingerNanoseconds == 0)
        #expect(read.limits.drainNoticeNanoseconds == 0)
        #expect(Limits().requestTimeoutNanoseconds == Limits.never)
    }

    @Test func `forwarding and trusted proxies are read`() throws {
        let read = try configuration(
            """
            trustedProxies: ["10.0.0.0/8", "::1"]
            forwarding: {forwarded: true, via: false}
            """
        )
        #expect(read.forwarding.trusted == ["10.0.0.0/8", "::1"])
        #expect(read.forwarding.addsForwarded && !read.forwarding.addsVia)
        let plain = try configuration("").forwarding
        #expect(plain.trusted.isEmpty && !plain.addsForwarded && plain.addsVia)
    }

    @Test func `a listener of the host has the members of a listener document`() throws {
        let read = try configuration(
            """
            listeners:
            - name: local
              address: ":8081"
              services: []
              publicPort: 80
              mergeSlashes: false
              escapedSlashes: reject
              halfClosed: 0
              restartTrace: true
              proxyProtocol: {versions: [2], required: false, trusted: ["10.0.0.0/8"]}
            - {name: plain, address: ":8082", services: []}
            """
        )
        #expect(
            read.listeners.map { $0.options.text() } == [
                #"{"escapedSlashes":"reject","halfClosed":"0s","mergeSlashes":false,"#
                    + #""proxyProtocol":{"required":false,"trusted":["10.0.0.0/8"],"#
                    + #""versions":[2]},"publicPort":80,"restartTrace":true}"#,
                "{}",
            ]
        )
    }

    @Test func `JSON is read as well`() throws {
        let text = #"{"apiVersion":"sluice.dev/v1","kind":"HostConfig","workers":3}"#
        let read = try HostConfiguration.parse(Array(text.utf8), source: "sluice.json")
        #expect(read.workers == 3)
    }

    @Test func `a file that cannot be read is named with the reason`() {
        #expect(throws: ConfigFailure.self) { try HostConfiguration.read("/no/such/file.yaml") }
        do throws(ConfigFailure) {
            _ = try HostConfiguration.read("/no/such/file.yaml")
        } catch {
            #expect(
                error.description
                    == "/no/such/file.yaml: the configuration cannot be read: "
                    + "ENOENT (No such file or directory)"
            )
        }
    }
}
