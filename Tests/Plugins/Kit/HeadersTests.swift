// Alone because: header lines need no host.

import SluiceKit
import Testing

@Suite struct HeadersTests {
    @Test func `names are found without regard to case`() {
        let headers: Headers = ["Content-Type": "a", "x": "1", "X": "2"]
        #expect(headers["content-type"] == "a")
        #expect(headers.all("x").map(\.text) == ["1", "2"])
        #expect(headers["y"] == nil)
    }

    @Test func `setting replaces all lines of a name, nil removes them`() {
        var headers: Headers = ["x": "1", "y": "2", "X": "3"]
        headers["x"] = "4"
        #expect(headers == ["y": "2", "x": "4"])
        headers["y"] = nil
        #expect(headers == ["x": "4"])
    }

    @Test func `a value that is not UTF-8 keeps its octets and is read as Latin-1`() {
        let header = Header("x", octets: [0x41, 0xE9, 0xFF])
        #expect(header.octets == [0x41, 0xE9, 0xFF])
        #expect(header.text == "Aéÿ")
        #expect(Header("x", "é").octets == [0xC3, 0xA9])
    }
}
