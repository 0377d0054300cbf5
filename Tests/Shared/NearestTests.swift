import SluiceShared
import Testing

struct NearestTests {
    @Test(arguments: [
        ("listenrs", "listeners"), ("lsiteners", "listeners"), ("Listeners", "listeners"),
        ("adress", "address"), ("prot", "port"), ("workrs", "workers"), ("statedir", "stateDir"),
        ("io", nil), ("xyz", nil), ("", nil), ("certificates", nil),
    ])
    func `the likely word is found`(word: String, meant: String?) {
        let words = ["listeners", "address", "port", "workers", "stateDir", "admin", "io"]
        #expect(nearest(word, among: words) == meant)
    }
}
