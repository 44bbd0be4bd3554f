import EarmarkDetect
import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

/// Which period of the meeting a recording shows.
@Suite struct TimelineSearchTests {
    private static let periods: Range<Int64> = -40..<160
    private static let size = Double(FeatureLayout.framesPerPeriod)

    /// From the very beginning of the searched range to its very end, starting anywhere within a period.
    @Test(arguments: [-40.0, -39.7, -1.2, 0, 0.5, 7.9, 77, 151.99, 152])
    func findsThePeriodAnywhereInTheRange(period: Double) throws {
        let start = (period * TimelineSearchTests.size).rounded()
        let features = SyntheticFeatures(seed: 11).matrix([.init(frames: 8_000, start: start)])
        let alignment = try #require(TimelineSearchTests.place(features))
        for frame in stride(from: 10, to: 8_000, by: 700) {
            let found = TimelineSearchTests.meetingFrame(alignment, frame)
            #expect(abs(found - start - Double(frame)) < 1, "frame \(frame)")
        }
        #expect(alignment.log10Presence < -9)
    }

    @Test(arguments: [500.0, -3_000, 60_000, -60_000])
    func followsJumpsEitherWay(jump: Double) throws {
        let first = SyntheticFeatures.Stretch(frames: 4_096, start: 70_000)
        let second = SyntheticFeatures.Stretch(frames: 4_096, start: 74_096 + jump)
        let features = SyntheticFeatures(seed: 12).matrix([first, second])
        let alignment = try #require(TimelineSearchTests.place(features))
        #expect(abs(TimelineSearchTests.meetingFrame(alignment, 2_000) - 72_000) < 1)
        #expect(abs(TimelineSearchTests.meetingFrame(alignment, 6_000) - 76_000 - jump) < 1)
        #expect(alignment.log10Presence < -9)
    }

    @Test func longRecordingsOfSeveralPiecesStayTogether() throws {
        let features = SyntheticFeatures(seed: 13).matrix([.init(frames: 30_000, start: 9_000, slope: 80e-6)])
        let alignment = try #require(TimelineSearchTests.place(features))
        #expect(alignment.placed.count > 1)
        for frame in stride(from: 100, to: 30_000, by: 1_000) {
            let truth = 9_000 + Double(frame) * (1 + 80e-6)
            #expect(abs(TimelineSearchTests.meetingFrame(alignment, frame) - truth) < 1)
        }
    }

    /// The pilot of this meeting, the timeline of another: what replaying the pilot alone would give.
    @Test func presenceNeedsTheTimeline() throws {
        let noise = try #require(TimelineSearchTests.place(SyntheticFeatures(seed: 14).noise(frames: 8_000)))
        #expect(noise.log10Presence > -3)
        let features = SyntheticFeatures(seed: 14).matrix([.init(frames: 8_000, start: 500)])
        let wrong = try #require(TimelineSearchTests.place(features, timeline: TestKeys.seed(987)))
        #expect(wrong.pilotScore > 12)
        #expect(wrong.log10Presence > -3)
    }

    @Test func silenceHasNoPlace() {
        #expect(TimelineSearchTests.place(SyntheticFeatures(deviation: 0).noise(frames: 3_000)) == nil)
    }

    @Test func dipolesThatCarryNothingLoseTheirWeight() throws {
        let dead = Set(16..<28)
        let features = SyntheticFeatures(seed: 15, deadDipoles: dead).matrix([.init(frames: 16_000, start: 500)])
        let weights = try #require(TimelineSearchTests.place(features)).dipoleWeights
        #expect(weights.count == MarkLayout.dipoleCount)
        let mean = { (dipoles: [Int]) in dipoles.reduce(0) { $0 + weights[$1] } / Float(dipoles.count) }
        #expect(mean(Array(dead)) < 0.4 * mean(Array(0..<16)))
        #expect(weights.allSatisfy { $0 > 0 && $0.isFinite })
    }

    static func place(_ features: FeatureMatrix, timeline: Seed = TestKeys.shared().timeline) -> Alignment? {
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        var correlator = PilotCorrelator(plan: plan, transforms: FFTWProvider())
        var finder = TrackFinder(correlations: correlator.correlate(features), frames: features.frames)
        guard let found = finder.tracks(limit: 1).first else { return nil }
        let track = TrackRefiner(plan: plan).refine(found, features: features)
        let learnt = DipoleWeights.learn(track, features: features, signs: SharedSigns(pilotOf: plan))
        return TimelineSearch(plan: plan, seed: timeline, periods: periods)
            .places(track, weights: learnt.weights, features: features, limit: 1).first
    }

    /// Meeting frame from the meeting's origin.
    private static func meetingFrame(_ alignment: Alignment, _ frame: Int) -> Double {
        guard let placed = alignment.placed.first(where: { $0.piece.frames.contains(frame) }) else { return .infinity }
        return placed.piece.meetingFrame(Double(frame)) + Double(placed.basePeriod) * size
    }
}
