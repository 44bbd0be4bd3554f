import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport

@testable import EarmarkDetect

/// Alignments whose place is given, so that a test decides what is tried, and in which order.
enum KnownPlace {
    /// Frames of a recording of 144 s.
    static let frames = 9_000
    /// Meeting frame that the first of them shows.
    static let start = 512.0

    /// A recording from `start` on; with these levels z lies between 8 and 18, where no bound is cut off.
    static func features(
        _ clients: [Int] = [1], level: Double = 0.035, deviation: Double = 0.5, seed: UInt64 = 181
    ) -> FeatureMatrix {
        SyntheticFeatures(deviation: deviation, seed: seed).matrix([
            .init(frames: frames, start: start, clients: clients, level: level)
        ])
    }

    /// The truth about `range` of `features()`.
    static func alignment(
        _ range: Range<Int> = 0..<frames, pilotScore: Double = 20, log10Presence: Double = 0
    ) -> Alignment {
        Alignment(
            placed: [.init(piece: .init(frames: range, offset: start, slope: 0), basePeriod: 0)],
            dipoleWeights: .init(repeating: 1, count: MarkLayout.dipoleCount), pilotScore: pilotScore, pilotMean: 0,
            timelineZ: 0, log10Presence: log10Presence)
    }

    /// An alignment that shows no cell.
    static let nowhere = Alignment(
        placed: [], dipoleWeights: .init(repeating: 1, count: MarkLayout.dipoleCount), pilotScore: 0, pilotMean: 0,
        timelineZ: 0, log10Presence: 0)

    /// A detector of meeting 1.
    static func detector(
        _ candidates: Int = 4, log10Threshold: Double = -9, expectedSeconds: Double? = 300
    ) -> Detector {
        Detector(
            shared: TestKeys.shared(), candidates: TestKeys.identities(candidates), log10Threshold: log10Threshold,
            expectedSeconds: expectedSeconds, transforms: FFTWProvider())
    }

    /// A run of it, planned for 300 s.
    static func run(
        _ candidates: Int = 4, _ breadth: SearchBreadth = .init(tracks: 1), log10Threshold: Double = -9,
        expectedSeconds: Double? = 300, channels: Int = 1, warps: Int = 0, scope: SearchScope? = nil
    ) -> DetectionRun {
        detector(candidates, log10Threshold: log10Threshold, expectedSeconds: expectedSeconds).begin(
            SearchBudget(
                channels: channels, warps: warps, breadth: breadth, expectedSeconds: expectedSeconds, scope: scope))
    }
}
