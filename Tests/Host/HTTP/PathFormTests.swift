import HTTPInvariants
import SluiceBase
import SluiceHTTP
import Testing

struct PathFormTests {
    private static let plain = PathForm.Options()
    private static let keeping = PathForm.Options(mergesSlashes: false)
    private static let rejecting = PathForm.Options(rejectsEscapedSlashes: true)

    private static let forms: [(String, String?)] = [
        ("/", "/"), ("/a", "/a"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("*", "*"), ("", "/"),
        ("/admin", "/admin"), ("/%61dmin", "/admin"), ("//admin", "/admin"),
        ("/./admin", "/admin"), ("/x/../admin", "/admin"), ("/%2e/%2E%2e/x", nil),
        ("//", "/"), ("//a//b//", "/a/b/"), ("/a//../b", "/b"), ("/a//../../b", nil),
        ("//..", nil), ("/a/.//b", "/a/b"),
        ("/a.b", "/a.b"), ("/.a", "/.a"), ("/..a", "/..a"), ("/a..", "/a.."), ("/...", "/..."),
        ("/a/..../b", "/a/..../b"), ("/.well-known/x", "/.well-known/x"),
        ("/.", "/"), ("/./", "/"), ("/a/.", "/a/"), ("/a/./b", "/a/b"), ("/a/././b/./", "/a/b/"),
        ("/a/..", "/"), ("/a/../", "/"), ("/a/../b", "/b"), ("/a/b/..", "/a/"),
        ("/a/b/../..", "/"), ("/a/b/../../c", "/c"), ("/a/./../b", "/b"),
        ("/%2e", "/"), ("/%2E/a", "/a"), ("/a/%2e%2e/b", "/b"), ("/a/.%2E/b", "/b"),
        ("/%2e%2e%2e", "/..."), ("/%2ea", "/.a"), ("/a%2e%2e/b", "/a../b"),
        ("/%7euser%5f%2D", "/~user_-"), ("/%30%5A", "/0Z"), ("/%c3%a9", "/%C3%A9"),
        ("/%25%32%65", "/%252e"), ("/%252e%252e/", "/%252e%252e/"), ("/%ff%20", "/%FF%20"),
        ("/a%2Fb", "/a%2Fb"), ("/a%2fb", "/a%2Fb"), ("/a%5cb", "/a%5Cb"), ("/%2F.a", "/%2F.a"),
        ("/a;b=c", "/a;b=c"), ("/a;x/b", "/a;x/b"), ("/a;x/../b", "/b"), ("/;a", "/;a"),
        ("/a%3B%3b", "/a%3B%3B"), ("/a..;b", "/a..;b"), ("/a.;b", "/a.;b"),
        ("/..", nil), ("/../", nil), ("/../a", nil), ("/a/../..", nil), ("/a/../../b", nil),
        ("/./..", nil), ("/%2e%2E", nil), ("/.%2e/a", nil),
        ("/%00", nil), ("/a%00b", nil), ("/a/%00/../b", nil),
        ("/%", nil), ("/%2", nil), ("/%zz", nil), ("/%2g", nil), ("/a%/b", nil), ("/a%2/b", nil),
        ("/%%41", nil), ("/%-1", nil), ("/a\\b", nil), ("/a\\..\\b", nil), ("/a\tb", nil),
        ("/a b", nil), ("/a\u{7f}", nil), ("/é", nil), ("/a?b", nil), ("/a#b", nil), ("a", nil),
        ("**", nil),
        ("/..;/a", nil), ("/a/..;x/b", nil), ("/.;/a", nil), ("/a/;/../b", nil), ("/a;/..", nil),
        ("/a;/./b", nil), ("/a/../;b", nil), ("/./;b", nil), ("/a/;..", nil), ("/a;.", nil),
        ("/..%2fa", nil), ("/a%2f..%2fb", nil), ("/a%2F..", nil), ("/%2e%2e%2f", nil),
        ("/a%5c..%5Cb", nil), ("/..%5c", nil), ("/a%2Fb/../c", nil), ("/a%2Fb/c/../../d", nil),
        ("/a%2F/./b", nil), ("/a/../%2Fb", nil), ("/.%2Fa", nil),
    ]

    private func written(
        _ path: String,
        _ options: PathForm.Options = plain,
        roomBytes: Int = 64
    ) -> String? {
        let memory = Table<UInt8>(repeating: 0, count: roomBytes)
        var writer = memory.writer()
        return path.withBytes { PathForm.write($0, options, to: &writer) ? writer.bytes.text : nil }
    }

    @Test func `each path has its form or is refused`() {
        for (path, form) in Self.forms {
            #expect(written(path) == form, "\(path)")
        }
    }

    @Test func `a path is normal exactly when it is its own form`() {
        for (path, form) in Self.forms {
            let isNormal = path.withBytes { PathForm.isNormal($0, Self.plain) }
            #expect(isNormal == (form == path), "\(path)")
        }
    }

    @Test func `slashes are kept where a listener says so`() {
        let forms: [(String, String?)] = [
            ("//", "//"), ("//a//b//", "//a//b//"), ("//..", "/"), ("//../a", "/a"),
            ("/a//../b", "/a/b"), ("/a//../../b", "/b"), ("/a/.//b", "/a//b"), ("//../..", nil),
            ("/%61//", "/a//"),
        ]
        for (path, form) in forms { #expect(written(path, Self.keeping) == form, "\(path)") }
        #expect("/a//b".withBytes { PathForm.isNormal($0, Self.keeping) })
    }

    @Test func `escaped slashes are refused where a listener says so`() {
        for path in ["/a%2Fb", "/%2f", "/%5c", "/a%5C"] {
            #expect(written(path, Self.rejecting) == nil, "\(path)")
            #expect(!path.withBytes { PathForm.isNormal($0, Self.rejecting) })
        }
        #expect(written("/a%252F%20", Self.rejecting) == "/a%252F%20")
    }

    @Test func `a path behind other bytes keeps them`() {
        let memory = Table<UInt8>(repeating: 0, count: 64)
        var writer = memory.writer()
        writer.append("/x/")
        #expect("/a/../b".withBytes { PathForm.write($0, Self.plain, to: &writer) })
        #expect(writer.bytes.text == "/x//b")
        #expect(!"/..".withBytes { PathForm.write($0, Self.plain, to: &writer) })
    }

    @Test func `a path that does not fit is refused`() {
        #expect(written("/abc", roomBytes: 4) == "/abc")
        #expect(written("/abc", roomBytes: 3) == nil)
    }

    @Test func `any path has the form a plain reading gives it, once and for all`() {
        let pieces = [
            "/", "/", "/", "/", ".", "..", "%2e", "%2E", "a", "%2F", "%2f", "%5C", "%5c", "%00",
            "%", "%4", "...", "//", ";", "%61", "%3b", "%252e", "\\", "b.", ";x=1",
        ]
        for seed in 0..<40_000 {
            var choices = Seeded(seed: UInt64(seed))
            let count = choices.below(10)
            let path = "/" + (0..<count).map { _ in pieces[choices.below(pieces.count)] }.joined()
            let breach = path.withBytes(HTTPInvariants.path)
            #expect(breach == nil, "seed \(seed): \(path)")
        }
    }
}
