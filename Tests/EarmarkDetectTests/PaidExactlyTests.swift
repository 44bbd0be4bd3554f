import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// docs/statistics.md, section 4: everything tried is paid for, no more and no less.
@Suite struct PaidExactlyTests {
    /// One way of searching, and what the proof says that it costs.
    struct Way: CustomTestStringConvertible {
        var testDescription: String
        var channels = 1
        var warps = 0
        var breadth = SearchBreadth(tracks: 1)
        var scope: SearchScope?
        /// Place of the right alignment in the order, from 1.
        var place = 1
        var candidates = 4
        var shares = 1
    }

    private static let broad = SearchBreadth(tracks: 2, lines: 3, pilotless: 1)
    private static let timed = SearchBreadth(tracks: 2, lines: 3, pilotless: 1, times: 7)
    private static let all = SearchBreadth(tracks: 2, lines: 3, pilotless: 1, times: 7, triesEveryFrame: true)
    private static let ways = [
        Way(testDescription: "one alignment of one channel"),
        Way(testDescription: "channels", channels: 5),
        Way(testDescription: "the first of six alignments", breadth: broad),
        Way(testDescription: "the last of six alignments", channels: 3, breadth: .init(tracks: 2, lines: 4), place: 6),
        Way(testDescription: "warps", channels: 3, warps: 4, breadth: broad, place: 2),
        Way(testDescription: "further times", channels: 2, breadth: timed, shares: 2),
        Way(
            testDescription: "every frame", breadth: .init(tracks: 2, lines: 4, triesEveryFrame: true), place: 2,
            shares: 2),
        Way(testDescription: "times and frames", channels: 2, warps: 1, breadth: all, place: 3, shares: 3),
        Way(
            testDescription: "a search", channels: 2, breadth: all, scope: .init(meetings: 5, candidates: 900),
            candidates: 900),
        Way(
            testDescription: "a search in one meeting", breadth: all, scope: .init(meetings: 1, candidates: 50),
            candidates: 50, shares: 3),
        Way(testDescription: "a scope of fewer than are tried", scope: .init(meetings: 1, candidates: 2)),
    ]

    private static let features = KnownPlace.features()

    @Test(arguments: ways) func aSourcePaysForAllThatIsTried(way: Way) throws {
        var run = KnownPlace.run(
            4, way.breadth, channels: way.channels, warps: way.warps, scope: way.scope)
        let before = Array(repeating: KnownPlace.nowhere, count: way.place - 1)
        try run.add(PaidExactlyTests.features, located: Located(alignments: before + [KnownPlace.alignment()]))
        let detection = run.finish()
        let source = try #require(detection.sources.first)
        #expect(detection.sources.map(\.candidate) == [1])
        let alignments = way.breadth.alignments
        let price = ProvenPrice(
            candidates: way.candidates, channels: way.channels + way.warps, alignments: alignments, shares: way.shares)
        let expected = ProvenPrice.log10Bound(source.z, tests: price.tests(place: way.place))
        #expect(expected > -77 && expected < -9, "neither cut off nor empty")
        #expect(abs(source.log10FalseAccusation - expected) < 1e-8)
        // What the answer tells of it.
        #expect(detection.hypotheses == (way.channels + way.warps) * alignments)
        #expect(detection.hypothesesPerChannel == alignments)
        #expect(detection.candidates == way.candidates)
        #expect(detection.meetings == way.scope?.meetings ?? 1)
        #expect(abs(detection.log10Tests - log10(price.tests())) < 1e-10)
        #expect(abs(detection.log10MostTests - log10(price.tests(place: alignments))) < 1e-10)
        let isSearch = detection.meetings > 1
        #expect(detection.times == (isSearch ? 0 : (way.channels + way.warps) * way.breadth.times))
        // From a quarter of an hour before a meeting of 300 s to half an hour after it: 184 periods of 1,024 frames.
        let placements = way.breadth.triesEveryFrame && !isSearch ? way.channels * 184 * 1_024 : 0
        #expect(detection.placements == placements)
    }

    /// A meeting without a schedule may be anywhere within 5,875 periods.
    @Test func withoutAScheduleEveryPeriodCounts() {
        let run = KnownPlace.run(1, .init(tracks: 1, triesEveryFrame: true), expectedSeconds: nil, channels: 2)
        #expect(run.finish().placements == 2 * 5_875 * 1_024)
    }

    /// Section 4: the k-th of the further times, which share one part of α.
    @Test(arguments: [1, 3, 7]) func aFurtherTimePaysForItsPlace(place: Int) throws {
        var run = KnownPlace.run(4, PaidExactlyTests.timed, channels: 2, warps: 1)
        let before = Array(repeating: KnownPlace.nowhere, count: place - 1)
        try run.add(PaidExactlyTests.features, located: Located(furtherTimes: before + [KnownPlace.alignment()]))
        let source = try #require(run.finish().sources.first)
        let price = ProvenPrice(candidates: 4, channels: 3, alignments: 7, shares: 2)
        let expected = ProvenPrice.log10Bound(source.z, tests: price.tests(place: place))
        #expect(expected > -77 && abs(source.log10FalseAccusation - expected) < 1e-8)
    }

    /// The best of hundreds of times says nothing of a candidate who is not named there.
    @Test func aTimeThatComesNearIsNobodysScore() throws {
        var run = KnownPlace.run(4, PaidExactlyTests.timed, log10Threshold: -70)
        try run.add(PaidExactlyTests.features, located: Located(furtherTimes: [KnownPlace.alignment()]))
        let detection = run.finish()
        #expect(detection.sources.isEmpty)
        #expect(run.scores == Array(repeating: -.infinity, count: 4))
    }

    /// Section 4a: every frame of the schedule on every channel.
    @Test func aPlacementPaysForAllOfThem() throws {
        let features = SyntheticFeatures(seed: 182, hasPilot: false, hasTimeline: false).matrix([
            .init(frames: KnownPlace.frames, start: 20_000, clients: [2], level: 0.045)
        ])
        var run = KnownPlace.run(4, PaidExactlyTests.all, channels: 3, warps: 2)
        try run.addWithoutPilot(features)
        let detection = run.finish()
        let source = try #require(detection.sources.first)
        #expect(source.candidate == 2)
        let tests = 4.0 * 3 * (3 * 184 * 1_024)
        let expected = ProvenPrice.log10Bound(source.z, tests: tests)
        #expect(expected > -77 && abs(source.log10FalseAccusation - expected) < 1e-8)
    }

    /// Alignments without the pilot come after all others in their channel's order.
    @Test func aPilotlessAlignmentPaysForItsPlace() throws {
        // Two strangers share the identity cells: the timeline is clear, the client weak.
        let features = SyntheticFeatures(seed: 183, hasPilot: false).matrix([
            .init(frames: KnownPlace.frames, start: 20_000, clients: [2, 90, 91], level: 0.12)
        ])
        let breadth = SearchBreadth(tracks: 2, lines: 3, pilotless: 2)
        var run = KnownPlace.run(4, breadth, channels: 2, warps: 1)
        try run.addWithoutPilot(features)
        let source = try #require(run.finish().sources.first)
        #expect(source.candidate == 2)
        let price = ProvenPrice(candidates: 4, channels: 3, alignments: 7)
        // The first of them is the best, and the sixth of seven.
        let expected = ProvenPrice.log10Bound(source.z, tests: price.tests(place: 6))
        #expect(expected > -77 && abs(source.log10FalseAccusation - expected) < 1e-8)
    }

    /// The first source on an alignment is paid double, the second fourfold, the third eightfold.
    @Test func everyRoundOfNamingDoublesThePrice() throws {
        let levels = [(1, 0.042), (2, 0.034), (3, 0.028)]
        var mixed = KnownPlace.features([], level: 0, seed: 184)
        for (client, level) in levels {
            let alone = SyntheticFeatures(deviation: 0, seed: 1, hasPilot: false, hasTimeline: false).matrix([
                .init(frames: KnownPlace.frames, start: KnownPlace.start, clients: [client], level: level)
            ])
            mixed = LocatorTests.sum(mixed, alone)
        }
        var run = KnownPlace.run(6)
        try run.add(mixed, located: Located(alignments: [KnownPlace.alignment()]))
        let detection = run.finish()
        #expect(detection.sources.map(\.candidate) == [1, 2, 3], "the strongest first")
        for (index, source) in detection.sources.enumerated() {
            let expected = ProvenPrice.log10Bound(source.z, tests: 6, round: index + 1)
            #expect(expected > -77 && abs(source.log10FalseAccusation - expected) < 1e-8, "round \(index + 1)")
        }
    }

    /// Section 4: the chance of guessing a seed is 2^-256, and nothing smaller is reported.
    @Test func nothingBelowTheChanceOfGuessingASeed() throws {
        var run = KnownPlace.run()
        try run.add(
            KnownPlace.features(level: 0.2), located: Located(alignments: [KnownPlace.alignment(log10Presence: -200)]))
        let detection = run.finish()
        #expect(try #require(detection.sources.first).z > 40)
        #expect(try #require(detection.sources.first).log10FalseAccusation == -77)
        #expect(detection.log10Presence == -77)
    }

    /// The bound must be met: at the threshold a source is named, just above it nobody is.
    @Test func theThresholdDecides() throws {
        func named(_ threshold: Double) throws -> [Detection.Source] {
            var run = KnownPlace.run(log10Threshold: threshold)
            try run.add(PaidExactlyTests.features, located: Located(alignments: [KnownPlace.alignment()]))
            return run.finish().sources
        }
        let bound = try #require(try named(-9).first).log10FalseAccusation
        #expect(try named(bound).count == 1)
        #expect(try named(bound.nextDown).isEmpty)
    }

    /// Section 3: 2.45e-6 of the root of the number of cells is held against every z, for rounding.
    @Test func roundingIsHeldAgainstTheAccusation() {
        let alignment = KnownPlace.alignment()
        let scores = IdentityScorer(
            plan: CellPlan(pilotSeed: TestKeys.shared().pilot), seeds: TestKeys.identities(4)
        ).score(alignment, PaidExactlyTests.features)
        // 2,250 chips, of which the last may lack its second row; 28 dipoles, 4 of 8 for identities; some features are
        // 0.
        #expect((30_400...31_500).contains(scores.cells))
        for client in 0..<4 {
            let plain = scores.sums[client] / scores.energy.squareRoot()
            #expect(abs(plain - scores.z(client) - 2.45e-6 * Double(scores.cells).squareRoot()) < 1e-12)
        }
    }
}
