import SluiceConfig
import SluiceExtensions
import SluiceRouting
import Testing

/// Random transactions against the rules written down naively.
@Suite struct PublicationModelTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `any sequence of transactions makes the world of the model`(seed: UInt64) throws {
        let source = try Source { $0.limits.commitsWaitingMax = 3 }
        var random = Seeded(state: seed &* 0x9e37_79b9_7f4a_7c15 &+ 1)
        var model = PublicationModel()
        var publications = Publications(World())
        /// Committed and not answered, the oldest first.
        var waiting: [Transaction] = []
        for round in 0..<120 {
            let script = model.script(round, &random)
            #expect(source.run(script.calls) == script.expected, "seed \(seed), round \(round)")
            if script.isCommitted { waiting.append(try source.newest()) }
            while !waiting.isEmpty, model.isFull || Int.random(in: 0..<2, using: &random) == 0 {
                let transaction = waiting.removeFirst()
                let isTaken = Int.random(in: 0..<6, using: &random) > 0
                if isTaken { publications.apply(transaction) }
                let told = source.answer(
                    transaction,
                    isTaken ? .installed : .failed,
                    isTaken ? publications.refusals : []
                )
                let expected = model.settle(isTaken: isTaken)
                #expect(told.dropLast().map(Self.word) == expected, "seed \(seed), round \(round)")
            }
            #expect(Self.world(publications) == model.settled.world, "seed \(seed), round \(round)")
        }
        source.house.end()
    }

    /// `issue 1 pool a ...` as `1 a`.
    private static func word(_ line: String) -> String {
        let words = line.split(separator: " ")
        return "\(words[1]) \(words[3])"
    }

    /// Documents, refused versions and notes, one line each.
    private static func world(_ publications: Publications) -> [String] {
        let documents = publications.world.documents.values.map {
            "document \($0.key.name) \($0.place)"
        }
        let refused = publications.refusals.map { "refused \($0.name) \($0.where)" }
        let notes = publications.notes.map { "note \($0.name) \($0.text)" }
        return (documents + refused + notes).sorted()
    }
}
