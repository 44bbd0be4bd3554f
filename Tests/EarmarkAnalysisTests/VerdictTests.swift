import EarmarkAnalysis
import EarmarkAnswer
import Testing

@testable import EarmarkDetect

/// What a detection amounts to, at exactly and just past every limit.
@Suite struct VerdictTests {
    private static let threshold = -9.0

    @Test(arguments: [(0.0, Verdict.identified), (-13.4, .identified), ((-13.4).nextDown, .trace), (-40, .trace)])
    func aLoneSourceIsATraceBelowTheLevelOfEchoes(level: Double, verdict: Verdict) {
        #expect(Verdict(VerdictTests.detection([level]), log10Threshold: VerdictTests.threshold) == verdict)
    }

    @Test func oneWhoRecordedIsEnough() {
        for levels in [[0.0, -30], [-30, 0], [-30, 0, -30]] {
            let detection = VerdictTests.detection(levels)
            #expect(Verdict(detection, log10Threshold: VerdictTests.threshold) == .identified)
        }
    }

    @Test func echoesAloneAreATraceWhateverTheirNumber() {
        let detection = VerdictTests.detection([-20, -22, -24])
        #expect(Verdict(detection, log10Threshold: VerdictTests.threshold) == .trace)
        #expect(
            [CrossTalk.Judgement.recorded, .weakAlone, .weakBeside].map(Verdict.init) == [.identified, .trace, .trace])
    }

    /// statistics.md, 6: nobody but who recorded is identified, and what is copied is detached.
    @Test func onlyWhoRecordedIsIdentified() {
        let others: [CrossTalk.Judgement] = [
            .weakAlone, .weakBeside, .ownMicrophone, .otherMicrophone(0), .undecided(0),
        ]
        #expect(others.allSatisfy { Verdict($0) == .trace })
        #expect(Verdict(CrossTalk.Judgement.detached) == .detached)
    }

    @Test(arguments: [
        (0.0, Verdict.notFound), (-8.999, .notFound), (-9, .inconclusive), (-9.001, .inconclusive),
        (-80, .inconclusive),
    ])
    func withoutASourcePresenceDecides(presence: Double, verdict: Verdict) {
        let detection = VerdictTests.detection([], presence: presence)
        #expect(Verdict(detection, log10Threshold: VerdictTests.threshold) == verdict)
    }

    @Test func namesAreThoseOfTheInterface() {
        #expect(
            Verdict.allCases.map(\.rawValue)
                == ["identified", "trace", "detached", "inconclusive", "incomplete", "not-found"])
    }

    private static func detection(_ levels: [Double], presence: Double = -30) -> Detection {
        Detection(
            sources: levels.enumerated().map {
                .init(
                    candidate: $0, z: 20, log10FalseAccusation: -40, strength: 0,
                    level: .init(decibels: $1, leastDecibels: $1), pitch: 1, rate: 1, spans: [])
            }, log10Presence: presence, pilotScore: 10, pilotLevel: 0, expectation: .init(z: 30, least: 10, most: 40),
            hypotheses: 2,
            candidates: 10)
    }
}
