import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Two ways to the same correlation.
@Suite struct ImpulseCorrelatorTests {
    @Test(arguments: [0, 255, 256, 1_100])
    func agreesWithTheCorrelationByTransforms(frames: Int) {
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        let features = SyntheticFeatures(deviation: 0.5).noise(frames: frames)
        var byTransforms = PilotCorrelator(plan: plan, transforms: FFTWProvider())
        var byImpulses = ImpulseCorrelator(plan: plan)
        let expected = byTransforms.correlate(features)
        let rows = byImpulses.correlate(features)
        #expect(rows.count == expected.count && rows.count == frames / 256 * 1_024)
        // 448 cells that lose up to half a step of the unit each: 0.3 on average, 0.3 x sqrt(448) = 6 in a sum.
        #expect(zip(rows, expected).allSatisfy { abs(Int($0) - Int($1)) < 40 })
    }

    @Test func theLargestSumsFit() throws {
        // Every pilot cell as large as it can be, at offset 0.
        let features = SyntheticFeatures(meeting: 1, deviation: 0).matrix([
            .init(frames: 256, start: 0, clients: [], level: 9)
        ])
        var correlator = ImpulseCorrelator(plan: CellPlan(pilotSeed: TestKeys.shared().pilot))
        let row = correlator.correlate(features)
        let highest = try #require(row.max())
        #expect(highest > 15_000 && row.firstIndex(of: highest).map { [0, 1, 1_023].contains($0) } == true)
    }
}
