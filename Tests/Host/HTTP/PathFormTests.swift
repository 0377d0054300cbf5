import HTTPInvariants
import SluiceBase
import SluiceHTTP
import Testing

struct PathFormTests {
    private static let forms: [(String, String?)] = [
        ("/", "/"), ("/a", "/a"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("//", "//"),
        ("//a//b//", "//a//b//"), ("/a.b", "/a.b"), ("/.a", "/.a"), ("/..a", "/..a"),
        ("/a..", "/a.."), ("/...", "/..."), ("/a/..../b", "/a/..../b"),
        ("/.", "/"), ("/./", "/"), ("/a/.", "/a/"), ("/a/./b", "/a/b"), ("/a/././b/./", "/a/b/"),
        ("/a/..", "/"), ("/a/../", "/"), ("/a/../b", "/b"), ("/a/b/..", "/a/"),
        ("/a/b/../..", "/"), ("/a/b/../../c", "/c"), ("/a/./../b", "/b"), ("//..", "/"),
        ("//../a", "/a"), ("/a//../b", "/a/b"), ("/a//../../b", "/b"),
        ("/%2e", "/"), ("/%2E/a", "/a"), ("/a/%2e%2e/b", "/b"), ("/a/.%2E/b", "/b"),
        ("/a/%2e./b", "/b"), ("/%2e%2e%2e", "/%2e%2e%2e"), ("/%2ea", "/%2ea"),
        ("/a%2e%2e/b", "/a%2e%2e/b"),
        ("/a%2Fb", "/a%2Fb"), ("/a%2f..%2fb", "/a%2f..%2fb"), ("/a/..%2f", "/a/..%2f"),
        ("/%41%7e%20", "/%41%7e%20"), ("/%ff", "/%ff"), ("/%25%32%65", "/%25%32%65"),
        ("/a\\..\\b", "/a\\..\\b"), ("/a;b=c", "/a;b=c"),
        ("/..", nil), ("/../", nil), ("/../a", nil), ("/a/../..", nil), ("/a/../../b", nil),
        ("/./..", nil), ("/%2e%2E", nil), ("/.%2e/a", nil), ("//../..", nil),
        ("/%00", nil), ("/a%00b", nil), ("/a/%00/../b", nil),
        ("/%", nil), ("/%2", nil), ("/%zz", nil), ("/%2g", nil), ("/a%/b", nil), ("/a%2/b", nil),
        ("/%%41", nil), ("/%-1", nil),
    ]

    private func written(_ path: String, roomBytes: Int) -> String? {
        let memory = Table<UInt8>(repeating: 0, count: roomBytes)
        var writer = memory.writer()
        return path.withBytes { PathForm.write($0, to: &writer) ? writer.bytes.text : nil }
    }

    @Test func `each path has its form or is refused`() {
        for (path, form) in Self.forms {
            #expect(written(path, roomBytes: 64) == form, "\(path)")
        }
    }

    @Test func `what needs no writing is left alone and is its own form`() {
        var count = 0
        for (path, form) in Self.forms where path.withBytes(PathForm.isNormal) {
            count += 1
            #expect(form == path)
        }
        #expect(count == 10, "plain paths must not cost a copy")
        #expect("*".withBytes(PathForm.isNormal))
        #expect(!"".withBytes(PathForm.isNormal))
        #expect(!"a".withBytes(PathForm.isNormal))
    }

    @Test func `the empty path of an absolute target is the root`() {
        #expect(written("", roomBytes: 64) == "/")
    }

    @Test func `a path behind other bytes keeps them`() {
        let memory = Table<UInt8>(repeating: 0, count: 64)
        var writer = memory.writer()
        writer.append("/x/")
        #expect("/a/../b".withBytes { PathForm.write($0, to: &writer) })
        #expect(writer.bytes.text == "/x//b")
        #expect(!"/..".withBytes { PathForm.write($0, to: &writer) })
    }

    @Test func `a path that does not fit is refused`() {
        #expect(written("/abc", roomBytes: 4) == "/abc")
        #expect(written("/abc", roomBytes: 3) == nil)
    }

    @Test func `any path has the form a plain reading gives it`() {
        let pieces = [
            "/", "/", "/", ".", "..", "%2e", "%2E", "a", "%2F", "%00", "%", "%4", "...", "//",
        ]
        for seed in 0..<20_000 {
            var choices = Seeded(seed: UInt64(seed))
            let path = "/" + (0..<choices.below(10)).map { _ in pieces[choices.below(14)] }.joined()
            let breach = path.withBytes(HTTPInvariants.path)
            #expect(breach == nil, "seed \(seed): \(path)")
        }
    }
}
