import EarmarkDetect
import Foundation
import Testing

/// No ratio beyond what validation data carry.
@Suite struct LikelihoodRatioTests {
    @Test func moreEvidenceNeverLowersTheRatio() {
        let ratios = stride(from: -5.0, through: 100, by: 0.01).map { LikelihoodRatio.log10(z: $0).value }
        #expect(zip(ratios, ratios.dropFirst()).allSatisfy { $0 <= $1 })
        #expect((ratios.first ?? 0) < 0 && ratios.last == LikelihoodRatio.log10Largest)
    }

    @Test func theLargestIsWhatTheComparisonsCarry() {
        #expect(LikelihoodRatio.log10Largest <= log10(Double(LikelihoodRatio.differentSourceComparisons + 1)))
        #expect(LikelihoodRatio.log10(z: -.infinity).value >= -log10(Double(LikelihoodRatio.sameSourceComparisons + 1)))
    }

    @Test(arguments: [(4.92, true), (4.92.nextDown, false), (1e9, true), (0, false), (.nan, false)])
    func theLastStepSaysThatItIsTheLast(z: Double, isLargest: Bool) {
        #expect(LikelihoodRatio.log10(z: z).isLargest == isLargest)
    }

    /// docs/statistics.md, section 10: 156 and 107,844 comparisons, one misleading one more of either kind.
    @Test func theStepsAreThoseOfTheMeasurement() {
        // Nothing of the same source was that low but the one that is added.
        for z in [-10, 0, 4.05.nextDown] { #expect(abs(LikelihoodRatio.log10(z: z).value + log10(157)) < 0.02) }
        // None of different sources came out beyond 10^1.7, some above 1.
        for z in [4.05, 4.5, 4.92.nextDown] { #expect((1...1.7).contains(LikelihoodRatio.log10(z: z).value)) }
        // The largest ratio that these data carry is 10^5.0, from z = 4.92 on.
        for z in [4.92, 8, 100] { #expect(abs(LikelihoodRatio.log10(z: z).value - 5.0) < 0.05) }
    }
}
