import EarmarkAnalysis
import EarmarkMark
import Foundation
import Testing

@testable import EarmarkDetect

/// Who recorded and who may be an echo, at exactly and just past every limit.
@Suite struct CrossTalkTests {
    @Test func nobodyIsFoundInNothing() {
        #expect(CrossTalk.judgements([]).isEmpty)
    }

    @Test(arguments: [
        (0.0, CrossTalk.Judgement.recorded), (-13.4, .recorded), ((-13.4).nextDown, .weakAlone), (-40, .weakAlone),
        (-.infinity, .weakAlone),
    ])
    func aLoneSourceMustBeSurelyStrongerThanAnEcho(least: Double, judgement: CrossTalk.Judgement) {
        #expect(CrossTalk.judgements([source(0, level: -3, least: least)]) == [judgement])
    }

    /// Five copies averaged: each is as weak as an echo, together they are all of the recording.
    @Test func copiesThatAddUpToAFullMarkRecorded() {
        let fifth = 20 * log10(0.2)
        let copies = (0..<5).map { source($0, level: fifth, least: fifth - 2, lag: Double($0) * 0.4) }
        #expect(CrossTalk.judgements(copies).allSatisfy { $0 == .recorded })
    }

    @Test func twoWeakSourcesMustAddUp() {
        for (amplitude, judgement) in [(0.2501, CrossTalk.Judgement.recorded), (0.2499, .weakAlone)] {
            let level = 20 * log10(amplitude)
            let pair = [source(0, level: level, least: level - 2), source(1, level: level, least: level - 2, lag: 0.3)]
            #expect(CrossTalk.judgements(pair) == [judgement, judgement])
        }
        // One source has nothing to add up with.
        #expect(CrossTalk.judgements([source(0, level: -5, least: -14)]) == [.weakAlone])
    }

    @Test(arguments: [(-13.4, CrossTalk.Judgement.recorded), ((-13.4).nextDown, .weakBeside)])
    func aWeakerSourceBesideAStrongOneMustBeComparable(least: Double, judgement: CrossTalk.Judgement) {
        let judgements = CrossTalk.judgements([
            source(0, level: 0), source(1, level: least + 1, least: least, lag: 0.3),
        ])
        #expect(judgements == [.recorded, judgement])
    }

    @Test(arguments: [
        (0.0, CrossTalk.Judgement.recorded), (0.0399, .recorded), (-0.0399, .recorded), (0.0401, .weakBeside),
        (-0.0401, .weakBeside), (0.3, .weakBeside),
    ])
    func twoLaptopsInOneRoomPlayAtTheSameMeetingTime(lag: Double, judgement: CrossTalk.Judgement) {
        let judgements = CrossTalk.judgements([source(0, level: 0), source(1, level: -16, least: -18, lag: lag)])
        #expect(judgements == [.recorded, judgement])
    }

    /// The time must agree for most of the stretch, not by a passing chance.
    @Test func agreementForLessThanHalfOfTheTimeDoesNotCount() {
        let strong = source(0, level: 0, to: 49)
        let weak = source(1, level: -16, least: -18)
        #expect(CrossTalk.judgements([strong, weak]) == [.recorded, .weakBeside])
        #expect(CrossTalk.judgements([source(0, level: 0, to: 51), weak]) == [.recorded, .recorded])
    }

    /// Two echoes at the same moment do not make each other strong.
    @Test func weakSourcesAtTheSameTimeStayWeak() {
        let pair = [source(0, level: -18, least: -20), source(1, level: -19, least: -21)]
        #expect(CrossTalk.judgements(pair) == [.weakAlone, .weakAlone])
    }

    /// Only sources as strong as the strongest add up: echoes of others beside them do not.
    @Test func whatIsNotComparableDoesNotAddUp() {
        let level = 20 * log10(0.24)
        func trio(_ third: Double) -> [Detection.Source] {
            [
                source(0, level: level, least: level - 2), source(1, level: level, least: level - 2, lag: 0.3),
                source(2, level: level - 12, least: third, lag: 0.6),
            ]
        }
        #expect(CrossTalk.judgements(trio(level - 13.4)) == [.recorded, .recorded, .recorded], "0.54 in all")
        #expect(CrossTalk.judgements(trio((level - 13.4).nextDown)) == [.weakAlone, .weakAlone, .weakAlone])
    }

    /// Exactly half of the amplitude is enough, and exactly 0.04 s is the same moment.
    @Test func theLimitsThemselves() {
        let half = [0, 1].map { source($0, level: 20 * log10(0.25 + 1e-12), least: -15, lag: Double($0)) }
        #expect(CrossTalk.judgements(half) == [.recorded, .recorded])
        #expect(CrossTalk.sameTime == 0.04)
        #expect(MarkProfile.contentBound.echo == EchoLimits(ceiling: -13.4, leastSum: 0.5))
    }

    /// An amplitude of 0.5 in all does not help somebody who is alone.
    @Test func theStrongestIsTakenAsItIsMeasured() {
        // Comparable to the strongest's level, not to the least that it may be; the one that is compared at its least.
        let strong = source(0, level: 0, least: -6)
        let judgements = CrossTalk.judgements([source(1, level: -10, least: -13.5, lag: 0.3), strong])
        #expect(judgements == [.weakBeside, .recorded])
        #expect(
            CrossTalk.judgements([source(1, level: -13.4, least: -13.4, lag: 0.3), strong]) == [.recorded, .recorded])
    }

    /// Meeting times are compared at the same moment of the recording, in a recording that plays faster, too.
    @Test func theSameMomentOfAFasterRecording() {
        let rate = 1.05
        func heard(_ candidate: Int, from start: Double, lag: Double, level: Double) -> Detection.Source {
            var source = source(candidate, level: level, least: level - 1)
            source.rate = rate
            source.spans = [
                .init(recording: start..<100, meetingStart: 600 + start * rate - lag, uncertainty: 0.004, z: 20)
            ]
            return source
        }
        let strong = heard(0, from: 10, lag: 0, level: 0)
        #expect(CrossTalk.judgements([strong, heard(1, from: 40, lag: 0, level: -17)]) == [.recorded, .recorded])
        #expect(CrossTalk.judgements([strong, heard(1, from: 40, lag: 0.2, level: -17)]) == [.recorded, .weakBeside])
    }

    /// Where the strongest is not heard there is nothing to be at the same time with.
    @Test func stretchesApartAreNotTogether() {
        var weak = source(1, level: -16, least: -18)
        weak.spans[0].recording = 100..<160
        weak.spans[0].meetingStart = 700
        #expect(CrossTalk.judgements([source(0, level: 0), weak]) == [.recorded, .weakBeside])
        weak.spans = []
        #expect(CrossTalk.judgements([source(0, level: 0), weak]) == [.recorded, .weakBeside])
    }

    private func source(
        _ candidate: Int, level: Double, least: Double? = nil, lag: Double = 0, to end: Double = 100
    ) -> Detection.Source {
        Detection.Source(
            candidate: candidate, z: 20, log10FalseAccusation: -40, strength: 0,
            level: .init(decibels: level, leastDecibels: least ?? level - 0.5), pitch: 1, rate: 1,
            spans: [.init(recording: 0..<end, meetingStart: 600 - lag, uncertainty: 0.004, z: 20)])
    }
}
