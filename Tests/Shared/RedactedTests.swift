import Glibc
import SluiceShared
import Testing

struct RedactedTests {
    private struct Login {
        let user = "ada"
        let password = Redacted("opensesame")
    }

    @Test func `no text shows the secret`() {
        let login = Login()
        var dumped = ""
        dump(login, to: &dumped)
        let texts = [
            "\(login)", String(reflecting: login), String(describing: login.password),
            String(reflecting: login.password), dumped,
            "\(Mirror(reflecting: login.password).children)",
            JSON.object { "password" => login.password }.text(), "\([login.password])",
            "\(["a": login.password])", "\(Optional(login.password) as Any)",
        ]
        for text in texts { #expect(!text.contains("opensesame"), "\(text)") }
        #expect(texts[0].contains("ada") && texts[2] == "[redacted]")
        #expect(texts[6] == #"{"password":"[redacted]"}"#)
    }

    @Test func `the value is there for who takes it`() {
        #expect(Login().password.withValue { $0 } == "opensesame")
        #expect(Redacted([1, 2] as [UInt8]).withValue { $0 } == [1, 2])
    }

    /// Looks at memory through the kernel, as it is freed at the end; it is too little to be given
    /// back to the kernel.
    @Test func `bytes are overwritten with their last owner`() throws {
        let memory = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        defer { close(memory) }
        try #require(memory >= 0)
        let pattern = [UInt8](repeating: 0xA7, count: 64)
        func holdsPattern(_ address: UInt) -> Bool {
            var found = [UInt8](repeating: 0, count: pattern.count)
            let count = unsafe pread(memory, &found, found.count, off_t(address))
            return count == found.count && found == pattern
        }
        func placeOfSecret() -> UInt {
            let secret = Redacted([UInt8](repeating: 0xA7, count: 600))
            let copy = secret
            let place = copy.withValue { bytes in
                unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) + 256 }
            }
            let isThere = secret.withValue { _ in holdsPattern(place) }
            #expect(isThere)
            return place
        }
        #expect(!holdsPattern(placeOfSecret()))
    }
}
