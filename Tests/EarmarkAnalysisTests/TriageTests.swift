import EarmarkMedia
import Testing

@testable import EarmarkAnalysis
@testable import EarmarkDetect

/// docs/statistics.md, section 4b: what a few stretches must show so that the rest need not be read.
@Suite struct TriageTests {
    /// A recorder's mark in full strength, whose content cells show that it was put on this audio.
    private func source(tag: Double? = nil, content: Double = -20) -> Detection.Source {
        var source = Detection.Source(
            candidate: 0, z: 40, log10FalseAccusation: -77, strength: 0,
            level: .init(decibels: 0, leastDecibels: -0.5), pitch: 1, rate: 1,
            spans: [.init(recording: 0..<90, meetingStart: 0, uncertainty: 0.01, z: 40)])
        source.content = .init(z: 10, expectedZ: 11, log10Chance: content, stretches: [])
        source.tag = tag.map { .init(z: $0, log10Chance: -1, log10Tests: 1.65, delay: 0.1, playoutZ: 40) }
        return source
    }

    private func isClear(_ sources: Detection.Source...) -> Bool {
        Detection(
            sources: sources, log10Presence: -20, pilotScore: 9, pilotLevel: 0,
            expectation: .init(z: 40, least: 20, most: 50), hypotheses: 16, candidates: 2
        ).isClear(log10Threshold: -9)
    }

    @Test func nothingThatMoreWouldTakeBackIsClear() {
        #expect(isClear(source()) && isClear(source(tag: 1)))
        #expect(!isClear())
        // A copy is not excluded yet.
        #expect(!isClear(source(content: -8.9)))
        // As much as the tag of an echo may have, and of one that is not.
        var weak = source(tag: 1)
        weak.tag?.playoutZ = 20
        #expect(!isClear(weak))
        var other = source(content: -8.9)
        other.candidate = 1
        #expect(!isClear(source(), other))
    }

    /// A source in an echo's strength is no answer.
    @Test func aTraceIsNotClear() {
        var trace = source()
        trace.level = .init(decibels: -20, leastDecibels: -21)
        #expect(!isClear(trace))
    }

    /// The middles of the quarters, the second and the last first; none reaches beyond its quarter.
    @Test func stretchesLieInTheirQuarters() {
        let stretches = Triage.stretches(of: 4_000)
        #expect(stretches.map(\.start) == [1_455, 3_455, 455, 2_455])
        #expect(stretches.allSatisfy { $0.seconds == 90 })
    }

    /// What two stretches showed: of each source the better evidence, and everywhere that it was heard, in order.
    @Test(arguments: [true, false]) func everyStretchInWhichASourceWasHeardIsTold(isFirstBetter: Bool) {
        func heard(_ candidate: Int, from start: Double, bound: Double, z: Double) -> Detection.Source {
            var source = source()
            source.candidate = candidate
            source.log10FalseAccusation = bound
            source.z = z
            source.spans[0].recording = start..<start + 90
            source.steps = [.init(recording: start..<start + 4, sum: z, energy: 1)]
            return source
        }
        func detection(_ sources: [Detection.Source], pilot: Double, presence: Double) -> Detection {
            Detection(
                sources: sources, log10Presence: presence, pilotScore: pilot, pilotLevel: 0,
                expectation: .init(z: 40, least: 20, most: 50), hypotheses: 16, candidates: 2)
        }
        let late = heard(0, from: 900, bound: isFirstBetter ? -50 : -20, z: 14)
        let early = heard(0, from: 300, bound: isFirstBetter ? -20 : -50, z: 12)
        let other = heard(1, from: 300, bound: -30, z: 20)
        for pilots in [(9.0, 7.0), (7.0, 9.0)] {
            let one = detection([late], pilot: pilots.0, presence: -20)
            let two = detection([other, early], pilot: pilots.1, presence: -10)
            let joined = one.joined(two)
            #expect(joined.sources.map(\.candidate) == [1, 0], "the strongest first")
            #expect(joined.sources[0] == other)
            let both = joined.sources[1]
            #expect(both.spans.map(\.recording.lowerBound) == [300, 900])
            #expect(both.steps.map(\.recording.lowerBound) == [300, 900])
            #expect(both.log10FalseAccusation == -50 && both.z == (isFirstBetter ? 14 : 12))
            #expect(joined.pilotScore == 9 && joined.log10Presence == -20)
        }
    }

    /// Every look at content is paid for.
    @Test func looksAtContentArePaidFor() {
        var content = Detection.Content(z: 10, expectedZ: 11, log10Chance: -9.3, stretches: [])
        content.pay(looks: 1)
        #expect(content.log10Chance == -9.3)
        content.pay(looks: 10)
        #expect(content.log10Chance == -8.3)
        content.log10Chance = 0
        content.pay(looks: 10)
        #expect(content.log10Chance == 0)
    }
}
