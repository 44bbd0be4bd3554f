import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// The pilot repeats itself every 16.384 s of the meeting, 1,024 frames.
@Suite struct PeriodSearchTests {
    @Test(arguments: [0.81, 0.95, 1.0, 1.13, 1.24])
    func theRateIsThatOfThePilot(rate: Double) throws {
        // What the recording shows at frame f is meeting frame f x rate.
        let features = SyntheticFeatures(deviation: 0.5).matrix([
            .init(frames: 8_000, start: 300, slope: rate - 1, clients: [1], level: 0.4)
        ])
        var search = PeriodSearch(frames: 8_192, transforms: FFTWProvider())
        let found = search.rates(of: features, limit: 2)
        let best = try #require(found.first)
        #expect(abs(best.rate / rate - 1) < 5e-4, "\(best.rate)")
    }

    @Test func noiseHasNoRate() {
        for seed: UInt64 in 1...5 {
            let features = SyntheticFeatures(deviation: 0.5, seed: seed).noise(frames: 8_000)
            var search = PeriodSearch(frames: 8_192, transforms: FFTWProvider())
            #expect(search.rates(of: features, limit: 2).isEmpty)
        }
    }

    @Test func lessThanAPeriodHasNoRate() {
        for frames in [0, 100, 1_300] {
            let features = SyntheticFeatures(deviation: 0.5).noise(frames: frames)
            var search = PeriodSearch(frames: 8_192, transforms: FFTWProvider())
            #expect(search.rates(of: features, limit: 2).isEmpty)
        }
    }

    @Test func neighboursAreOne() {
        let found = [(1.0, 9.0), (1.005, 12), (1.02, 8), (0.9, 10)].map {
            PeriodSearch.Found(rate: $0.0, prominence: $0.1)
        }
        #expect(PeriodSearch.distinct(found, 3).map(\.rate) == [1.005, 0.9, 1.02])
        #expect(PeriodSearch.distinct(found, 1).map(\.rate) == [1.005])
    }
}
