import CMath
import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// docs/statistics.md, section 5c.
@Suite struct MeetingWindowTests {
    private static let start = 40_000.0

    private static func detect(
        _ features: FeatureMatrix, window: MeetingWindow?, breadth: SearchBreadth = .init(tracks: 2, lines: 4)
    ) throws -> Detection {
        let detector = Detector(
            shared: TestKeys.shared(), candidates: TestKeys.identities(8), log10Threshold: -9, expectedSeconds: 1_200,
            transforms: FFTWProvider())
        var run = detector.begin(
            SearchBudget(channels: 1, breadth: breadth, expectedSeconds: 1_200, window: window))
        try run.add(features)
        try run.addWithoutPilot(features)
        return run.finish()
    }

    /// Seconds that place the recording so many frames from the window's edge.
    private static func window(edge frames: Double) -> MeetingWindow {
        MeetingWindow(seconds: (start + 5_625 - frames) / 62.5, within: 90)
    }

    @Test func countsWhatItAllows() {
        let window = MeetingWindow(seconds: 100, within: 90)
        #expect(window.offsets == 625...11_875 && window.timesOfLine == 11)
        #expect(MeetingWindow(seconds: 0, within: 10).timesOfLine == 2)
        // 16.384 s either way: at most three times, a period apart.
        #expect(MeetingWindow(seconds: 0, within: 16.384).timesOfLine == 3)
        #expect(MeetingWindow(seconds: 0, within: 16.383).timesOfLine == 2)
        #expect(window.allows(625) && window.allows(11_875) && !window.allows(624.9) && !window.allows(11_875.1))
    }

    /// docs/statistics.md, 5c: nine to one, over the times that there are.
    @Test func weighsWhatIsStated() {
        let window = MeetingWindow(seconds: 100, within: 90)
        #expect(abs(window.weight(among: 5_875) - log(9.0 * 5_875 / 11)) < 1e-9)
        // All times of a day either way are no hint.
        #expect(MeetingWindow(seconds: 0, within: 86_400).weight(among: 1_000) == 0)
    }

    /// A statement orders; it changes no price.
    @Test func everythingElseIsPaidForAsWithout() {
        let breadth = SearchBreadth(tracks: 6, lines: 14, pilotless: 1, times: 128, triesEveryFrame: true)
        func budget(_ window: MeetingWindow?, scope: SearchScope? = nil) -> SearchBudget {
            SearchBudget(channels: 2, breadth: breadth, expectedSeconds: 3_600, scope: scope, window: window)
        }
        let (with, without) = (budget(.init(seconds: 60, within: 90)), budget(nil))
        #expect(with.hypotheses == 2 * 21 && with.times == 2 * 128)
        #expect(with.placements == without.placements && with.placements > 0 && with.ownShares == without.ownShares)
        let searched = budget(.init(seconds: 60, within: 90), scope: .init(meetings: 2, candidates: 10))
        #expect(searched.window == nil && searched.hypotheses == 2 * 21)
    }

    /// Long recordings, by paths, lines and the search without the pilot, and those of seconds: found whatever is
    /// stated, on the same evidence where the right time comes first anyway.
    @Test(arguments: [9_000, 1_500, 200], [true, false])
    func aStatementHidesNobody(frames: Int, hasPilot: Bool) throws {
        guard hasPilot || frames > ChipCorrelator.windowFrames else { return }
        let features = SyntheticFeatures(seed: 91, hasPilot: hasPilot).matrix([
            .init(frames: frames, start: Self.start, clients: [3], level: frames < 1_000 ? 0.6 : 0.3)
        ])
        let breadth = SearchBreadth(tracks: 2, lines: 4, pilotless: 1)
        let plain = try Self.detect(features, window: nil, breadth: breadth)
        for edge in [40.0, 5_625, -40, -20_000] {
            let found = try Self.detect(features, window: Self.window(edge: edge), breadth: breadth)
            #expect(found.sources.map(\.candidate) == [3], "\(edge) frames inside")
            #expect(abs((found.sources.first?.spans.first?.meetingStart ?? 0) - 640) < 0.1)
            #expect(found.sources.first?.z == plain.sources.first?.z, "\(edge)")
            #expect(found.log10Presence == plain.log10Presence, "\(edge)")
        }
    }

    /// A recording outside of the schedule, which is looked at where somebody states that it was made there.
    @Test(arguments: [-250_000.0, 700_000]) func whatIsStatedIsSearchedOutsideOfTheSchedule(start: Double) throws {
        let features = SyntheticFeatures(seed: 95).matrix([.init(frames: 190, start: start, clients: [1], level: 0.6)])
        let stated = MeetingWindow(seconds: start / 62.5 + 60, within: 90)
        let found = try Self.detect(features, window: stated)
        #expect(found.sources.map(\.candidate) == [1])
        #expect(abs((found.sources.first?.spans.first?.meetingStart ?? 0) - start / 62.5) < 0.1)
        #expect(try Self.detect(features, window: nil).sources.isEmpty, "the test would notice nothing")
    }

    /// A line through noise fits many times of the meeting alike: those that are stated come first, the others follow.
    @Test func timesThatAreStatedComeFirst() {
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        let features = SyntheticFeatures(seed: 96).noise(frames: 3_000)
        let search = TimelineSearch(
            plan: plan, seed: TestKeys.shared().timeline, periods: MeetingSchedule.searched, expected: -55..<300)
        let track = Track(pieces: [.init(frames: 0..<3_000, offset: 300, slope: 0)], score: 0)
        func seconds(_ window: MeetingWindow?) -> [Double] {
            search.stating(window).places(
                track, weights: .init(repeating: 1, count: MarkLayout.dipoleCount), features: features, limit: 40
            ).compactMap { $0.placed.first.map { $0.meetingFrame(0) / 62.5 } }
        }
        let (with, without) = (seconds(.init(seconds: 3_000, within: 90)), seconds(nil))
        #expect(without.count == 40 && !without.prefix(5).contains { abs($0 - 3_000) <= 90 })
        #expect(with.prefix(3).allSatisfy { abs($0 - 3_000) <= 90 }, "\(with.prefix(5))")
        // Eleven times lie within; what fits best of all others is there, too.
        #expect(with.count == 40 && with.contains(without[0]))
    }

    /// Of two times that the audio speaks for alike, the one that is stated comes first.
    @Test func whatIsStatedComesFirst() {
        var ranked = RankedPlaces(limit: 3, stated: 1_000...2_000, weight: 8.5)
        var generator = NoiseSource(seed: 7)
        for frame in Int64(10_000)..<40_000 where frame % 20 == 0 { ranked.look(frame, Float(generator.gaussian())) }
        ranked.look(1_500, 6)
        ranked.look(5_000, 6.1)
        ranked.look(7_000, 9)
        let places = ranked.places(3)
        // 9 deviations are worth 40.5, and 6 with the statement 26.5, without it 18.6.
        #expect(places.map(\.place.frame) == [7_000, 1_500, 5_000])
        let evidence = places.map(\.evidence)
        #expect(abs(evidence[1] - evidence[2] - 8.5 + 0.6) < 0.2)
    }

    /// Three seconds have no segment of the pilot; their place is found all the same, anywhere in the schedule.
    @Test(arguments: [60_000.0, 3.0, -50_000])
    func secondsArePlacedByPilotAndTimeline(start: Double) throws {
        let features = SyntheticFeatures(seed: 93).matrix([.init(frames: 190, start: start, clients: [1], level: 0.6)])
        let found = try Self.detect(features, window: nil)
        #expect(found.sources.map(\.candidate) == [1])
        #expect(abs((found.sources.first?.spans.first?.meetingStart ?? 0) - start / 62.5) < 0.1)
        #expect(found.log10Presence > -3, "pilot and timeline chose the place and cannot prove it")
        let noise = SyntheticFeatures(seed: 94).noise(frames: 190)
        #expect(try Self.detect(noise, window: nil).sources.isEmpty)
    }
}
