import SluiceTLS
import Testing

/// Versions as documents write them.
@Suite struct TermsTests {
    @Test func versionsAreRead() {
        #expect(TLSVersion("1.2") == .v12)
        #expect(TLSVersion("1.3") == .v13)
        #expect(TLSVersion("1.1") == nil)
        #expect(TLSVersion.v12 < .v13)
    }
}
