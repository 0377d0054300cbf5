import CTLS
import SluiceTLS
import Testing

/// Which OCSP responses are stapled, and when.
@Suite struct StapledResponseTests {
    private let root = TestAuthority.root()
    private let leaf: TestAuthority

    init() { leaf = root.leaf() }

    private var now: Int64 { ctls_seconds() }

    private func certificate(_ response: [UInt8]) throws -> Certificate {
        try Certificate(chain: leaf.pem, key: leaf.key.pem(), ocsp: response)
    }

    /// What comes of a response at a time from now; the certificate is used in any case.
    private func fault(_ response: [UInt8], in seconds: Int64 = 0) throws -> MaterialFault? {
        let certificate = try certificate(response)
        let fault = certificate.responseFault(at: now + seconds)
        #expect(certificate.response(at: now + seconds) == (fault == nil ? response : []))
        if let fault {
            #expect(fault.member == "ocsp")
            #expect(fault.description.count > 20)
        }
        return fault
    }

    @Test func `what says nothing of the certificate`() throws {
        let whole = root.response(for: leaf)
        let later: [UInt8] = [0x30, 3, 0x0A, 1, 3]
        let empty: [UInt8] = [0x30, 3, 0x0A, 1, 0]
        #expect(try fault(whole) == nil)
        for response in [[1, 2, 3], later, empty, whole + [0], Array(whole.dropLast()), leaf.pem] {
            #expect(try fault(response) == .unreadableResponse)
        }
        #expect(try fault([]) == .noResponse)
        #expect(try fault(root.response(for: root.leaf())) == .responseForOthers)
    }

    @Test func `what says no good of it`() throws {
        let revoked = root.response(for: leaf, V_OCSP_CERTSTATUS_REVOKED)
        #expect(try fault(revoked) == .badStatus(isRevoked: true))
        let unknown = root.response(for: leaf, V_OCSP_CERTSTATUS_UNKNOWN)
        #expect(try fault(unknown) == .badStatus(isRevoked: false))
    }

    @Test func `it counts within its times`() throws {
        let response = root.response(for: leaf, starts: -100, ends: 1_000)
        #expect(try fault(response, in: -200) == .earlyResponse)
        #expect(try fault(response, in: -50) == nil)
        #expect(try fault(response, in: 900) == nil)
        #expect(try fault(response, in: 1_100) == .expiredResponse)
        let endless = root.response(for: leaf, starts: -100, ends: nil)
        #expect(try fault(endless, in: 1_000_000_000) == nil)
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `a handshake staples only what counts at its time`(version: TLSVersion) throws {
        let good = root.response(for: leaf, ends: 2)
        let end = now + 2
        let server = try TestContexts.server(leaf, ocsp: good)
        let peer = try TestPeer(server, version, staples: true)
        #expect(peer.run() && peer.staple == good)
        awaitEnd(of: end)
        let late = try TestPeer(server, version, staples: true)
        #expect(late.run() && late.staple.isEmpty)
        for response in [root.response(for: leaf, starts: 1_000), [], [1, 2, 3]] {
            let server = try TestContexts.server(leaf, ocsp: response)
            let peer = try TestPeer(server, version, staples: true)
            #expect(peer.run() && peer.staple.isEmpty)
        }
    }
}
