import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// docs/statistics.md, section 4: what is not paid for is not tested, and whoever asks for it is told.
@Suite struct BudgetOverrunTests {
    private typealias Overrun = SearchBudget.Overrun

    private static let breadth = SearchBreadth(tracks: 1, lines: 1, pilotless: 2, times: 3)
    private static let features = KnownPlace.features()
    /// The truth, at which `features` name client 1.
    private static let truth = KnownPlace.alignment()
    private static let played = Warp(pitch: 1, rate: 1.03)

    private static func nowhere(_ count: Int) -> [Alignment] { Array(repeating: KnownPlace.nowhere, count: count) }

    /// What is refused must leave no trace: no source, no score, no evidence.
    private static func expectRefused(
        _ run: inout DetectionRun, _ overrun: SearchBudget.Overrun, sourceLocation: SourceLocation = #_sourceLocation,
        _ ask: (inout DetectionRun) throws -> Void
    ) {
        let before = run.finish()
        #expect(sourceLocation: sourceLocation) { try ask(&run) } throws: { $0 as? SearchBudget.Overrun == overrun }
        #expect(run.finish() == before, sourceLocation: sourceLocation)
    }

    @Test func aChannelMoreThanPlanned() throws {
        var run = KnownPlace.run(4, BudgetOverrunTests.breadth, channels: 2, warps: 1)
        for _ in 0..<2 { try run.add(BudgetOverrunTests.features, located: Located()) }
        BudgetOverrunTests.expectRefused(&run, Overrun(item: .channels, planned: 2, asked: 3)) {
            try $0.add(BudgetOverrunTests.features, located: Located(alignments: [BudgetOverrunTests.truth]))
        }
        // Refused once, refused for ever; what is planned beside it stays allowed.
        BudgetOverrunTests.expectRefused(&run, Overrun(item: .channels, planned: 2, asked: 3)) {
            try $0.add(BudgetOverrunTests.features)
        }
        try run.add(
            BudgetOverrunTests.features, located: Located(alignments: [BudgetOverrunTests.truth]),
            warp: BudgetOverrunTests.played)
        #expect(run.finish().sources.map(\.candidate) == [1])
    }

    @Test(arguments: [0, 2]) func aWarpMoreThanPlanned(warps: Int) throws {
        var run = KnownPlace.run(4, BudgetOverrunTests.breadth, channels: 5, warps: warps)
        for _ in 0..<warps {
            try run.add(BudgetOverrunTests.features, located: Located(), warp: BudgetOverrunTests.played)
        }
        BudgetOverrunTests.expectRefused(&run, Overrun(item: .warps, planned: warps, asked: warps + 1)) {
            try $0.add(
                BudgetOverrunTests.features, located: Located(alignments: [BudgetOverrunTests.truth]),
                warp: BudgetOverrunTests.played)
        }
    }

    /// Channels share the changes alike, and what does not divide is there for the first of them: as long as any are
    /// left, a channel may take one.
    @Test(arguments: [
        (channels: 1, warps: 0, each: 0), (1, 1, 1), (2, 1, 1), (2, 2, 1), (2, 3, 2), (3, 7, 3), (5, 1, 1), (1, 4, 4),
    ])
    func channelsShareTheWarps(channels: Int, warps: Int, each: Int) throws {
        var run = KnownPlace.run(1, .init(tracks: 1), channels: channels, warps: warps)
        for taken in 0...warps {
            #expect(run.warpsPerChannel == min(each, warps - taken))
            guard taken < warps else { continue }
            try run.add(BudgetOverrunTests.features, located: Located(), warp: BudgetOverrunTests.played)
        }
    }

    /// The search for warps may come back to nominal speed: that is a warp that is paid for, not one channel more.
    @Test func aWarpThatChangesNothingIsAWarp() throws {
        var run = KnownPlace.run(4, BudgetOverrunTests.breadth, channels: 1, warps: 1)
        try run.add(BudgetOverrunTests.features, located: Located())
        try run.add(
            BudgetOverrunTests.features, located: Located(alignments: [BudgetOverrunTests.truth]),
            warp: Warp(pitch: 1, rate: 1))
        #expect(run.finish().sources.map(\.candidate) == [1])
        BudgetOverrunTests.expectRefused(&run, Overrun(item: .warps, planned: 1, asked: 2)) {
            try $0.add(BudgetOverrunTests.features, located: Located(), warp: Warp.none)
        }
    }

    /// The places that belong to alignments without the pilot are not for those with it.
    @Test func anAlignmentMoreThanPlanned() throws {
        var run = KnownPlace.run(4, BudgetOverrunTests.breadth)
        let alignments = [BudgetOverrunTests.truth] + BudgetOverrunTests.nowhere(2)
        BudgetOverrunTests.expectRefused(&run, Overrun(item: .alignments, planned: 2, asked: 3)) {
            try $0.add(BudgetOverrunTests.features, located: Located(alignments: alignments))
        }
        // Nothing was taken: the channel may still be examined.
        try run.add(BudgetOverrunTests.features, located: Located(alignments: Array(alignments.prefix(2))))
        #expect(run.finish().sources.map(\.candidate) == [1])
    }

    @Test func aTimeMoreThanPlanned() throws {
        var run = KnownPlace.run(4, BudgetOverrunTests.breadth)
        let times = [BudgetOverrunTests.truth] + BudgetOverrunTests.nowhere(3)
        BudgetOverrunTests.expectRefused(&run, Overrun(item: .times, planned: 3, asked: 4)) {
            try $0.add(BudgetOverrunTests.features, located: Located(furtherTimes: times))
        }
        // A search of many meetings has none, whatever its breadth says.
        var search = KnownPlace.run(4, BudgetOverrunTests.breadth, scope: .init(meetings: 2, candidates: 8))
        BudgetOverrunTests.expectRefused(&search, Overrun(item: .times, planned: 0, asked: 1)) {
            try $0.add(BudgetOverrunTests.features, located: Located(furtherTimes: [BudgetOverrunTests.truth]))
        }
    }

    @Test func alignmentsWithoutThePilot() throws {
        var run = KnownPlace.run(4, BudgetOverrunTests.breadth)
        let alignments = [BudgetOverrunTests.truth] + BudgetOverrunTests.nowhere(2)
        BudgetOverrunTests.expectRefused(&run, Overrun(item: .alignmentsWithoutPilot, planned: 2, asked: 3)) {
            try $0.addWithoutPilot(BudgetOverrunTests.features, alignments: alignments)
        }
        try run.addWithoutPilot(BudgetOverrunTests.features, alignments: Array(alignments.prefix(2)))
        #expect(run.finish().sources.map(\.candidate) == [1])
        BudgetOverrunTests.expectRefused(&run, Overrun(item: .channelsWithoutPilot, planned: 1, asked: 2)) {
            try $0.addWithoutPilot(BudgetOverrunTests.features)
        }
    }

    /// A budget for a meeting of five minutes does not pay for the frames of a day.
    @Test func moreFramesThanPlanned() throws {
        let breadth = SearchBreadth(tracks: 1, triesEveryFrame: true)
        let unmarked = SyntheticFeatures(seed: 182, hasPilot: false, hasTimeline: false).matrix([
            .init(frames: KnownPlace.frames, start: 20_000, clients: [2], level: 0.2)
        ])
        let budget = SearchBudget(channels: 1, breadth: breadth, expectedSeconds: 300)
        #expect(budget.placementsPerChannel == 184 * 1_024)
        var run = KnownPlace.detector(4, expectedSeconds: 600).begin(budget)
        BudgetOverrunTests.expectRefused(
            &run, Overrun(item: .placements, planned: 184 * 1_024, asked: 202 * 1_024)
        ) { try $0.addWithoutPilot(unmarked) }
        var paid = KnownPlace.detector(4, expectedSeconds: 300).begin(budget)
        try paid.addWithoutPilot(unmarked)
        #expect(paid.finish().sources.map(\.candidate) == [2])
        BudgetOverrunTests.expectRefused(&paid, Overrun(item: .channelsWithoutPilot, planned: 1, asked: 2)) {
            try $0.addWithoutPilot(unmarked)
        }
    }

    /// The detector's own searches keep to every budget, down to the smallest.
    @Test(arguments: [
        SearchBreadth(tracks: 1), SearchBreadth(tracks: 6, lines: 14, pilotless: 1, times: 128),
        SearchBreadth(tracks: 1, lines: 3), SearchBreadth(tracks: 2, pilotless: 3, times: 2, triesEveryFrame: true),
    ])
    func honestSearchesAreNotRefused(breadth: SearchBreadth) throws {
        let noise = SyntheticFeatures(seed: 63).noise(frames: 9_000)
        for features in [BudgetOverrunTests.features, noise] {
            var run = KnownPlace.run(4, breadth, warps: 1)
            try run.add(features)
            try run.addWithoutPilot(features)
            try run.add(features, warp: BudgetOverrunTests.played)
        }
    }
}
