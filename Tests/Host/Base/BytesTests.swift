import SluiceBase
import Testing

struct BytesTests {
    @Test func `a byte is found from where the search starts and nowhere else`() {
        let bytes: Bytes = "abcabc"
        #expect(bytes.index(of: UInt8(ascii: "a")) == 0)
        #expect(bytes.index(of: UInt8(ascii: "a"), from: 1) == 3)
        #expect(bytes.index(of: UInt8(ascii: "c"), from: 5) == 5)
        #expect(bytes.index(of: UInt8(ascii: "a"), from: 4) == -1)
        #expect(bytes.index(of: UInt8(ascii: "d")) == -1)
        for offset in [6, 7, Int.max, -1, Int.min] {
            #expect(bytes.index(of: UInt8(ascii: "a"), from: offset) == -1)
        }
        #expect(bytes.prefix(3).index(of: UInt8(ascii: "a"), from: 1) == -1)
        #expect(Bytes.empty.index(of: 0) == -1)
    }

    @Test func `slices hold what they say`() {
        let bytes: Bytes = "abcdef"
        #expect(bytes.slice(1, 3).text == "bcd")
        #expect(bytes.slice(6, 0).isEmpty)
        #expect(bytes.from(4).text == "ef")
        #expect(bytes.from(6).isEmpty)
        #expect(bytes.prefix(0).isEmpty)
        #expect(bytes.prefix(6).equals(bytes))
        #expect(bytes.slice(2, 2)[1] == UInt8(ascii: "d"))
    }

    @Test func `comparisons look at every byte and no other`() {
        let bytes: Bytes = "abc"
        #expect(bytes.equals("abc") && !bytes.equals("abd") && !bytes.equals("ab"))
        #expect(bytes.hasPrefix("") && bytes.hasPrefix("ab") && bytes.hasPrefix("abc"))
        #expect(!bytes.hasPrefix("b") && !bytes.hasPrefix("abcd"))
        #expect(bytes.hasSuffix("") && bytes.hasSuffix("bc") && bytes.hasSuffix("abc"))
        #expect(!bytes.hasSuffix("b") && !bytes.hasSuffix("aabc"))
        #expect(Bytes.empty.equals("") && Bytes.empty.hasPrefix("") && !Bytes.empty.hasPrefix("a"))
        #expect(Bytes("AbC").equalsIgnoringCase("aBc") && !bytes.equalsIgnoringCase("abcd"))
        #expect(!Bytes("a[").equalsIgnoringCase("a{") && !Bytes("@").equalsIgnoringCase("`"))
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 19])
    func `case is folded for letters alone, in every place`(length: Int) {
        for place in 0..<length {
            for (one, other) in (0..<65_536).map({ (UInt8($0 >> 8), UInt8($0 & 0xff)) }) {
                var (left, right) = ([UInt8](repeating: 0x61, count: length), [UInt8]())
                left[place] = one
                right = left
                right[place] = other
                let isCase = one ^ other == 0x20 && (0x61...0x7a).contains(one | 0x20)
                let equal = left.withBytes { left in
                    right.withBytes { left.equalsIgnoringCase($0) }
                }
                if equal != (one == other || isCase) {
                    Issue.record("\(one) and \(other) at \(place) of \(length)")
                }
            }
        }
    }

    @Test func `a word is eight bytes in memory order`() {
        let bytes: Bytes = "0123456789"
        #expect(bytes.word(at: 0) == 0x3736_3534_3332_3130)
        #expect(bytes.word(at: 2) == 0x3938_3736_3534_3332)
    }

    @Test func `equal bytes hash alike wherever they lie, and each byte and the length count`() {
        for count in 0...40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let hash = bytes.withBytes { $0.hash(seed: 7) }
            #expect(([1] + bytes).withBytes { $0.from(1).hash(seed: 7) } == hash)
            #expect(bytes.withBytes { $0.hash(seed: 8) } != hash)
            #expect((bytes + [0]).withBytes { $0.hash(seed: 7) } != hash)
            for place in 0..<count {
                var other = bytes
                other[place] ^= 0x20
                #expect(other.withBytes { $0.hash(seed: 7) } != hash, "\(count), \(place)")
            }
        }
    }

    @Test func `the folded hash ignores the case of letters and of nothing else`() {
        for byte in UInt8.min...UInt8.max {
            let letter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            let folded = letter ? byte | 0x20 : byte
            let word = UInt64(byte) * 0x0101_0101_0101_0101
            #expect(Bytes.lowercased(word) == UInt64(folded) * 0x0101_0101_0101_0101)
            for count in [1, 3, 4, 7, 8, 9, 17] {
                let bytes = [UInt8](repeating: byte, count: count)
                let flipped = bytes.map { $0 ^ 0x20 }
                let isLetter = letter || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                let same =
                    bytes.withBytes { $0.hashIgnoringCase(seed: 1) }
                    == flipped.withBytes { $0.hashIgnoringCase(seed: 1) }
                #expect(same == isLetter, "\(byte), \(count) times")
            }
        }
    }

    @Test func `an index outside stops the program`() async {
        await #expect(processExitsWith: .failure) { _ = Bytes("abc")[3] }
        await #expect(processExitsWith: .failure) { _ = Bytes("abc")[-1] }
    }

    @Test func `a slice outside stops the program, also where its end overflows`() async {
        await #expect(processExitsWith: .failure) { _ = Bytes("abc").slice(2, 2).count }
        await #expect(processExitsWith: .failure) { _ = Bytes("abc").slice(1, .max).count }
        await #expect(processExitsWith: .failure) { _ = Bytes("abc").slice(-1, 1).count }
        await #expect(processExitsWith: .failure) { _ = Bytes("abc").slice(1, -1).count }
        await #expect(processExitsWith: .failure) { _ = Bytes("abcdefgh").word(at: .max - 7) }
        await #expect(processExitsWith: .failure) { _ = Bytes("abc").word(at: 0) }
    }
}
