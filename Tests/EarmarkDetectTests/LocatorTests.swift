import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Alignments by pilot and timeline, and what they may cost.
@Suite struct LocatorTests {
    private static let frames = 8_192
    private static let size = Double(FeatureLayout.framesPerPeriod)

    @Test(arguments: [
        SearchBreadth(tracks: 1), SearchBreadth(tracks: 6, lines: 14), SearchBreadth(tracks: 2, lines: 5),
    ])
    func neverTriesMoreThanIsPaidFor(breadth: SearchBreadth) {
        for features in [
            SyntheticFeatures(seed: 31).noise(frames: LocatorTests.frames),
            SyntheticFeatures(seed: 32).matrix([.init(frames: LocatorTests.frames, start: 99, level: 0.03)]),
            SyntheticFeatures(seed: 33).matrix([.init(frames: LocatorTests.frames, start: 99)]),
        ] {
            #expect(LocatorTests.locate(features, breadth).count <= breadth.alignments)
        }
    }

    @Test func breadthIsAtLeastOneTrack() {
        #expect(SearchBreadth(tracks: 0, lines: -3).alignments == 1)
        #expect(SearchBreadth(tracks: 3, lines: 4).alignments == 7)
    }

    /// At the edge, where neither the path nor the likeliest time can be relied on, lines find most of what is there.
    @Test func linesFindMoreWeakMarks() {
        let start = 40 * LocatorTests.size + 333
        func isThere(_ alignments: [Alignment]) -> Bool {
            alignments.contains { alignment in
                guard alignment.placed.count == 1, let placed = alignment.placed.first else { return false }
                // From end to end: a path that is right in the middle alone must not stand in for the line.
                return [0.0, 4_096, 8_191].allSatisfy { frame in
                    let shown = placed.piece.meetingFrame(frame) + Double(placed.basePeriod) * LocatorTests.size
                    return abs(shown - start - frame) < 2
                }
            }
        }
        var byPaths = 0
        var byLines = 0
        for seed in 40..<50 {
            let weak = SyntheticFeatures(seed: UInt64(seed)).matrix([
                .init(frames: LocatorTests.frames, start: start, level: 0.019)
            ])
            if isThere(LocatorTests.locate(weak, SearchBreadth(tracks: 6))) { byPaths += 1 }
            if isThere(LocatorTests.locate(weak, SearchBreadth(tracks: 6, lines: 14))) { byLines += 1 }
        }
        #expect(byLines >= 7, "by lines \(byLines), by paths \(byPaths)")
        #expect(byLines >= byPaths + 2, "by lines \(byLines), by paths \(byPaths)")
    }

    /// A copy at a fifth of the level of another, as in an average of many: no path finds it, a line does.
    @Test func aWeakCopyBesideAStrongOneIsFound() {
        let start = 3 * LocatorTests.size
        let away = 70.0
        let noise = SyntheticFeatures(seed: 51)
        let strong = noise.matrix([.init(frames: LocatorTests.frames, start: start, level: 0.15)])
        let weak = SyntheticFeatures(deviation: 0, seed: 52).matrix([
            .init(frames: LocatorTests.frames, start: start + away, level: 0.03)
        ])
        let both = LocatorTests.sum(strong, weak)
        func isThere(_ breadth: SearchBreadth) -> Bool {
            LocatorTests.locate(both, breadth).contains { alignment in
                guard let placed = alignment.placed.first else { return false }
                let shown = placed.piece.meetingFrame(4_096) + Double(placed.basePeriod) * LocatorTests.size
                return abs(shown - start - away - 4_096) < 2
            }
        }
        #expect(isThere(SearchBreadth(tracks: 6, lines: 14)))
        #expect(!isThere(SearchBreadth(tracks: 6)), "a path finds it: the test shows nothing")
    }

    /// A mark whose timeline cannot tell the time: the pilot's line stands out, and the rest of the schedule is tried
    /// on it.
    @Test func furtherTimesOfALineThatStandsOut() throws {
        let start = 47 * LocatorTests.size + 500
        let breadth = SearchBreadth(tracks: 2, lines: 3, times: 30)
        let timeless = SyntheticFeatures(seed: 38, hasTimeline: false).matrix([
            .init(frames: LocatorTests.frames, start: start, level: 0.05)
        ])
        let located = LocatorTests.located(timeless, breadth, expected: 40..<60)
        #expect(located.alignments.count <= breadth.alignments)
        #expect(located.furtherTimes.count <= 30)
        func isRight(_ alignment: Alignment) -> Bool {
            guard let placed = alignment.placed.first else { return false }
            let shown = placed.piece.meetingFrame(4_096) + Double(placed.basePeriod) * LocatorTests.size
            return abs(shown - start - 4_096) < 2
        }
        #expect((located.alignments + located.furtherTimes).contains(where: isRight))
        let periods = located.furtherTimes.compactMap { $0.placed.first?.basePeriod }
        #expect(Set(periods).count == located.furtherTimes.count, "each time once")

        let noise = SyntheticFeatures(seed: 39).noise(frames: LocatorTests.frames)
        #expect(LocatorTests.located(noise, breadth).furtherTimes.isEmpty, "nothing stands out in noise")
        let clear = SyntheticFeatures(seed: 35).matrix([.init(frames: LocatorTests.frames, start: 5_000)])
        #expect(LocatorTests.located(clear, breadth).furtherTimes.isEmpty, "the time is proven")
    }

    /// A clear mark needs no lines: they would cost time and show nothing.
    @Test func aClearMarkIsNotSearchedFurther() {
        let clear = SyntheticFeatures(seed: 35).matrix([.init(frames: LocatorTests.frames, start: 5_000)])
        let alignments = LocatorTests.locate(clear, SearchBreadth(tracks: 6, lines: 14))
        #expect(alignments.count < 6)
        #expect(alignments.first.map { $0.log10Presence < -9 } ?? false)
    }

    /// Evidence decides where there is enough of it, the schedule where there is not.
    @Test func theScheduleIsAHintAndNoLimit() throws {
        let start = 120 * LocatorTests.size + 77
        let clear = SyntheticFeatures(seed: 36).matrix([.init(frames: LocatorTests.frames, start: start)])
        let elsewhere = LocatorTests.locate(clear, SearchBreadth(tracks: 1), expected: 0..<20)
        let placed = try #require(elsewhere.first?.placed.first)
        #expect(abs(placed.piece.meetingFrame(0) + Double(placed.basePeriod) * LocatorTests.size - start) < 2)

        let noise = SyntheticFeatures(seed: 37).noise(frames: LocatorTests.frames)
        let scheduled = LocatorTests.locate(noise, SearchBreadth(tracks: 1, lines: 20), expected: 0..<20)
        let free = LocatorTests.locate(noise, SearchBreadth(tracks: 1, lines: 20))
        func inside(_ alignments: [Alignment]) -> Int {
            alignments.filter { alignment in
                alignment.placed.allSatisfy { placed in
                    let shown = placed.piece.meetingFrame(0) / LocatorTests.size + Double(placed.basePeriod)
                    return (-1..<21).contains(shown)
                }
            }.count
        }
        #expect(inside(scheduled) > inside(free))
    }

    static func sum(_ one: FeatureMatrix, _ other: FeatureMatrix) -> FeatureMatrix {
        var sum = FeatureMatrix()
        for frame in 0..<one.frames {
            var vectors = [SIMD8<Float>](repeating: .zero, count: 4)
            for dipole in 0..<MarkLayout.dipoleCount {
                let index = frame * FeatureMatrix.columns + dipole
                vectors[dipole / 8][dipole % 8] =
                    Float(Int(one.values[index]) + Int(other.values[index])) / FeatureMatrix.scale
            }
            sum.append(vectors[0], vectors[1], vectors[2], vectors[3])
        }
        return sum
    }

    private static func locate(
        _ features: FeatureMatrix, _ breadth: SearchBreadth, expected: Range<Int64>? = nil
    ) -> [Alignment] {
        located(features, breadth, expected: expected).alignments
    }

    private static func located(
        _ features: FeatureMatrix, _ breadth: SearchBreadth, expected: Range<Int64>? = nil
    ) -> Located {
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        let timeline = TimelineSearch(
            plan: plan, seed: TestKeys.shared().timeline, periods: -40..<400, expected: expected)
        return Locator(plan: plan, timeline: timeline, transforms: FFTWProvider(), breadth: breadth).locate(features)
    }
}
