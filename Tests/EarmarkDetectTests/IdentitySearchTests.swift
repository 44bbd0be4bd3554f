import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// Recordings from which somebody took all that tickets share: pilot and timeline.
@Suite struct IdentitySearchTests {
    private static let period = FeatureLayout.framesPerPeriod

    private static func features(seed: UInt64, start: Double, clients: [Int], frames: Int = 9_000) -> FeatureMatrix {
        SyntheticFeatures(seed: seed, hasPilot: false, hasTimeline: false).matrix([
            .init(frames: frames, start: start, clients: clients, level: 0.2)
        ])
    }

    private static func detect(
        _ features: FeatureMatrix, _ breadth: SearchBreadth, candidates: [Seed] = TestKeys.identities(4)
    ) throws -> Detection { try search(features, breadth, candidates).found }

    /// What was found, and the scores that no answer tells.
    private static func search(
        _ features: FeatureMatrix, _ breadth: SearchBreadth, _ candidates: [Seed] = TestKeys.identities(4)
    ) throws -> (found: Detection, scores: [Double]) {
        let detector = Detector(
            shared: TestKeys.shared(), candidates: candidates, log10Threshold: -9, expectedSeconds: 300,
            transforms: FFTWProvider())
        var run = detector.begin(SearchBudget(channels: 1, breadth: breadth, expectedSeconds: 300))
        try run.add(features)
        try run.addWithoutPilot(features)
        return (run.finish(), run.scores)
    }

    /// Before the meeting's start, off the chips' grid, and near the end of the schedule.
    @Test(arguments: [-40_000.0, 10_001, 100_003])
    func namesTheClientWhereEveryFrameIsTried(start: Double) throws {
        let features = IdentitySearchTests.features(seed: 71, start: start, clients: [2])
        let without = try IdentitySearchTests.detect(features, SearchBreadth(tracks: 2, pilotless: 3))
        #expect(without.sources.isEmpty && without.placements == 0)

        let with = try IdentitySearchTests.detect(
            features, SearchBreadth(tracks: 2, pilotless: 3, triesEveryFrame: true))
        let source = try #require(with.sources.first)
        #expect(with.sources.map(\.candidate) == [2])
        let found = try #require(source.spans.first)
        let truth = start / FeatureLayout.framesPerSecond + found.recording.lowerBound
        #expect(abs(found.meetingStart - truth) < 0.1)
        #expect(with.log10Presence > -3, "nothing proves the meeting but the client")
    }

    @Test func paysForEveryFrameOfTheSchedule() throws {
        let features = IdentitySearchTests.features(seed: 72, start: 5_000, clients: [1])
        let found = try IdentitySearchTests.detect(features, SearchBreadth(tracks: 2, triesEveryFrame: true))
        // 900 s before a meeting of 300 s to 1,800 s after it, in whole periods, at 62.5 frames a second.
        #expect(found.placements == 184 * IdentitySearchTests.period)
        let source = try #require(found.sources.first)
        let paid = log10(2 * 4 * Double(found.placements)) + log10(2)
        let expected = RademacherBound.log10Tail(source.z) + paid
        #expect(abs(source.log10FalseAccusation - max(-77, expected)) < 1e-9)
        // Two alignments: the first has two thirds of their half of the threshold, the second a third.
        #expect(abs(found.log10Tests - log10(4.0 * 2 * 1.5)) < 1e-12)
        #expect(abs(found.log10MostTests - log10(4.0 * 2 * 3)) < 1e-12)
    }

    /// The pilot without its timeline: the line is there, the time is not, and one of the further times names the
    /// client at their price.
    @Test func furtherTimesPayTheirOwnPrice() throws {
        let features = SyntheticFeatures(seed: 76, hasTimeline: false).matrix([
            .init(frames: 9_000, start: 30_500, clients: [1], level: 0.04)
        ])
        let without = try IdentitySearchTests.detect(features, SearchBreadth(tracks: 2, lines: 2))
        let with = try IdentitySearchTests.detect(features, SearchBreadth(tracks: 2, lines: 2, times: 400))
        #expect(without.sources.isEmpty && without.times == 0)
        #expect(with.sources.map(\.candidate) == [1] && with.times == 400)
        let source = try #require(with.sources.first)
        // One of 400 places in the order of times: the price of the k-th is k (1 + 1/2 + ... + 1/400).
        let paid = source.log10FalseAccusation - RademacherBound.log10Tail(source.z) - log10(2.0 * 4) - log10(2.0)
        let place = pow(10, paid) / (1...400).reduce(0) { $0 + 1 / Double($1) }
        #expect(abs(place - place.rounded()) < 1e-6 && (1...400).contains(Int(place.rounded())), "\(place)")
        #expect(abs(with.log10Tests - log10(2.0 * 4 * (1 + 1 / 2.0 + 1 / 3.0 + 1 / 4.0))) < 1e-12)
    }

    @Test func namesBothOfTwoWhoJoinedTheirCopies() throws {
        let features = IdentitySearchTests.features(seed: 73, start: 20_000, clients: [0, 3])
        let found = try IdentitySearchTests.detect(features, SearchBreadth(tracks: 2, triesEveryFrame: true))
        #expect(Set(found.sources.map(\.candidate)) == [0, 3])
    }

    @Test(arguments: [0, 1, 4_095, 4_096, 9_000]) func namesNobodyInNoise(frames: Int) throws {
        let noise = SyntheticFeatures(seed: 74).noise(frames: frames)
        let found = try IdentitySearchTests.detect(noise, SearchBreadth(tracks: 2, triesEveryFrame: true))
        #expect(found.sources.isEmpty)
    }

    /// A place among hundreds of thousands that comes near what it takes: nobody is named, and it is nobody's score.
    @Test func aPlaceThatComesNearNamesNobody() throws {
        let features = SyntheticFeatures(seed: 77, hasPilot: false, hasTimeline: false).matrix([
            .init(frames: 4_200, start: 20_000, clients: [2], level: 0.028)
        ])
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        let scorer = IdentityScorer(plan: plan, seeds: TestKeys.identities(4))
        let tried = IdentitySearch(
            plan: plan, seeds: TestKeys.identities(4), frames: SearchedFrames(expected: -55..<129, stated: nil),
            transforms: FFTWProvider()
        ).alignments(features)
        let nearest = tried.map { scorer.score($0.alignment, features).z(2) }.max() ?? 0
        #expect((5.5...7.8).contains(nearest), "the test would notice nothing")
        let (found, scores) = try IdentitySearchTests.search(
            features, SearchBreadth(tracks: 2, triesEveryFrame: true))
        #expect(found.sources.isEmpty)
        #expect(scores.allSatisfy { $0 < 5 }, "the best of all frames is nobody's score")
    }

    /// Section 11: where a client's own signs choose the place, nobody else is tried, and what is found out about one
    /// does not depend on the signs of another.
    @Test func whatIsFoundOfOneDoesNotDependOnAnother() throws {
        let features = IdentitySearchTests.features(seed: 73, start: 20_000, clients: [0, 3])
        let breadth = SearchBreadth(tracks: 2, triesEveryFrame: true)
        let together = try IdentitySearchTests.detect(features, breadth)
        let others = [TestKeys.identity(client: 0)] + (101..<104).map { TestKeys.identity(client: $0) }
        let alone = try IdentitySearchTests.detect(features, breadth, candidates: others)
        #expect(alone.sources.map(\.candidate) == [0] && together.sources.count == 2)
        #expect(together.sources.first { $0.candidate == 0 } == alone.sources.first)
    }

    /// Sums at places on and off the chips' grid, in both halves of a block, against the definition.
    @Test(arguments: [(0, 0), (1, 3), (700, 1), (3_071, 2)])
    func correlatesAsDefined(chip: Int, phase: Int) {
        let noise = SyntheticFeatures(seed: 75).noise(frames: 4_200)
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        let signs = PeriodSigns(seed: TestKeys.identities(1)[0])
        var correlator = ChipCorrelator(noise, from: 50, transforms: FFTWProvider())
        var plane = ChipCorrelator.Plane(cells: plan.identityCells)
        plane.fill(signs, from: -3)
        correlator.correlate(plane)
        let first = ChipCorrelator.frame(ofChip: chip, phase: phase, from: -3)
        var expected = 0.0
        for period in Int64(-3)..<13 {
            var bits = [UInt8](repeating: 0, count: plan.identityCells.count / 8)
            signs.fill(&bits, period: period)
            for (index, cell) in plan.identityCells.enumerated() {
                let chips = Int(period) * MarkLayout.chipsPerPeriod + Int(cell) / MarkLayout.dipoleCount
                let frame = chips * FeatureLayout.framesPerChip + FeatureLayout.chipCentre - Int(first)
                guard (0..<ChipCorrelator.windowFrames).contains(frame) else { continue }
                let value = noise.values[(50 + frame) * FeatureMatrix.columns + Int(cell) % MarkLayout.dipoleCount]
                expected += bits[index / 8] >> UInt8(index % 8) & 1 == 1 ? -Double(value) : Double(value)
            }
        }
        #expect(abs(Double(correlator.correlations[phase][chip]) - expected) < 0.5)
    }
}
