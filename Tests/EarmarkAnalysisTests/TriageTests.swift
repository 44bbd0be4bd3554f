import EarmarkMark
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
        source.tag = tag.map {
            .init(z: $0, log10Chance: -1, log10Tests: 1.65, delay: 0.1, playoutZ: 40, log10MovingRatio: -5)
        }
        return source
    }

    private func detection(_ sources: [Detection.Source], presence: Double = -20) -> Detection {
        Detection(
            sources: sources, log10Presence: presence, pilotScore: 9, pilotLevel: 0,
            expectation: .init(z: 40, least: 20, most: 50), hypotheses: 16, candidates: 2)
    }

    private func isClear(_ sources: Detection.Source...) -> Bool { detection(sources).isClear(log10Threshold: -9) }

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

    /// Beside somebody who recorded, too.
    @Test func aTraceBesideIsNotClear() {
        var trace = source()
        trace.candidate = 1
        trace.level = .init(decibels: -20, leastDecibels: -21)
        // At the same meeting time it would have left its loudspeaker with the other, and be no echo of it.
        trace.spans[0].meetingStart = 0.2
        #expect(!isClear(source(), trace))
    }

    private func agree(_ stretches: (found: Detection, start: Double)...) -> (isAgreed: Bool, isBroken: Bool) {
        var agreement = TriageAgreement(log10Threshold: -9)
        for stretch in stretches { agreement.take(stretch.found, at: stretch.start) }
        return (agreement.isAgreed, agreement.isBroken)
    }

    /// Two far from one another must show the same; what shows nothing says nothing.
    @Test func twoFarStretchesAgree() {
        let (clear, nothing) = (detection([source()]), detection([], presence: 0))
        #expect(!agree((clear, 100)).isAgreed)
        #expect(agree((clear, 100), (clear, 400)) == (true, false))
        #expect(!agree((clear, 101), (clear, 400)).isAgreed)
        #expect(!agree((clear, 100), (nothing, 800)).isAgreed)
        #expect(agree((clear, 800), (nothing, 100), (clear, 400)) == (true, false))
    }

    /// Another source, a trace, a copy, or the meeting's mark without anybody's breaks it, whatever else is shown.
    @Test func oneThatSaysOtherwiseBreaksIt() {
        let clear = detection([source()])
        var (other, trace, open, shallow) = (source(), source(), source(), source(content: -30))
        other.candidate = 1
        trace.level = .init(decibels: -20, leastDecibels: -21)
        open.content?.log10Chance = -3
        // Far beyond chance, and far below what a genuine mark would show; the other stretch is the weaker one.
        shallow.content?.expectedZ = 60
        for found in [[other], [source(), other], [trace], [open], [shallow], []] {
            #expect(agree((detection(found), 100), (clear, 500), (clear, 900)).isBroken)
            #expect(agree((clear, 100), (clear, 500), (detection(found), 900)) == (false, true))
        }
    }

    /// Of two stretches the stronger mark, and the most that speaks against it, whichever of them shows it.
    @Test(arguments: [true, false]) func theWorstOfTwoIsKept(isWorstStronger: Bool) {
        var (first, second) = (source(tag: 1, content: -20), source(tag: 3, content: -12))
        first.level = .init(decibels: 1, leastDecibels: 0.5)
        second.level = .init(decibels: -3, leastDecibels: -4)
        if isWorstStronger { first.log10FalseAccusation = -70 } else { second.log10FalseAccusation = -70 }
        for joined in [first.joined(second), second.joined(first)] {
            #expect(joined.log10FalseAccusation == -77 && joined.spans.count == 2)
            #expect(joined.tag?.z == 3 && joined.content?.log10Chance == -12 && joined.level == second.level)
        }
    }

    private func lot(_ byte: UInt8 = 1, file: String = "9f", track: Int = 0, seconds: Double = 4_000) throws -> [Double]
    {
        let seed = try #require(Seed(bytes: Array(repeating: byte, count: 32)))
        return TriageLot(secret: [seed], file: file, track: track, seconds: seconds).stretches.map(\.start)
    }

    /// One in each quarter, the first two no neighbours; each thing that fixes them changes all.
    @Test func stretchesLieInTheirQuarters() throws {
        for byte in UInt8(0)..<40 {
            let starts = try lot(byte)
            let quarters = starts.map { Int($0 / 1_000) }
            #expect(quarters.sorted() == [0, 1, 2, 3] && abs(quarters[0] - quarters[1]) > 1)
            #expect(starts.allSatisfy { $0.truncatingRemainder(dividingBy: 1_000) <= 910 })
        }
        let own = try lot()
        #expect(try own == lot())
        for other in [try lot(2), try lot(file: "9e"), try lot(track: 1), try lot(seconds: 4_001)] {
            #expect(Set(other).isDisjoint(with: own))
        }
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
