import SluiceRouting
import Testing

/// The ages that decide between equals.
struct AgeTests {
    @Test func `creation times compare as points in time`() throws {
        let times = [
            "2026-01-01T00:00:00+02:00", "2025-12-31T23:00:00Z", "2025-12-31T23:00:00.5Z",
            "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z",
            "2028-03-01T00:00:00+14:00",
        ]
        for (index, older) in times.enumerated() {
            for younger in times[(index + 1)...] {
                var test = TestWorld()
                try test.listener()
                for (name, created, status) in [("a", younger, 202), ("b", older, 201)] {
                    try test.put(
                        .route,
                        name,
                        """
                        {"listeners":["web"],"order":{"created":"\(created)"},
                         "rules":[{"backends":[{"status":\(status)}]}]}
                        """
                    )
                }
                #expect(test.compile().status("a.test", "/") == 201, "\(older) \(younger)")
            }
        }
    }
}
