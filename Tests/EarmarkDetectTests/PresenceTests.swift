import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// docs/statistics.md, section 7: p <= c Q(z) P^(1 + j) C(n - 1, j) n H, times the meetings that were searched.
@Suite struct PresenceTests {
    private static let periods: Range<Int64> = -40..<160
    private static let pieceFrames = 2_048

    /// Pieces of 33 s each, and which of them begin with a jump of five minutes.
    @Test(arguments: [
        (pieces: 1, jumps: [Int](), ways: 1.0), (3, [], 1), (3, [1], 2), (5, [2, 3], 6), (4, [1, 2, 3], 1),
    ])
    func jumpsAndBordersArePaidFor(pieces: Int, jumps: [Int], ways: Double) throws {
        let size = PresenceTests.pieceFrames
        var stretches: [SyntheticFeatures.Stretch] = []
        var parts: [TrackPiece] = []
        var start = 512.0
        for index in 0..<pieces {
            if jumps.contains(index) { start += 20 * 1_024 }
            stretches.append(.init(frames: size, start: start, level: 0.06))
            parts.append(
                .init(frames: index * size..<(index + 1) * size, offset: start - Double(index * size), slope: 0))
            start += Double(size)
        }
        // The pilot tells offsets within a period only.
        for index in parts.indices { parts[index].offset = parts[index].offset.truncatingRemainder(dividingBy: 1_024) }
        let features = SyntheticFeatures(seed: 191).matrix(stretches)
        let search = TimelineSearch(
            plan: CellPlan(pilotSeed: TestKeys.shared().pilot), seed: TestKeys.shared().timeline,
            periods: PresenceTests.periods)
        let found = try #require(
            search.places(
                Track(pieces: parts, score: 0), weights: .init(repeating: 1, count: MarkLayout.dipoleCount),
                features: features, limit: 1
            ).first)
        for (placed, stretch) in zip(found.placed, stretches) {
            #expect(abs(placed.meetingFrame(Double(placed.piece.frames.lowerBound)) - stretch.start) < 1)
        }
        let choices =
            Double(1 + jumps.count) * log10(Double(PresenceTests.periods.count)) + log10(ways) + log10(Double(pieces))
        let expected = min(0, ProvenPrice.log10Tail(found.timelineZ) + choices)
        #expect(expected < -1, "the bound says something")
        #expect(abs(found.log10Presence - expected) < 1e-8)
        // One mark all along: z grows with the root of its length. A cell in eight is the timeline's.
        #expect(found.timelineZ > 5 * Double(pieces).squareRoot() * 0.5)
    }

    /// The best of a recording's alignments, times H, times the meetings.
    @Test(arguments: [(1, 0, 1), (3, 2, 1), (2, 1, 40)])
    func theBestAlignmentIsPaidForAsOneOfAll(channels: Int, warps: Int, meetings: Int) throws {
        let breadth = SearchBreadth(tracks: 3, lines: 4)
        var run = KnownPlace.run(
            2, breadth, channels: channels, warps: warps,
            scope: meetings > 1 ? .init(meetings: meetings, candidates: 80) : nil)
        let features = KnownPlace.features([], level: 0)
        let presences = [-8.0, -20, -12]
        try run.add(
            features, located: Located(alignments: presences.map { KnownPlace.alignment(log10Presence: $0) }))
        let expected = -20 + log10(Double((channels + warps) * 7)) + log10(Double(meetings))
        #expect(abs(run.finish().log10Presence - expected) < 1e-10)
    }

    /// Section 4b: where stretches were looked at first, presence and tags are looked for in both parts, however many
    /// shares the other one has.
    @Test(arguments: [(0, 1.0), (1, 2), (3, 2)]) func bothPartsOfAnAnalysisArePaidFor(shares: Int, parts: Double) throws
    {
        // Another client's identity stands in for what its microphone sends: both are signs in the same cells.
        let tags = [nil, MicrophoneTag(seed: TestKeys.identity(client: 2))]
        func detect(_ shares: Int) throws -> Detection {
            var run = KnownPlace.detector().with(candidates: TestKeys.identities(2).reversed(), tags: tags)
                .begin(SearchBudget(channels: 1, breadth: .init(tracks: 1), otherShares: shares))
            try run.add(
                KnownPlace.features([1, 2], level: 0.15),
                located: Located(alignments: [KnownPlace.alignment(log10Presence: -20)]))
            return run.finish()
        }
        let (alone, beside) = (try detect(0), try detect(shares))
        #expect(abs(alone.log10Presence + 20) < 1e-10)
        #expect(abs(beside.log10Presence - alone.log10Presence - log10(parts)) < 1e-10)
        let tag = try #require(alone.sources.first?.otherTags.first?.tag)
        let other = try #require(beside.sources.first?.otherTags.first?.tag)
        #expect(alone.sources.map(\.candidate) == [0] && tag.z == other.z)
        #expect(abs(other.log10Tests - tag.log10Tests - log10(parts)) < 1e-10)
    }

    /// Section 11: what another's tag shows depends on its signs, so nothing is said of one that proves nothing.
    @Test(arguments: [true, false]) func anothersTagIsToldOnlyWhereProven(isSent: Bool) throws {
        let tags = [nil, MicrophoneTag(seed: TestKeys.identity(client: 2))]
        var run = KnownPlace.detector().with(candidates: TestKeys.identities(2).reversed(), tags: tags)
            .begin(SearchBudget(channels: 1, breadth: .init(tracks: 1)))
        try run.add(
            KnownPlace.features(isSent ? [1, 2] : [1], level: 0.15),
            located: Located(alignments: [KnownPlace.alignment(log10Presence: -20)]))
        let sources = run.finish().sources
        #expect(sources.map(\.candidate) == [0])
        #expect((sources.first?.otherTags.isEmpty == false) == isSent)
    }

    /// A bound is a probability.
    @Test func presenceIsNeverAboveOne() throws {
        var run = KnownPlace.run(2, .init(tracks: 6), channels: 9)
        try run.add(
            KnownPlace.features([], level: 0),
            located: Located(alignments: [KnownPlace.alignment(log10Presence: -0.5)]))
        #expect(run.finish().log10Presence == 0)
    }

    /// 75 minutes before the meeting's origin to 25.5 hours after: 5,875 periods.
    @Test func allTimesThatAreSearchedArePaidFor() throws {
        let features = SyntheticFeatures(seed: 192).matrix([.init(frames: 8_000, start: 40_000, level: 0.05)])
        let located = KnownPlace.run().locate(features)
        let alignment = try #require(located.alignments.first)
        #expect(alignment.placed.count == 1)
        let expected = ProvenPrice.log10Tail(alignment.timelineZ) + log10(5_875)
        #expect(abs(alignment.log10Presence - expected) < 1e-8)
    }

    /// A meeting that had to be found is worth a search for warps from a chance in a thousand on, or if somebody was
    /// named.
    @Test func aMeetingIsHeardByItsTimeline() throws {
        func isHeard(_ presence: Double) throws -> Bool {
            var run = KnownPlace.run()
            try run.add(
                KnownPlace.features([], level: 0),
                located: Located(alignments: [KnownPlace.alignment(log10Presence: presence)]))
            return run.isHeard
        }
        #expect(try isHeard(-3) && isHeard(-3.01) && !isHeard(-2.99))
        var run = KnownPlace.run()
        #expect(run.isHeard == false)
        try run.add(KnownPlace.features(), located: Located(alignments: [KnownPlace.alignment()]))
        #expect(run.isHeard == true)
    }

    /// A period that is visited forty times is one observation of its signs: all visits to a cell are added up before
    /// they are squared, so that a loop proves no more than what it repeats.
    @Test func loopsProveNoMoreThanOneVisit() throws {
        let size = FeatureLayout.framesPerPeriod
        let once = SyntheticFeatures(seed: 192).matrix([.init(frames: size, start: 3_072, level: 0.3)])
        func place(_ visits: Int) throws -> Alignment {
            var features = FeatureMatrix()
            for _ in 0..<visits { features.appendRows(size, of: once, rate: 1) }
            let pieces = (0..<visits).map { visit in
                TrackPiece(frames: visit * size..<(visit + 1) * size, offset: 0, slope: 0)
            }
            let search = TimelineSearch(
                plan: CellPlan(pilotSeed: TestKeys.shared().pilot), seed: TestKeys.shared().timeline, periods: 0..<8)
            return try #require(
                search.places(
                    Track(pieces: pieces, score: 0), weights: .init(repeating: 1, count: MarkLayout.dipoleCount),
                    features: features, limit: 1
                ).first)
        }
        let single = try place(1)
        let loop = try place(40)
        #expect(single.placed.map(\.basePeriod) == [3])
        let shown = loop.placed.map { $0.basePeriod + Int64($0.piece.frames.lowerBound / size) }
        #expect(shown == [Int64](repeating: 3, count: 40))
        #expect(single.timelineZ > 3 && abs(loop.timelineZ - single.timelineZ) < 0.5)
        #expect(loop.log10Presence >= single.log10Presence)
    }
}
