import SluiceBase
import Testing

struct SlotsTests {
    @Test func `each slot is taken once, and a full table gives none`() {
        var slots = Slots(capacity: 3, empty: 0)
        #expect((0..<4).map { slots.take($0 * 10) } == [0, 1, 2, -1])
        #expect(slots.isFull && slots.used == 3)
        #expect((0..<3).map { slots[$0] } == [0, 10, 20])
        slots.free(1)
        #expect(!slots.isFull && slots.used == 2 && !slots.isTaken(1) && slots.isTaken(0))
        #expect(slots.take(11) == 1 && slots.take(12) == -1 && slots[1] == 11)
    }

    @Test func `the slot freed last is taken first`() {
        var slots = Slots(capacity: 4, empty: 0)
        for number in 0..<4 { _ = slots.take(number) }
        for index in [2, 0, 3] { slots.free(index) }
        #expect([slots.take(0), slots.take(0), slots.take(0)] == [3, 0, 2])
    }

    @Test func `the name of an earlier use finds nothing`() {
        var slots = Slots(capacity: 2, empty: 0)
        let index = slots.take(1)
        let id = slots.id(index)
        #expect(slots.holds(id) == true)
        slots.free(index)
        #expect(slots.holds(id) == false, "the slot is free")
        #expect(slots.take(2) == index)
        #expect(
            slots.holds(id) == false && slots.holds(slots.id(index)),
            "the slot has another use"
        )
        #expect(slots.holds(SlotID(index: 2, generation: 1)) == false, "there is no such slot")
        #expect(slots.holds(SlotID(index: .max, generation: 1)) == false)
        #expect(slots.holds(SlotID(index: 1, generation: 1)) == false, "the slot was never taken")
    }

    @Test func `generations fit their bits and come round`() {
        var slots = Slots(capacity: 1, empty: 0)
        let rounds = 1 << Slots<Int>.generationBits
        let first = slots.id(slots.take(0))
        for _ in 0..<rounds - 1 {
            slots.free(0)
            _ = slots.take(0)
            guard slots.generation(0) < rounds, !slots.holds(first) else {
                Issue.record("generation \(slots.generation(0))")
                return
            }
        }
        slots.free(0)
        #expect(slots.id(slots.take(0)) == first)
    }

    @Test func `a slot that is free is not freed`() async {
        await #expect(processExitsWith: .failure) {
            var slots = Slots(capacity: 1, empty: 0)
            slots.free(0)
        }
        await #expect(processExitsWith: .failure) {
            let slots = Slots(capacity: 1, empty: 0)
            _ = slots[1]
        }
    }
}
