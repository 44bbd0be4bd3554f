import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Comparing a recording with meetings by their pilots alone.
@Suite struct PilotScreenTests {
    private static let length = 7_424
    /// Other meetings, which the recording does not show.
    private static let others: ClosedRange<UInt64> = 100...219

    private static func screen(_ features: FeatureMatrix) -> PilotScreen {
        let segments = 0..<features.frames / PilotCorrelator.segmentFrames
        let stretch = PilotScreen.stretch(of: features, segments: segments, transforms: FFTWProvider())
        return PilotScreen(stretches: [stretch], transforms: FFTWProvider())
    }

    /// Scores of meeting 1, and the best of the others.
    private static func scores(_ features: FeatureMatrix) -> (own: PilotScreen.Score, best: PilotScreen.Score) {
        var screen = screen(features)
        let own = screen.score(pilotSeed: TestKeys.shared().pilot)
        let best = others.reduce(PilotScreen.Score()) {
            $0.best(screen.score(pilotSeed: TestKeys.shared(meeting: $1).pilot))
        }
        return (own, best)
    }

    /// Some 6 standard deviations of pilot evidence in all: far below what `--meeting` needs to name somebody.
    @Test func aLineShowsTheMeetingOfAWeakRecording() {
        let features = SyntheticFeatures(seed: 91).matrix([
            .init(frames: PilotScreenTests.length, start: 4_321, slope: 120e-6, level: 0.03)
        ])
        let scores = PilotScreenTests.scores(features)
        #expect(scores.own.line > scores.best.line + 0.5)
        #expect(scores.best.line < 6, "chance brings 4 to 5")
    }

    @Test func aPathShowsTheMeetingOfACutRecording() {
        let stretches = (0..<7).map {
            SyntheticFeatures.Stretch(frames: 1_024, start: Double($0 * 5_000 + $0 * 137), level: 0.06)
        }
        let scores = PilotScreenTests.scores(SyntheticFeatures(seed: 92).matrix(stretches))
        #expect(scores.own.path > scores.best.path + 2)
        #expect(scores.own.path - scores.best.path > scores.own.line - scores.best.line)
    }

    @Test func noiseShowsNoMeeting() {
        let scores = PilotScreenTests.scores(SyntheticFeatures(seed: 93).noise(frames: PilotScreenTests.length))
        #expect(scores.own.line < 6 && scores.best.line < 6)
        #expect(scores.own.path < scores.best.path + 1, "meeting 1 is one of many")
    }

    /// What is left out of the spectra is next to nothing of the pilot, and some of the noise.
    @Test func losesNothingAgainstTheFullCorrelation() {
        let features = SyntheticFeatures(seed: 94).matrix([
            .init(frames: PilotScreenTests.length, start: 77, level: 0.1)
        ])
        var screen = PilotScreenTests.screen(features)
        var correlator = PilotCorrelator(
            plan: CellPlan(pilotSeed: TestKeys.shared().pilot), transforms: FFTWProvider())
        let full = LineSearch(correlations: correlator.correlate(features), firstSegment: 0).highest()
        let score = screen.score(pilotSeed: TestKeys.shared().pilot)
        #expect(score.line > full.score && full.score > 15)
    }

    @Test func theBestStretchCounts() {
        let quiet = SyntheticFeatures(seed: 95).noise(frames: 2_048)
        let marked = SyntheticFeatures(seed: 96).matrix([.init(frames: 2_048, start: 10, level: 0.1)])
        let transforms = FFTWProvider()
        let stretches = [quiet, marked].map { PilotScreen.stretch(of: $0, segments: 0..<8, transforms: transforms) }
        var alone = PilotScreen(stretches: [stretches[1]], transforms: transforms)
        var both = PilotScreen(stretches: stretches, transforms: transforms)
        let seed = TestKeys.shared().pilot
        #expect(both.score(pilotSeed: seed) == alone.score(pilotSeed: seed))
        var none = PilotScreen(stretches: [], transforms: transforms)
        #expect(none.score(pilotSeed: seed) == PilotScreen.Score())
    }
}
