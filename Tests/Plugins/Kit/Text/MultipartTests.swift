import SluiceKit
import Testing

/// What a form is taken for.
struct MultipartTests {
    /// A part with its whole body.
    struct Whole: Equatable {
        var part: MultipartPart
        var body: [UInt8] = []
        var isEnded = false
    }

    /// Reads a form that is fed in pieces of this size, or throws what was wrong.
    static func read(
        _ form: [UInt8],
        boundary: String = "b",
        pieces: Int = .max,
        limits: MultipartLimits = MultipartLimits()
    ) throws(MultipartError) -> [Whole] {
        var parser = try MultipartParser(boundary: boundary, limits: limits)
        var wholes: [Whole] = []
        var rest = form[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieces)
            rest = rest.dropFirst(pieces)
            for event in try parser.feed(piece) {
                switch event {
                case .begin(let part): wholes.append(Whole(part: part))
                case .piece(let bytes): wholes[wholes.count - 1].body += bytes
                case .end: wholes[wholes.count - 1].isEnded = true
                }
            }
        }
        try parser.finish()
        return wholes
    }

    private func reason(
        _ form: String,
        limits: MultipartLimits = MultipartLimits()
    ) -> MultipartError.Reason? {
        do throws(MultipartError) {
            _ = try Self.read(Array(form.utf8), limits: limits)
            return nil
        } catch {
            return error.reason
        }
    }

    private static let disposition = "Content-Disposition: form-data; name=\"a\"\r\n"

    private func form(headers: String, body: String = "x") -> String {
        "--b\r\n\(headers)\r\n\(body)\r\n--b--\r\n"
    }

    /// As a browser sends a text field and a file.
    static let browser = """
        --b\r\nContent-Disposition: form-data; name="comment"\r\n\r\nhello\r\n\
        --b\r\nContent-Disposition: form-data; name="file"; filename="a \\"b\\".png"\r\n\
        Content-Type: image/png\r\n\r\n\u{1}\r\n--c\r\n\r\n--b--\r\n
        """

    @Test(arguments: [1, 2, 3, 5, 7, 64, Int.max])
    func `a browser's form is read in pieces of any size`(pieces: Int) throws {
        let found = try Self.read(Array(Self.browser.utf8), pieces: pieces)
        try #require(found.count == 2)
        #expect(found[0].part.name == "comment" && found[0].part.filename == nil)
        #expect(found[0].part.contentType == nil)
        #expect(found[0].body == Array("hello".utf8))
        #expect(found[1].part.name == "file" && found[1].part.filename == "a \"b\".png")
        #expect(found[1].part.contentType == "image/png")
        #expect(found[1].part.headers.map(\.name) == ["content-disposition", "content-type"])
        #expect(found[1].body == Array("\u{1}\r\n--c\r\n".utf8))
        #expect(found.allSatisfy { $0.isEnded })
    }

    @Test func `what stands around the form and behind a boundary is passed over`() throws {
        let text =
            "preamble\r\n--\r\n--b \t\r\n\(Self.disposition)\r\n1\r\n--b--\r\nepilogue\r\n--b\r\n"
        let found = try Self.read(Array(text.utf8))
        #expect(found.map(\.body) == [Array("1".utf8)])
    }

    @Test(arguments: ["--b\r\n\(disposition)\r\n\r\n--b--", "--b\r\n\(disposition)\r\n--b--\r\n"])
    func `a part without a body is read, with an empty line and without`(text: String) throws {
        for pieces in [1, Int.max] {
            let found = try Self.read(Array(text.utf8), pieces: pieces)
            #expect(found.map(\.body) == [[]] && found.allSatisfy { $0.isEnded })
        }
    }

    @Test func `a form without parts is whole`() throws {
        #expect(try Self.read(Array("--b--\r\n".utf8)).isEmpty)
        #expect(try Self.read(Array("\r\n--b--".utf8)).isEmpty)
    }

    @Test func `names are written and read as browsers do`() throws {
        var writer = try MultipartWriter(boundary: "b")
        let name = "a \"b\"\r\n\u{E9}\\"
        let form = try writer.begin(MultipartPart(name: name, filename: name)) + writer.finish()
        let found = try Self.read(form)
        #expect(found.map(\.part.name) == [name])
        #expect(found.map(\.part.filename) == [name])
        #expect(String(decoding: form, as: UTF8.self).contains("name=\"a %22b%22%0D%0A\u{E9}"))
    }

    @Test(arguments: [
        "", "Content-Type: text/plain\r\n", "Content-Disposition: form-data\r\n",
        "Content-Disposition: attachment; name=\"a\"\r\n",
        "Content-Disposition: form-data; name=a b\r\n",
        "Content-Disposition: form-data; name=\"a\r\n",
        "Content-Disposition: form-data; name=\"a\"; name=\"b\"\r\n",
        "Content-Disposition: form-data; name=\"a\" x\r\n",
        disposition + disposition, disposition + "X: 1\r\nx: 2\r\n",
        disposition + "Content-Transfer-Encoding: base64\r\n",
        disposition + "no colon\r\n", disposition + ": none\r\n", disposition + "a b: c\r\n",
        disposition + " folded\r\n", disposition + "X: a\nY: b\r\n", disposition + "X: a\rb\r\n",
        disposition + "X: \0\r\n", disposition + "\u{E9}: 1\r\n",
    ])
    func `a malformed header is refused`(headers: String) {
        #expect(reason(form(headers: headers)) == .header)
    }

    @Test func `a header that is no UTF-8 is refused`() {
        let bytes = Array("--b\r\nContent-Disposition: form-data; name=\"".utf8) + [0xFF, 0x22]
        #expect(throws: MultipartError.self) {
            try Self.read(bytes + Array("\r\n\r\n\r\n--b--".utf8))
        }
    }

    @Test(arguments: ["--bx\r\n", "--b-\r\n", "--b -\r\n", "--b\n", "--b\r\r\n"])
    func `a delimiter with something behind it is refused`(line: String) {
        #expect(reason(line + Self.disposition + "\r\n1\r\n--b--") == .delimiter)
    }

    @Test func `a form that breaks off is refused at every byte`() {
        let whole = Array(form(headers: Self.disposition).utf8)
        for count in 0..<(whole.count - 2) {
            let error = #expect(throws: MultipartError.self) {
                try Self.read(Array(whole.prefix(count)))
            }
            #expect(error?.reason == .truncated, "\(count)")
        }
    }

    @Test func `limits hold to the byte`() {
        let text = form(headers: Self.disposition)
        let headerBytes = Self.disposition.utf8.count + 2
        let count = text.utf8.count
        let exact = MultipartLimits(partsMax: 1, headerBytesMax: headerBytes, bytesMax: count)
        #expect(reason(text, limits: exact) == nil)
        var short = exact
        short.partsMax = 0
        #expect(reason(text, limits: short) == .limit)
        short = exact
        short.headerBytesMax -= 1
        #expect(reason(text, limits: short) == .limit)
        short = exact
        short.bytesMax -= 1
        #expect(reason(text, limits: short) == .limit)
        let endless = "--b\r\n" + String(repeating: "x", count: 9_000)
        #expect(reason(endless) == .limit)
        #expect(reason("--b" + String(repeating: " ", count: 9_000)) == .limit)
    }

    @Test(arguments: [
        "", "text/plain", "multipart/mixed; boundary=b", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a ",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\u{E9}",
        "multipart/form-data; boundary=" + String(repeating: "b", count: 71),
    ])
    func `a content type that names no form is refused`(contentType: String) {
        let error = #expect(throws: MultipartError.self) {
            try MultipartParser(contentType: contentType)
        }
        #expect(error?.reason == .contentType)
    }

    @Test func `content types are read as they come`() throws {
        for text in [
            "multipart/form-data; boundary=b", "Multipart/Form-Data;BOUNDARY=\"b\"; charset=utf-8",
            "multipart/form-data ; ; boundary=b;",
        ] {
            var parser = try MultipartParser(contentType: text)
            _ = try parser.feed(Array(Self.browser.utf8))
            #expect(parser.isWhole, "\(text)")
        }
    }

    @Test func `what would break the form is not written`() throws {
        var writer = MultipartWriter()
        for part in [
            MultipartPart(name: "a", contentType: "a\r\nb: c"),
            MultipartPart(name: "a", headers: [("x", "1\n2")]),
            MultipartPart(name: "a", headers: [("x y", "1")]),
            MultipartPart(name: "a", headers: [("Content-Type", "text/plain")]),
        ] {
            #expect(throws: MultipartError.self) { try writer.begin(part) }
        }
        #expect(throws: MultipartError.self) { try MultipartWriter(boundary: "a\r\n") }
    }
}
