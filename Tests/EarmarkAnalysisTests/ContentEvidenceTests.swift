import EarmarkAnswer
import Testing

@testable import EarmarkAnalysis
@testable import EarmarkDetect

/// docs/statistics.md, "Content".
@Suite struct ContentEvidenceTests {
    /// A source heard for 130 s whose content cells reach `z` of `expected`, of which chance brings as much once in
    /// 10^`log10`.
    private static func source(
        z: Double, of expected: Double, log10: Double = 0, seconds: Double = 130,
        stretches: [Detection.ContentStretch] = []
    ) -> Detection.Source {
        var source = Detection.Source(
            candidate: 0, z: 40, log10FalseAccusation: -77, strength: 0, pitch: 1, rate: 1,
            spans: [.init(recording: 0..<seconds, meetingStart: 0, uncertainty: 0.01, z: 40)])
        source.level = .init(decibels: 0, leastDecibels: -0.5)
        source.content = .init(z: z, expectedZ: expected, log10Chance: log10, stretches: stretches)
        return source
    }

    private static func judgement(_ source: Detection.Source) -> ContentEvidence {
        ContentEvidence(source, log10Threshold: -9)
    }

    @Test func confirmedNeedsTheBoundAndMoreThanACopyLeaves() {
        #expect(Self.judgement(Self.source(z: 7, of: 9, log10: -9)) == .confirmed)
        #expect(Self.judgement(Self.source(z: 7, of: 9, log10: -8.9)) == .open)
        // 0.75 of what is expected: audio that was bent until its words agree reaches 0.7.
        #expect(Self.judgement(Self.source(z: 12, of: 15.9, log10: -30)) == .confirmed)
        #expect(Self.judgement(Self.source(z: 12, of: 16.1, log10: -30)) == .open)
    }

    /// Below half of what is expected less 2, and below 0.3 of it, where 6 or more is expected.
    @Test(arguments: [
        (6, 0.99, true), (6, 1.01, false), (4.49, -3, false), (5.9, 0.88, true), (5.9, 0.89, false), (9, 2.49, true),
        (9, 2.51, false), (20, 5.99, true), (20, 6.01, false),
    ])
    func contradictedIsWhatAGenuineMarkWouldNotShow(expected: Double, z: Double, isContradicted: Bool) {
        #expect((Self.judgement(Self.source(z: z, of: expected)) == .contradicted) == isContradicted)
    }

    /// The longer a recording, the more is expected of marks of which little is left: 0.52 a root of a second.
    @Test func whatIsLeftOfAMarkIsJudgedByTheSecond() {
        #expect(Self.judgement(Self.source(z: 3, of: 16.5, seconds: 1_000)) == .contradicted)
        #expect(Self.judgement(Self.source(z: 3, of: 16.4, seconds: 1_000)) == .open)
    }

    /// What shows less than 0.15 of 4.5 or more that are expected was copied, however weak the mark is for its length.
    @Test(arguments: [
        (0.67, 4.5, ContentEvidence.contradicted), (0.68, 4.5, .open), (-3, 4.49, .open), (2.2, 15, .contradicted),
        (2.3, 15, .open),
    ])
    func aLongCopyIsToldByWhatItLacks(z: Double, expected: Double, judgement: ContentEvidence) {
        #expect(Self.judgement(Self.source(z: z, of: expected, seconds: 1_800)) == judgement)
    }

    /// Beside other voices words are read wrong: as little says nothing before 7 are expected, and below a tenth.
    @Test(arguments: [
        (0.0, 6.99, Detection.Content.Evenness.unsure, ContentEvidence.open), (1.04, 7, .unsure, .contradicted),
        (1.06, 7, .unsure, .open), (0, 6.99, .uneven, .open), (0.69, 7, .uneven, .contradicted),
        (0.71, 7, .uneven, .open),
    ])
    func besideVoicesLittleIsNoCopy(
        z: Double, expected: Double, evenness: Detection.Content.Evenness, judgement: ContentEvidence
    ) {
        var source = Self.source(z: z, of: expected, seconds: 1_800)
        source.content?.evenness = evenness
        #expect(Self.judgement(source) == judgement)
    }

    /// However much is expected: a genuine mark beside voices showed a tenth.
    ///
    /// Where nobody can tell whether there are
    /// voices, what copies show: 1.65 in 95 of 100, and 0.15 of what is expected who leaves disagreeing cells alone.
    @Test(arguments: [
        (0.59, 6.0, Detection.Content.Evenness.uneven, ContentEvidence.contradicted), (0.61, 6, .uneven, .open),
        (1.99, 20, .uneven, .contradicted), (2.01, 20, .uneven, .open), (0.99, 6, .unsure, .contradicted),
        (1.01, 6, .unsure, .open), (1.64, 8, .unsure, .contradicted), (1.66, 8, .unsure, .open),
        (3.99, 20, .unsure, .contradicted), (4.01, 20, .unsure, .open),
    ])
    func aGenuineMarkBesideVoicesIsNoCopy(
        z: Double, expected: Double, evenness: Detection.Content.Evenness, judgement: ContentEvidence
    ) {
        var source = Self.source(z: z, of: expected)
        source.content?.evenness = evenness
        #expect(Self.judgement(source) == judgement)
    }

    /// Over half an hour so little is left of such a mark that its absence says nothing, and what a copy reaches by
    /// reading words, whatever bound it meets, confirms nothing: 0.75 of what is expected is needed.
    @Test func inALongRecordingACopyConfirmsNothing() {
        for (z, judgement) in [(6.31, ContentEvidence.open), (15.7, .open), (15.8, .confirmed)] {
            #expect(Self.judgement(Self.source(z: z, of: 21, log10: -9.5, seconds: 1_800)) == judgement, "\(z)")
        }
    }

    @Test func aCopiedMarkAccusesNobodyAndHidesNoRecorder() {
        var copy = Self.source(z: 0, of: 10)
        var recorder = Self.source(z: 0, of: 2)
        copy.level = .init(decibels: 6, leastDecibels: 5)
        recorder.candidate = 1
        recorder.level = .init(decibels: -9, leastDecibels: -10)
        // Fifteen decibels below the other and 0.3 s beside it, the recorder would pass for an echo.
        recorder.spans[0].meetingStart = 0.3
        #expect(CrossTalk.judgements([copy, recorder]) == [.detached, .recorded])
        var detection = Detection(
            sources: [copy], log10Presence: -20, pilotScore: 9, pilotLevel: 0,
            expectation: .init(z: 40, least: 20, most: 50),
            hypotheses: 1, candidates: 2)
        #expect(Verdict(detection, log10Threshold: -9) == .detached)
        detection.sources = [copy, recorder]
        #expect(Verdict(detection, log10Threshold: -9) == .identified)
    }

    @Test func stretchesAreToldOnlyWhereTheWholeIs() {
        func stretch(_ kind: Detection.ContentStretch.Kind, log: Double, z: Double = 0) -> Detection.ContentStretch {
            .init(recording: 0..<10, kind: kind, log: log, z: z)
        }
        for kind in [Detection.ContentStretch.Kind.copied, .unmarked] {
            #expect(ContentEvidence.confirmed.judgement(of: stretch(kind, log: 8)) == .contradicted)
            #expect(ContentEvidence.confirmed.judgement(of: stretch(kind, log: 7.9)) == .open)
            #expect(ContentEvidence.open.judgement(of: stretch(kind, log: 80)) == .open)
        }
        #expect(ContentEvidence.confirmed.judgement(of: stretch(.whole, log: 20, z: 3)) == .confirmed)
        #expect(ContentEvidence.confirmed.judgement(of: stretch(.whole, log: 20, z: 2.9)) == .open)
        #expect(ContentEvidence.contradicted.judgement(of: stretch(.whole, log: 20)) == .contradicted)
    }
}
