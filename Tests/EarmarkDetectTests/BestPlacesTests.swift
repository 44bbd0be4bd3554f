import Testing

@testable import EarmarkDetect

/// docs/signal-design.md, `ShortSearch`: of each peak one place is tried, the best, in whatever order its frames
/// are met.
@Suite struct BestPlacesTests {
    private static func frames(_ sums: [(Int64, Float)], limit: Int = 4) -> [Int64] {
        var best = BestPlaces(limit: limit)
        for (frame, sum) in sums { best.look(frame, sum) }
        return best.places.map(\.frame)
    }

    /// Flanks are met before the peak, behind it, or both: none of them stands for it, or beside it.
    @Test func aPeakIsWhereItIsHighest() {
        let rising: [(Int64, Float)] = [(100, 1), (101, 3), (102, 9)]
        let falling: [(Int64, Float)] = [(102, 9), (103, 3), (104, 1)]
        #expect(BestPlacesTests.frames(rising) == [102])
        #expect(BestPlacesTests.frames(falling) == [102])
        #expect(BestPlacesTests.frames(rising + falling.dropFirst()) == [102])
        #expect(BestPlacesTests.frames(falling.reversed() + rising.dropLast()) == [102])
    }

    /// Six frames to either side belong to a peak, the seventh does not.
    @Test(arguments: [(6, 1), (7, 2), (-6, 1), (-7, 2)]) func peaksThatAreApartAreTwo(away: Int64, count: Int) {
        for (first, second) in [(Float(5), Float(9)), (9, 5)] {
            let frames = BestPlacesTests.frames([(100, first), (100 + away, second)])
            #expect(frames.count == count)
            #expect(frames.first == (first > second ? 100 : 100 + away), "the best first")
        }
    }

    /// A peak between two lower places takes both away; the best stay, in their order, and no more than are wanted.
    @Test func theBestStayInTheirOrder() {
        #expect(BestPlacesTests.frames([(100, 2), (107, 3), (104, 9)]) == [104])
        let far: [(Int64, Float)] = [(0, 4), (20, 7), (40, 5), (60, 6), (80, 3), (100, 8)]
        #expect(BestPlacesTests.frames(far) == [100, 20, 60, 40])
        #expect(BestPlacesTests.frames(far.reversed()) == [100, 20, 60, 40])
        #expect(BestPlacesTests.frames(far, limit: 1) == [100])
        #expect(BestPlacesTests.frames(far, limit: 0).isEmpty)
    }

    /// The deviation is that of all that was looked at, kept or not.
    @Test func theDeviationIsOfAll() {
        var best = BestPlaces(limit: 1)
        for (frame, sum) in [(Int64(0), Float(3)), (1, -4), (2, 0), (30, 5)] { best.look(frame, sum) }
        #expect(abs(best.deviation - (50.0 / 4).squareRoot()) < 1e-9)
    }
}
