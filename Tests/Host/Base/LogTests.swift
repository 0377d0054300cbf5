import Glibc
import SluiceBase
import Testing

struct LogTests {
    @Test func `a line is its level, its text and its fields`() {
        #expect(Log.line(.info, "started", []) == "info started")
        #expect(Log.line(.warn, "a b", ["k", "v", "n", "5"]) == "warn a b k=v n=5")
        #expect(Log.line(.error, "x", ["only"]) == "error x")
    }

    @Test func `a value that could be taken for something else stands in quotation marks`() {
        let values: [String: String] = [
            "": #""""#, "a b": #""a b""#, "a=b": #""a=b""#, #"a"b"#: #""a\"b""#,
            #"a\"b c"#: #""a\\\"b c""#, #"a\"#: #""a\\""#, "caf\u{e9}": "\"caf\u{e9}\"",
            "a/b:c,d": "a/b:c,d",
        ]
        for (value, quoted) in values {
            #expect(Log.line(.info, "t", ["k", value]) == "info t k=\(quoted)")
        }
    }

    @Test func `no control character leaves as it came`() {
        for value in Array(0..<0x20) + Array(0x7f...0x9f) as [UInt32] {
            let scalar = Unicode.Scalar(value).map { String($0) } ?? ""
            let line = Log.line(.info, "a\(scalar)b", ["k", "c\(scalar)d"])
            let code = "\\u{\(String(value, radix: 16))}"
            #expect(line == "info a\(code)b k=\"c\(code)d\"")
        }
        let forged = Log.line(.info, "a\nerror b", ["k", "v\" admin=\"true"])
        #expect(forged == #"info a\u{a}error b k="v\" admin=\"true""#)
    }

    @Test func `the threshold lets through what is as grave or graver`() {
        for level in LogLevel.allCases {
            #expect(Log.threshold.allows(level) == (level.rawValue >= LogLevel.info.rawValue))
        }
        #expect(LogLevel.allCases.map(\.word) == ["trace", "debug", "info", "warn", "error"])
        #expect(LogLevel.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    }

    @Test func `kernel errors have their names`() {
        let names: [Int32: String] = [
            EPERM: "EPERM", ENOENT: "ENOENT", EADDRINUSE: "EADDRINUSE", ENOBUFS: "ENOBUFS",
            ECONNREFUSED: "ECONNREFUSED", ENOSYS: "ENOSYS", ETIME: "ETIME",
            ECONNABORTED: "ECONNABORTED", 9999: "errno 9999",
        ]
        for (code, name) in names { #expect(Errno(code).name == name) }
        #expect(Errno(EADDRINUSE).description == "EADDRINUSE (Address already in use)")
        #expect(Errno(9999).text == "Unknown error 9999")
        errno = EMFILE
        #expect(Errno.last == Errno(EMFILE))
    }
}
