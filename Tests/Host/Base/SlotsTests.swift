import SluiceBase
import Testing

/// The number of a slot in the tables of these tests.
private struct Place: SlotNumber, ExpressibleByIntegerLiteral {
    let number: Int32

    init(number: Int32) { self.number = number }
    init(integerLiteral number: Int32) { self.number = number }
}

struct SlotsTests {
    @Test func `each slot is taken once, and a full table gives none`() {
        let slots = Slots<Place, Int>(capacity: 3)
        let taken = (0..<4).map { slots.take($0 * 10) }
        #expect(taken == [0, 1, 2, .none])
        #expect(slots.isFull && slots.used == 3)
        #expect(([0, 1, 2] as [Place]).map { slots[$0] } == [0, 10, 20])
        slots.free(1)
        #expect(!slots.isFull && slots.used == 2 && !slots.isTaken(1) && slots.isTaken(0))
        #expect(slots.take(11) == 1 && slots.take(12) == .none && slots[1] == 11)
    }

    @Test func `the slot freed last is taken first`() {
        let slots = Slots<Place, Int>(capacity: 4)
        for number in 0..<4 { _ = slots.take(number) }
        for place in [2, 0, 3] as [Place] { slots.free(place) }
        #expect((0..<3).map { slots.take($0) } == [3, 0, 2])
    }

    @Test func `an element is changed in place`() {
        let slots = Slots<Place, Int>(capacity: 1)
        let place = slots.take(1)
        slots[place] += 1
        #expect(slots[place] == 2)
    }

    @Test func `the generation of an earlier use finds nothing`() {
        let slots = Slots<Place, Int>(capacity: 2)
        let place = slots.take(1)
        let generation = slots.generation(place)
        #expect(slots.holds(place, generation) == true)
        slots.free(place)
        #expect(slots.holds(place, generation) == false, "the slot is free")
        #expect(slots.holds(place, slots.generation(place)) == false, "the slot is free")
        #expect(slots.take(2) == place)
        #expect(slots.holds(place, generation) == false, "the slot has another use")
        #expect(slots.holds(place, slots.generation(place)) == true)
        #expect(slots.holds(1, 0) == false, "the slot was never taken")
    }

    @Test func `generations have 24 bits and come round`() {
        let slots = Slots<Place, Int>(capacity: 1)
        let rounds = 1 << 24
        let first = slots.generation(slots.take(0))
        for _ in 0..<rounds - 1 {
            slots.free(0)
            _ = slots.take(0)
            guard slots.generation(0) < rounds, !slots.holds(0, first) else {
                Issue.record("generation \(slots.generation(0))")
                return
            }
        }
        slots.free(0)
        _ = slots.take(0)
        #expect(slots.generation(0) == first)
    }

    @Test func `a slot that is free is not freed, and one beyond the table is not read`() async {
        await #expect(processExitsWith: .failure) {
            let slots = Slots<Place, Int>(capacity: 1)
            slots.free(0)
        }
        await #expect(processExitsWith: .failure) {
            let slots = Slots<Place, Int>(capacity: 1)
            _ = slots[1]
        }
        await #expect(processExitsWith: .failure) {
            let slots = Slots<Place, Int>(capacity: 1)
            _ = slots[.none]
        }
    }
}
