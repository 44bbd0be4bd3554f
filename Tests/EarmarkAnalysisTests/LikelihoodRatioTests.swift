import EarmarkAnalysis
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
}
