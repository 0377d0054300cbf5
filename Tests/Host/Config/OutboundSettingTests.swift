import SluiceBase
import SluiceConfig
import Testing

@Suite struct OutboundSettingTests {
    @Test func `what is left out takes the default of its row`() throws {
        let read = try configuration("plugins: [{name: a, library: echo, outbound: {}}]\n")
        let outbound = read.plugins[0].outbound
        #expect(outbound == OutboundConfiguration())
        #expect(outbound.deny == ["169.254.0.0/16", "fe80::/10"].compactMap { Network($0) })
        let written = SettingTable.rows(in: "plugins[].outbound").reduce(into: [:]) {
            $0[$1.key] = $1.fallback
        }
        #expect(written["calls"] == "\(outbound.callsMax)")
        #expect(written["connections"] == "\(outbound.connectionsMax)")
        #expect(written["connectionsPerHost"] == "\(outbound.connectionsPerHostMax)")
        #expect(written["responseBodyMax"] == "64MiB" && outbound.responseBytesMax == 64 << 20)
        #expect(written["connectTimeout"] == "10s" && outbound.connectNanoseconds == 10 * second)
        #expect(written["headTimeout"] == "30s" && outbound.headNanoseconds == 30 * second)
        #expect(written["idleTimeout"] == "60s" && outbound.idleNanoseconds == 60 * second)
        #expect(written["totalTimeout"] == "1h" && outbound.totalNanoseconds == 3_600 * second)
    }

    @Test func `the section is read`() throws {
        let read = try configuration(
            """
            plugins:
            - name: a
              library: echo
              outbound:
                calls: 10
                connections: 4
                connectionsPerHost: 2
                responseBodyMax: 1MiB
                proxy: environment
                allow: [10.1.0.0/16]
                deny: [10.0.0.0/8, "::1"]
                unixSockets: false
                connectTimeout: 1s
                idleTimeout: never
                totalTimeout: never
                tls:
                - {name: one, ca: ca.pem, certificate: c.pem, key: k.pem, serverName: a.test}
                - {name: two, insecure: true}

            """
        )
        let outbound = read.plugins[0].outbound
        #expect(outbound.callsMax == 10 && outbound.connectionsMax == 4)
        #expect(outbound.connectionsPerHostMax == 2 && outbound.responseBytesMax == 1 << 20)
        #expect(outbound.usesEnvironmentProxy && !outbound.allowsUnixSockets)
        #expect(outbound.allow.count == 1 && outbound.deny.count == 2)
        #expect(outbound.connectNanoseconds == second && outbound.idleNanoseconds == Int.max)
        #expect(outbound.totalNanoseconds == Int.max)
        #expect(outbound.profiles.map(\.name) == ["one", "two"])
        #expect(outbound.profiles[0].authorities == "ca.pem" && outbound.profiles[0].key == "k.pem")
        #expect(outbound.profiles[0].serverName == "a.test" && outbound.profiles[1].isInsecure)
    }

    @Test func `profiles are unique and whole`() {
        let found = problems(
            header
                + """
                plugins:
                - name: a
                  library: echo
                  outbound:
                    deny: [10.0.0.0/33]
                    tls: [{name: one, certificate: c.pem}, {name: one}]

                """
        )
        #expect(found.contains { $0.contains("/plugins/0/outbound/deny/0: expected") }, "\(found)")
        let others = problems(
            header
                + """
                plugins:
                - name: a
                  library: echo
                  outbound:
                    tls: [{name: one, certificate: c.pem}, {name: one}]

                """
        )
        #expect(others.count == 2, "\(others)")
        #expect(others.contains { $0.hasSuffix("a certificate and its key are given together") })
        #expect(others.contains { $0.contains("the name \"one\" is taken") })
    }
}
