import EarmarkDSP
import EarmarkTestSupport
import Testing

@Suite struct SelectionTests {
    @Test(arguments: [1, 2, 3, 10, 257])
    func everyRankIsThatOfTheSortedArray(count: Int) {
        var noise = NoiseSource(seed: UInt64(count))
        let values = noise.white(count, deviation: 1)
        let sorted = values.sorted()
        for rank in 0..<count {
            var array = values
            #expect(array.select(rank) == sorted[rank])
            #expect(array.sorted() == sorted)
        }
    }

    @Test func equalElementsAndOrderedArraysAreSelectedFrom() {
        for values in [
            [Int](repeating: 7, count: 40), Array(0..<40), Array((0..<40).reversed()), (0..<40).map { $0 % 3 },
        ] {
            for rank in values.indices {
                var array = values
                #expect(array.select(rank) == values.sorted()[rank])
            }
        }
    }

    /// Powers may be anything that a decoder makes of a hostile file; no comparison holds for these.
    @Test func numbersThatAreNoneEndTheSearchNevertheless() {
        var array: [Float] = (0..<50).map { $0 % 4 == 0 ? .nan : Float($0 % 9) }
        #expect(array.count == 50)
        _ = array.select(25)
        array = .init(repeating: .nan, count: 9)
        #expect(array.select(4).isNaN)
    }
}
