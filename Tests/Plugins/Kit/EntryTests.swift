import SluiceABI
import SluiceKit
import Testing

@Suite struct EntryTests {
    /// What the entry answers to a host of a revision.
    private func describe(
        revision: UInt16 = UInt16(SLUICE_ABI_MAJOR),
        _ report: UnsafeMutablePointer<sluice_error>? = nil
    ) -> UnsafePointer<sluice_plugin_desc>? {
        var hello = unsafe sluice_hello()
        unsafe hello.size = UInt32(MemoryLayout<sluice_hello>.size)
        unsafe hello.stamp = sluice_stamp_make()
        unsafe hello.stamp.abi_major = revision
        return PluginEntry.describe(Scripted.self, to: &hello, report)
    }

    private func text(_ span: sluice_span) -> String {
        unsafe String(
            decoding: UnsafeBufferPointer(start: span.data, count: span.len),
            as: UTF8.self
        )
    }

    @Test func `the description reaches C`() throws {
        let words = unsafe try #require(describe()).pointee
        let size = unsafe Int(words.size)
        let wholeSize = unsafe MemoryLayout<sluice_plugin_desc>.size
        #expect(size == wholeSize)
        let flags = unsafe words.flags
        #expect(flags == SLUICE_PLUGIN_SWIFT | SLUICE_PLUGIN_SINGLETON)
        #expect(unsafe text(words.id) == "dev.sluice.scripted")
        #expect(unsafe text(words.version) == "1.2.3")
        #expect(unsafe text(words.config_schema) == "{}")
        let count = unsafe words.requires_ids.count
        #expect(count == 1)
        let magic = unsafe words.stamp.magic
        #expect(magic == SLUICE_MAGIC)
    }

    @Test func `the entry answers the same description each time`() {
        let isSame = unsafe describe() != nil && describe() == describe()
        #expect(isSame)
    }

    @Test func `a host of another revision is refused by a sentence`() {
        let report = UnsafeMutablePointer<sluice_error>.allocate(capacity: 1)
        unsafe report.initialize(to: sluice_error())
        defer { unsafe report.deallocate() }
        unsafe report.pointee.size = UInt32(MemoryLayout<sluice_error>.size)
        let isRefused = unsafe describe(revision: 99, report) == nil
        #expect(isRefused)
        let code = unsafe report.pointee.code
        #expect(code == SLUICE_E_UNSUPPORTED)
        let words = unsafe UnsafeRawBufferPointer(
            start: report,
            count: MemoryLayout<sluice_error>.size
        )
        let length = unsafe Int(report.pointee.text_len)
        let sentence = unsafe String(decoding: words[128..<128 + length], as: UTF8.self)
        #expect(
            sentence
                == "the host speaks ABI revision 99, this plugin was built for 1; rebuild it "
                + "against the host's header"
        )
    }
}
