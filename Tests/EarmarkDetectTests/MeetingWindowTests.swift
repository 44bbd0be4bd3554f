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

    @Test func whatCannotBeTriedIsNotPaidFor() {
        let breadth = SearchBreadth(tracks: 6, lines: 14, pilotless: 1, times: 128, triesEveryFrame: true)
        func budget(_ within: Double, scope: SearchScope? = nil) -> SearchBudget {
            SearchBudget(
                channels: 2, breadth: breadth, expectedSeconds: 3_600, scope: scope,
                window: .init(seconds: 60, within: within))
        }
        #expect(budget(90).hypotheses == 2 * 14 && budget(90).times == 0)
        #expect(budget(90).placements == 2 * 11_251)
        // 16 times a line are all ranked, of 17 nine are further times.
        #expect(budget(130).times == 0 && budget(131.1).times == 2 * 9)
        let searched = budget(90, scope: .init(meetings: 2, candidates: 10))
        #expect(searched.window == nil && searched.hypotheses == 2 * 21)
    }

    /// Long recordings, by paths, lines and the search without the pilot, and those of seconds.
    @Test(arguments: [9_000, 1_500, 200], [true, false])
    func findsWhatLiesInsideAlone(frames: Int, hasPilot: Bool) throws {
        guard hasPilot || frames > ChipCorrelator.windowFrames else { return }
        let features = SyntheticFeatures(seed: 91, hasPilot: hasPilot).matrix([
            .init(frames: frames, start: Self.start, clients: [3], level: frames < 1_000 ? 0.6 : 0.3)
        ])
        let breadth = SearchBreadth(tracks: 2, lines: 4, pilotless: 1)
        for edge in [40.0, 5_625] {
            let found = try Self.detect(features, window: Self.window(edge: edge), breadth: breadth)
            #expect(found.sources.map(\.candidate) == [3], "\(edge) frames inside")
            #expect(abs((found.sources.first?.spans.first?.meetingStart ?? 0) - 640) < 0.1)
        }
        let outside = try Self.detect(features, window: Self.window(edge: -40), breadth: breadth)
        #expect(outside.sources.isEmpty && outside.log10Presence > -3)
    }

    /// Presence pays for the periods that were open, so it proves more in a window, by just that.
    @Test func presencePaysForTheWindow() throws {
        let features = SyntheticFeatures(seed: 92).matrix([.init(frames: 3_000, start: Self.start, level: 0.12)])
        let breadth = SearchBreadth(tracks: 1)
        let all = try Self.detect(features, window: nil, breadth: breadth)
        let some = try Self.detect(features, window: Self.window(edge: 5_000), breadth: breadth)
        try #require(all.log10Presence < -1 && some.log10Presence > -77, "the test would notice nothing")
        let periods = Double(MeetingSchedule.searched.count)
        #expect(abs(some.log10Presence - all.log10Presence + log10(periods / 11)) < 1e-9)
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
