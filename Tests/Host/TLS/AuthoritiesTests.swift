import CTLS
import SluiceTLS
import Testing

/// Whom sets of authorities vouch for.
@Suite struct AuthoritiesTests {
    private let first = TestAuthority.root("First")
    private let second = TestAuthority.root("Second")

    private func count(_ names: OpaquePointer) -> Int {
        unsafe Int(OPENSSL_sk_num(names))
    }

    @Test func `they vouch for what they signed`() throws {
        let authorities = try Authorities([first.pem], trustsSystem: false)
        #expect(authorities.vouch(for: first.leaf()))
        #expect(!authorities.vouch(for: second.leaf()))
        #expect(unsafe count(authorities.names) == 1)
        #expect(!authorities.trustsSystem)
    }

    @Test func `several texts are one set, each certificate once`() throws {
        let both = try Authorities([first.pem + second.pem, first.pem], trustsSystem: false)
        let turned = try Authorities([second.pem, first.pem], trustsSystem: false)
        #expect(both.count == 2)
        #expect(unsafe count(both.names) == 2)
        #expect(both.digest == turned.digest)
        let one = try Authorities([first.pem], trustsSystem: false)
        #expect(both.digest != one.digest)
    }

    @Test func `a self-signed leaf vouches for itself`() throws {
        let made = try SelfSigned.make(names: ["a.test"], addresses: [], days: 1)
        let certificate = try Certificate(chain: made.chain, key: made.key)
        let authorities = try Authorities([made.chain], trustsSystem: false)
        #expect(authorities.vouch(for: certificate))
    }

    @Test func `an intermediate alone is no anchor`() throws {
        let intermediate = first.intermediate()
        let authorities = try Authorities([intermediate.pem], trustsSystem: false)
        #expect(!authorities.vouch(for: intermediate.leaf()))
    }

    @Test func `merged sets trust what any of them trusts`() throws {
        let one = try Authorities([first.pem], trustsSystem: false)
        let other = try Authorities([second.pem, first.pem], trustsSystem: false)
        let merged = Authorities(merging: [one, other])
        #expect(merged.count == 2)
        #expect(merged.digest == other.digest)
        #expect(merged.vouch(for: first.leaf()))
        #expect(merged.vouch(for: second.leaf()))
        let same = Authorities(merging: [one])
        #expect(unsafe same.store == one.store)
        #expect(same.digest == one.digest)
        let none = Authorities(merging: [])
        #expect(!none.vouch(for: first.leaf()))
    }

    @Test func `a part may go before what was merged from it`() throws {
        var one: Authorities? = try Authorities([first.pem], trustsSystem: false)
        let same = Authorities(merging: [one].compactMap(\.self))
        one = nil
        #expect(same.vouch(for: first.leaf()))
        #expect(unsafe count(same.names) == 1)
    }

    @Test func `those of the system are trusted too, and not named`() throws {
        let system = try Authorities([], trustsSystem: true)
        #expect(system.trustsSystem)
        #expect(system.count == 0)
        #expect(unsafe count(system.names) == 0)
        let both = try Authorities([first.pem], trustsSystem: true)
        #expect(both.vouch(for: first.leaf()))
        let alone = try Authorities([first.pem], trustsSystem: false)
        #expect(both.digest != alone.digest)
        #expect(Authorities(merging: [system, alone]).digest == both.digest)
    }

    @Test func `many authorities are not named to clients`() throws {
        let key = TestKey(.p256)
        let limit = Authorities.namesMax
        let pems = (0...limit).map { TestAuthority(.named("n\($0).test"), sharing: key).pem }
        let some = try Authorities(Array(pems.prefix(limit)), trustsSystem: false)
        #expect(unsafe count(some.names) == limit)
        let more = try Authorities(pems, trustsSystem: false)
        #expect(more.count == limit + 1)
        #expect(unsafe count(more.names) == 0)
    }

    @Test func `the times of each are known`() throws {
        var terms = TestTerms.named("old.test")
        (terms.starts, terms.ends) = (-2_000, -1_000)
        let old = TestAuthority(terms)
        let both = try Authorities([first.pem + old.pem], trustsSystem: false)
        #expect(both.dates.map { $0.validity(at: ctls_seconds()) } == [.valid, .expired])
        #expect(both.dates.last?.subject == "CN=old.test")
    }

    @Test func `texts that cannot be used`() {
        func fault(_ texts: [[UInt8]]) -> MaterialFault? {
            do throws(MaterialFault) {
                _ = try Authorities(texts, trustsSystem: true)
                return nil
            } catch {
                #expect(ERR_peek_error() == 0)
                return error
            }
        }
        let cut = Array(second.pem.dropLast(60))
        #expect(fault([first.pem, []]) == .noCertificate(.authorities(text: 2)))
        #expect(fault([first.pem, first.pem + cut]) == .unreadableBlock(2, .authorities(text: 2)))
        let key = first.key.pem()
        #expect(fault([first.pem + key]) == .misplacedKey(block: 2, .authorities(text: 1)))
        #expect(throws: MaterialFault.noCertificate(.authorities(text: 1))) {
            try Authorities([], trustsSystem: false)
        }
    }

    @Test func `too many authorities, counted over all texts`() throws {
        let key = TestKey(.p256)
        let limit = Authorities.certificatesMax
        let pems = (0...limit).map { TestAuthority(.named("n\($0).test"), sharing: key).pem }
        let whole = try Authorities([Array(pems.prefix(limit).joined())], trustsSystem: false)
        #expect(whole.count == limit)
        #expect(throws: MaterialFault.tooManyCertificates(.authorities(text: 2), limit: limit)) {
            try Authorities([Array(pems.prefix(limit).joined()), pems[limit]], trustsSystem: false)
        }
    }
}
