import EarmarkAnalysis
import Testing

@testable import EarmarkDetect

/// What a detection amounts to, at exactly and just past every limit.
@Suite struct VerdictTests {
    private static let threshold = -9.0

    @Test(arguments: [
        (0.0, Verdict.identified), (-11.99, .identified), (-12, .identified), ((-12.0).nextDown, .trace),
        (-12.01, .trace), (-40, .trace), (20, .identified),
    ])
    func aLoneSourceIsATraceBelowTheFloor(strength: Double, verdict: Verdict) {
        let detection = VerdictTests.detection([strength])
        #expect(Verdict.of(detection, log10Threshold: VerdictTests.threshold) == verdict)
        #expect(Verdict.of(detection.sources[0], among: 1) == verdict)
    }

    @Test func weakSourcesAmongSeveralAreNoTraces() {
        let detection = VerdictTests.detection([-20, -30])
        #expect(Verdict.of(detection, log10Threshold: VerdictTests.threshold) == .identified)
        #expect(detection.sources.allSatisfy { Verdict.of($0, among: 2) == .identified })
    }

    @Test(arguments: [
        (0.0, Verdict.notFound), (-8.999, .notFound), (-9, .inconclusive), (-9.001, .inconclusive),
        (-80, .inconclusive),
    ])
    func withoutASourcePresenceDecides(presence: Double, verdict: Verdict) {
        let detection = VerdictTests.detection([], presence: presence)
        #expect(Verdict.of(detection, log10Threshold: VerdictTests.threshold) == verdict)
    }

    @Test func namesAreThoseOfTheInterface() {
        #expect(Verdict.allCases.map(\.rawValue) == ["identified", "trace", "inconclusive", "not-found"])
    }

    private static func detection(_ strengths: [Double], presence: Double = -30) -> Detection {
        Detection(
            sources: strengths.enumerated().map {
                .init(candidate: $0, z: 20, log10FalseAccusation: -40, strength: $1, pitch: 1, rate: 1, spans: [])
            }, runnersUp: [], log10Presence: presence, pilotScore: 10, pilotLevel: 0, expectedZ: 30, hypotheses: 2,
            candidates: 10)
    }
}
