import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Where along a recording a mark belongs to the audio, from cells whose marks are of known strength.
@Suite struct IntegrityTrackTests {
    /// Where each third of the recording ends, frames.
    private static let ends = [0, KnownPlace.frames / 3, 2 * KnownPlace.frames / 3, KnownPlace.frames]

    /// What is shown of a recording whose middle third has this share of the mark of its first and last.
    private static func stretches(middle share: Double) -> [Detection.ContentStretch] {
        let level = 0.3
        let features = SyntheticFeatures().matrix(
            [level, share * level, level].enumerated().map { third, level in
                .init(
                    frames: ends[third + 1] - ends[third], start: KnownPlace.start + Double(ends[third]), clients: [1],
                    level: level)
            })
        let track = IntegrityTrack(
            CellPlan(pilotSeed: TestKeys.shared().pilot), KnownPlace.alignment(), features,
            signs: PeriodSigns(seed: TestKeys.identity(client: 1)))
        let heard = [0, 2].flatMap { KnownPlace.alignment(ends[$0]..<ends[$0 + 1]).placed }
        return track.content(heard: heard, evenness: nil).stretches
    }

    /// docs/statistics.md, "Content": as strong as elsewhere, two fifths of that, or nothing, whatever is nearest.
    ///
    /// The line between the last two is a fifth.
    @Test(arguments: [(1, true), (0.4, true), (0.3, true), (0.1, false), (0, false)] as [(Double, Bool)])
    func aMarkOfTwoFifthsIsThere(share: Double, isMarked: Bool) throws {
        let stretches = IntegrityTrackTests.stretches(middle: share)
        #expect(stretches.map(\.kind) == (isMarked ? [.whole] : [.whole, .unmarked, .whole]))
        guard !isMarked, stretches.count == 3 else { return }
        // To a step of a second on each side.
        let seconds = IntegrityTrackTests.ends.map { Double($0) / FeatureLayout.framesPerSecond }
        #expect(abs(stretches[1].recording.lowerBound - seconds[1]) < 2.1)
        #expect(abs(stretches[1].recording.upperBound - seconds[2]) < 2.1)
    }
}
