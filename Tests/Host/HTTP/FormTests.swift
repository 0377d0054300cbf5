import SluiceBase
import SluiceHTTP
import Testing

/// Dates, methods, lists and reasons.
struct FormTests {
    @Test func `dates are those of the calendar`() {
        let dates: [Int64: String] = [
            0: "Thu, 01 Jan 1970 00:00:00 GMT", 784_111_777: "Sun, 06 Nov 1994 08:49:37 GMT",
            68_169_599: "Mon, 28 Feb 1972 23:59:59 GMT",
            68_169_600: "Tue, 29 Feb 1972 00:00:00 GMT",
            951_782_400: "Tue, 29 Feb 2000 00:00:00 GMT",
            951_868_800: "Wed, 01 Mar 2000 00:00:00 GMT",
            978_307_199: "Sun, 31 Dec 2000 23:59:59 GMT",
            1_709_164_800: "Thu, 29 Feb 2024 00:00:00 GMT",
            1_735_689_599: "Tue, 31 Dec 2024 23:59:59 GMT",
            1_740_787_200: "Sat, 01 Mar 2025 00:00:00 GMT",
            2_147_483_648: "Tue, 19 Jan 2038 03:14:08 GMT",
            4_107_542_399: "Sun, 28 Feb 2100 23:59:59 GMT",
            4_107_542_400: "Mon, 01 Mar 2100 00:00:00 GMT",
            253_402_300_799: "Fri, 31 Dec 9999 23:59:59 GMT",
        ]
        var line = DateLine()
        for (second, text) in dates {
            line.update(unixSecond: second)
            #expect(line.bytes.text == text)
        }
    }

    @Test func `a date moves on with the second`() {
        var line = DateLine()
        line.update(unixSecond: 59)
        line.update(unixSecond: 59)
        #expect(line.bytes.text.hasSuffix("00:00:59 GMT"))
        line.update(unixSecond: 60)
        #expect(line.bytes.text.hasSuffix("00:01:00 GMT"))
    }

    @Test func `methods are known by their exact names`() {
        let methods: [String: Method] = [
            "GET": .get, "HEAD": .head, "POST": .post, "PUT": .put, "DELETE": .delete,
            "PATCH": .patch, "OPTIONS": .options, "CONNECT": .connect, "get": .other,
            "GETS": .other, "TRACE": .other, "": .other, "PROPFIND": .other, "OPTIONT": .other,
        ]
        for (name, method) in methods { #expect(name.withBytes { Method($0) } == method) }
    }

    @Test func `what may be sent twice is said of each method`() {
        let twice: [Method] = [.get, .head, .put, .delete, .options]
        for method in twice { #expect(method.isIdempotent) }
        for method in [Method.post, .patch, .connect, .other] { #expect(!method.isIdempotent) }
    }

    @Test func `allowed methods stand in one line`() {
        let lines: [UInt32: String] = [
            0: "\r\nAllow: ", 1: "\r\nAllow: GET", 3: "\r\nAllow: GET, HEAD",
            127: "\r\nAllow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS",
            384: "\r\nAllow: ", 64: "\r\nAllow: OPTIONS",
        ]
        for (mask, line) in lines {
            let memory = Table<UInt8>(repeating: 0, count: 128)
            var writer = memory.writer()
            Method.writeAllow(mask, to: &writer)
            #expect(writer.bytes.text == line)
        }
    }

    @Test func `elements of a list stand without white space and empty ones are skipped`() {
        let lists: [String: [String]] = [
            "": [], " ,\t, ": [], "a": ["a"], "a,b": ["a", "b"], " a ,, b\t,": ["a", "b"],
            "a b,c": ["a b", "c"],
        ]
        for (value, expected) in lists {
            let bytes = octets(value)
            let found = bytes.withBytes { bytes in
                var elements = ListElements(bytes)
                var texts: [String] = []
                while let element = elements.next() { texts.append(element.text) }
                return texts
            }
            #expect(found == expected)
        }
    }

    @Test func `decimal numbers are digits alone and at most eighteen`() {
        let numbers: [String: Int64?] = [
            "0": 0, "5": 5, "0005": 5, "999999999999999999": 999_999_999_999_999_999,
            "": nil, "1000000000000000000": nil, "-1": nil, "+1": nil, " 1": nil, "1 ": nil,
            "1a": nil, "/": nil, ":": nil,
        ]
        for (text, number) in numbers { #expect(text.withBytes { $0.decimal() } == number) }
    }

    @Test func `every status that a fault leads to has a reason`() {
        for status: UInt16 in [
            101, 400, 404, 405, 408, 413, 414, 417, 421, 426, 429, 431, 500, 501, 502, 503, 504,
            505,
        ] {
            #expect(Bytes(Status.reason(status)).text != "Status")
        }
        #expect(Bytes(Status.reason(418)).text == "Status")
    }
}
