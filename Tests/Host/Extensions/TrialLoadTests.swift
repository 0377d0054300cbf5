import SluiceBase
import SluiceConfig
import SluiceExtensions
import Testing

/// What is wrong with a library is found in a child process and told in a sentence.
@Suite struct TrialLoadTests {
    /// What the host says of one library, which must fail to load.
    private func refusal(
        _ path: String,
        _ change: (inout HostEnvironment) -> Void = { _ in }
    ) throws -> String {
        let house = try House([PluginConfiguration(name: "p", library: path)], change)
        let failures = house.host.load()
        #expect(failures.count == 1)
        #expect(house.host.start().count == 1)
        #expect(!house.host.readiness.isReady)
        return failures.first?.description ?? "no failure"
    }

    private func broken(_ defines: String...) throws -> String {
        try refusal(try Fixture("broken", defines).path)
    }

    @Test func `a library that is not there is named with the places looked at`() throws {
        let text = try refusal("nowhere")
        #expect(text.contains("plugin p: load: library \"nowhere\" not found"))
        #expect(text.contains("/libnowhere.so"))
    }

    @Test func `a file that is no library is refused without running it`() throws {
        let text = try refusal(try Fixture(bytes: Array("#!/bin/sh\nexit 0\n".utf8)).path)
        #expect(text.contains("is not a shared library: it has no ELF header"))
    }

    @Test func `a library for another machine is named with both machines`() throws {
        var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1] + [UInt8](repeating: 0, count: 58)
        bytes[16] = 3
        bytes[18] = 243
        let text = try refusal(try Fixture(bytes: bytes).path)
        #expect(text.contains("is built for riscv, this host for "))
    }

    @Test func `a library without an entry is not a plugin`() throws {
        #expect(try broken("BROKEN_NO_ENTRY").contains("it exports no sluice_plugin_entry"))
    }

    @Test func `a missing symbol is named`() throws {
        #expect(try broken("BROKEN_SYMBOL").contains("a_function_of_nobody"))
    }

    @Test func `a constructor that crashes kills the child and not the host`() throws {
        let text = try broken("BROKEN_CONSTRUCTOR=*(volatile int *)0 = 1")
        #expect(text.contains("it died of SIGSEGV in its constructors or sluice_plugin_entry"))
    }

    @Test func `an entry that aborts is named by its signal`() throws {
        #expect(try broken("BROKEN_ENTRY=abort()").contains("it died of SIGABRT"))
    }

    @Test func `a constructor that ends the process is told with the code`() throws {
        let text = try broken("BROKEN_CONSTRUCTOR=_exit(7)")
        #expect(text.contains("it ended the process with code 7"))
    }

    @Test func `a constructor that hangs is killed at the deadline`() throws {
        let path = try Fixture("broken", ["BROKEN_CONSTRUCTOR=for(;;)pause()"]).path
        let text = try refusal(path) {
            $0.limits.pluginCheckTimeoutNanoseconds = 300 * millisecond
        }
        #expect(text.contains("it hung for 0.3 s in its constructors"))
    }

    @Test func `a stamp that differs names the field and both values`() throws {
        let header = try broken("PROBE_SPOIL=desc.stamp.sz_header = 48")
        #expect(header.contains("sizeof(sluice_header) is 48, host 40"))
        let major = try broken("PROBE_SPOIL=desc.stamp.abi_major = 9")
        #expect(major.contains("abi_major is 9, host 1"))
        let magic = try broken("PROBE_SPOIL=desc.stamp.magic = 0xabcd")
        #expect(magic.contains("its stamp begins with 0x0000abcd"))
    }

    @Test func `a library that needs a newer host is refused`() throws {
        let text = try broken("PROBE_SPOIL=desc.needs_minor = 7")
        #expect(text.contains("it needs ABI minor 7, this host has 0"))
    }

    @Test func `a required interface that the host lacks is named`() throws {
        let text = try broken(
            "PROBE_SPOIL=needs[0] = sluice_text(\"sluice.none/0\");"
                + "desc.requires_ids = sluice_items(needs, 1, sizeof needs[0])"
        )
        #expect(text.contains("it requires \"sluice.none/0\", which this host does not offer"))
        #expect(text.contains("sluice.http/0"))
    }

    @Test func `an entry that declines gives its own reason`() throws {
        let text = try broken(
            "BROKEN_ENTRY=sluice_fail(err, SLUICE_E_UNSUPPORTED, sluice_text(\"not here\"));"
                + "return NULL"
        )
        #expect(text.hasSuffix(": not here"))
    }

    @Test func `the other plugins start`() throws {
        let bad = try Fixture("broken", ["BROKEN_CONSTRUCTOR=abort()"])
        let good = try Fixture("probe")
        var optional = PluginConfiguration(name: "bad", library: bad.path)
        optional.isRequired = false
        let house = try House([optional, PluginConfiguration(name: "good", library: good.path)])
        #expect(house.host.load().map(\.instance) == ["bad"])
        #expect(house.host.start().map(\.instance) == ["bad"])
        #expect(house.host.reports.map(\.state) == [.failed, .started])
        #expect(house.host.readiness.isReady)
        #expect(house.host.readiness.warnings.count == 1)
        house.end()
    }
}
