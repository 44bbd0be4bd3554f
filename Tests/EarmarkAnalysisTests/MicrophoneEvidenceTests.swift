import EarmarkAnalysis
import Testing

@testable import EarmarkDetect

/// docs/statistics.md, section 9, "Tags": what is held of a source by the tags beside it, at and past every limit.
@Suite struct MicrophoneEvidenceTests {
    private func source(
        _ z: Double = 60, own: Double? = nil, delay: Double = 0.1, other: (z: Double, delay: Double)? = nil,
        candidate: Int = 0
    ) -> Detection.Source {
        var source = Detection.Source(
            candidate: candidate, z: z, log10FalseAccusation: -50, strength: 0,
            level: .init(decibels: -30, leastDecibels: -31), pitch: 1, rate: 1,
            spans: [.init(recording: 0..<100, meetingStart: 0, uncertainty: 0, z: z)])
        source.tag = own.map { tag($0, beside: z, delay: delay) }
        source.otherTags = other.map { [.init(candidate: 7, tag: tag($0.z, beside: z, delay: $0.delay))] } ?? []
        return source
    }

    /// A tag for which 120 delays were tried, and of which it is known that it does not move.
    private func tag(_ z: Double, beside playout: Double, delay: Double = 0.1) -> Detection.Tag {
        let paid = 2.0792
        return .init(
            z: z, log10Chance: RademacherBound.log10Tail(z) + paid, log10Tests: paid, delay: delay, playoutZ: playout,
            log10MovingRatio: -5)
    }

    /// One in ten thousand, and where nothing is heard that none moves there must be a hundred times as likely.
    @Test(arguments: [
        (-4.01, -5, MicrophoneEvidence.own), (-3.99, -5, .absent), (0, -2.01, .absent), (0, -1.99, .open),
        (-3.99, 1, .open),
    ])
    func aTagThatMovesIsHeardOrExcluded(chance: Double, ratio: Double, evidence: MicrophoneEvidence) {
        var source = source(60, own: 1)
        source.tag?.log10MovingChance = chance
        source.tag?.log10MovingRatio = ratio
        #expect(MicrophoneEvidence(source) == evidence)
    }

    /// A loudspeaker may reach several microphones: what their tags show counts together, and what comes before the
    /// mark does not, being talkers'.
    @Test(arguments: [
        ([(6.1, 0.1), (6.0, 0.2)], MicrophoneEvidence.undecided(1)), ([(6.0, 0.1), (5.9, 0.2)], .absent),
        ([(20, 0.1), (10.1, 0.3)], .other(1)), ([(20, 0.1), (9.9, 0.3)], .undecided(1)),
        ([(11.9, -0.05), (11.9, -0.08)], .absent), ([(20, -0.05), (12.1, 0.1)], .undecided(2)),
        ([(20, -0.05), (11.9, 0.1)], .open),
    ])
    func tagsOfSeveralMicrophonesCountTogether(tags: [(z: Double, delay: Double)], evidence: MicrophoneEvidence) {
        var source = source(60, own: 1)
        source.otherTags = tags.enumerated().map {
            .init(candidate: $0.offset + 1, tag: tag($0.element.z, beside: 60, delay: $0.element.delay))
        }
        #expect(MicrophoneEvidence(source) == evidence)
    }

    /// z of 4.65 has a chance of 5.3e-6 at most, by 120 delays 6.3e-4; 4.4 has 1.7e-5 and 2.1e-3.
    @Test func aTagIsHeardFromOneInAThousandOn() {
        #expect(MicrophoneEvidence(source(9, own: 4.65)) == .own)
        #expect(MicrophoneEvidence(source(9, own: 4.4)) == .open)
    }

    /// The tag beside an echo has a fifth of the mark's evidence or more: less is chance, unless it is one in a million
    /// (z 5.84 for 120 delays) and not before the mark.
    @Test func aTagFarWeakerThanTheMarkMustBeCertain() {
        #expect(MicrophoneEvidence(source(25, own: 5.1)) == .own)
        #expect(MicrophoneEvidence(source(40, own: 5.1)) == .open)
        #expect(MicrophoneEvidence(source(40, own: 5.9)) == .own)
        #expect(MicrophoneEvidence(source(40, own: 5.9, delay: -0.04)) == .open)
        #expect(MicrophoneEvidence(source(60, own: 5.1)) == .open)
    }

    /// 0.2 of the mark's evidence less 2.5 must lie above what would be heard: 4.55 for 120 delays.
    @Test func noTagIsAbsentOnlyWhereOneWouldShow() {
        #expect(MicrophoneEvidence(source(35.4, own: 1)) == .absent)
        #expect(MicrophoneEvidence(source(35.1, own: 1)) == .open)
        #expect(MicrophoneEvidence(source(60)) == .open)
    }

    @Test(arguments: [
        (30.1, -0.02, MicrophoneEvidence.other(7)), (29.9, -0.02, .undecided(7)), (30.1, -0.04, .open),
        (12.1, 0.1, .undecided(7)), (11.9, 0.1, .absent),
        // Where clocks are that far off, or loudspeakers that late, only what no talker has.
        (30.1, 2, .other(7)), (29.9, 2, .absent), (30.1, -0.4, .open), (29.9, -0.4, .absent),
    ])
    func anothersTagCarriesTheMarkIfItIsStrongAndLater(z: Double, delay: Double, evidence: MicrophoneEvidence) {
        #expect(MicrophoneEvidence(source(60, own: 1, other: (z, delay))) == evidence)
    }

    /// Tags decide where they say something, levels elsewhere; a mark of -31 dB alone is one that an echo would leave.
    @Test func judgementsFollowTagsFirst() {
        let echo = source(own: 20, candidate: 0)
        let recorded = source(own: 1, candidate: 1)
        let unknown = source(candidate: 2)
        #expect(CrossTalk.judgements([echo]) == [.ownMicrophone])
        #expect(CrossTalk.judgements([recorded]) == [.recorded])
        #expect(CrossTalk.judgements([unknown]) == [.weakAlone])
        #expect(CrossTalk.judgements([source(other: (40, 0.1))]) == [.otherMicrophone(7)])
        #expect(CrossTalk.judgements([source(other: (20, 0.1))]) == [.undecided(7)])
        #expect(CrossTalk.judgements([echo, recorded, unknown])[0...1] == [.ownMicrophone, .recorded])
    }
}
