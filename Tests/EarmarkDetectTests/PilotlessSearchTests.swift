import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Recordings from which somebody took the pilot.
@Suite struct PilotlessSearchTests {
    private static let size = Double(FeatureLayout.framesPerPeriod)

    /// At the beginning of the schedule, in the middle of it and near its end, with a clock that drifts over four
    /// pieces.
    @Test(arguments: [(0.3, 0.0), (77.77, 90e-6), (150.5, -90e-6)])
    func followsTheTimelineThroughTheWholeRecording(period: Double, slope: Double) throws {
        let start = (period * PilotlessSearchTests.size).rounded()
        let features = SyntheticFeatures(seed: 61, hasPilot: false).matrix([
            .init(frames: 33_000, start: start, slope: slope)
        ])
        let alignment = try #require(PilotlessSearchTests.search(features, limit: 2).first)
        #expect(alignment.placed.count == 4)
        for placed in alignment.placed {
            for frame in [placed.piece.frames.lowerBound, placed.piece.frames.upperBound - 1] {
                let truth = start + Double(frame) * (1 + slope)
                let found =
                    placed.piece.meetingFrame(Double(frame)) + Double(placed.basePeriod) * PilotlessSearchTests.size
                #expect(abs(found - truth) < 1.5, "frame \(frame)")
            }
        }
        #expect(alignment.log10Presence == 0, "the timeline chose the place and cannot prove it")
    }

    @Test func namesTheClientOnlyIfItIsPaidFor() {
        let features = SyntheticFeatures(seed: 62, hasPilot: false).matrix([
            .init(frames: 9_000, start: 40_000, clients: [3])
        ])
        func detect(_ breadth: SearchBreadth) -> Detection {
            let detector = Detector(
                shared: TestKeys.shared(), candidates: TestKeys.identities(8), log10Threshold: -9, breadth: breadth,
                expectedSeconds: 1_200, transforms: FFTWProvider())
            var run = detector.begin(channelCount: 1)
            run.add(features)
            run.addWithoutPilot(features)
            return run.finish()
        }
        let without = detect(SearchBreadth(tracks: 2))
        let with = detect(SearchBreadth(tracks: 2, pilotless: 3))
        #expect(without.sources.isEmpty && without.hypotheses == 2)
        #expect(with.sources.map(\.candidate) == [3] && with.hypotheses == 5)
        #expect(with.sources.allSatisfy { $0.strength == nil }, "there is no pilot to compare with")
        #expect(with.sources.allSatisfy { abs(($0.spans.first?.meetingStart ?? 0) - 640) < 0.1 })
        #expect(with.log10Presence > -3)
    }

    @Test func placesLieApartAndAreNoMoreThanAllowed() {
        let noise = SyntheticFeatures(seed: 63).noise(frames: 8_200)
        let alignments = PilotlessSearchTests.search(noise, limit: 3)
        #expect(alignments.count == 3)
        let offsets = alignments.compactMap { $0.placed.first?.piece.offset }
        for (index, offset) in offsets.enumerated() {
            for other in offsets[..<index] { #expect(abs(offset - other) > 2) }
        }
    }

    @Test(arguments: [0, 1, 4_096]) func needsMoreThanItsWindow(frames: Int) {
        #expect(PilotlessSearchTests.search(SyntheticFeatures(seed: 64).noise(frames: frames), limit: 3).isEmpty)
    }

    private static func search(_ features: FeatureMatrix, limit: Int) -> [Alignment] {
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        let timeline = TimelineSearch(
            plan: plan, seed: TestKeys.shared().timeline, periods: -10..<200, expected: -1..<160)
        return PilotlessSearch(plan: plan, timeline: timeline, transforms: FFTWProvider())
            .alignments(features, limit: limit)
    }
}
