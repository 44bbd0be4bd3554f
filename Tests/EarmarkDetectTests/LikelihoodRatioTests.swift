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
        #expect(LikelihoodRatio.log10Largest <= log10(Double(LikelihoodRatio.unmarkedComparisons + 1)))
        #expect(LikelihoodRatio.log10(z: -.infinity).value >= -log10(Double(LikelihoodRatio.sameSourceComparisons + 1)))
        for other in [LikelihoodRatio.echoes, LikelihoodRatio.copies] {
            #expect(other.log10 <= log10(Double(other.comparisons + 1)))
        }
    }

    @Test(arguments: [(6.48, true), (6.48.nextDown, false), (1e9, true), (0, false), (.nan, false)])
    func theLastStepSaysThatItIsTheLast(z: Double, isLargest: Bool) {
        #expect(LikelihoodRatio.log10(z: z).isLargest == isLargest)
    }

    /// docs/measurements/2026-11-30-likelihood.md: 148 and 157,775 comparisons, one misleading one more of either kind.
    @Test func theStepsAreThoseOfTheMeasurement() {
        // Of 148 of the same source 2 lie below 6.48, or are no evidence; one is added.
        for z in [-10, 0, 6.48.nextDown] {
            #expect(abs(LikelihoodRatio.log10(z: z).value - log10(3.0 / 148)) < 0.02)
        }
        // All others are above it, and of those without the mark only the one that is added.
        for z in [6.48, 8, 100] {
            #expect(abs(LikelihoodRatio.log10(z: z).value - log10(146.0 / 148 * 157775)) < 0.02)
        }
    }

    /// Of the 148 in that file 58 have an absent tag and no echo has, 83 have confirmed content and no copy has.
    ///
    /// One that misleads is added.
    @Test func otherWaysCarryWhatTheirComparisonsCarry() {
        let echoes = LikelihoodRatio.echoes
        #expect(echoes.comparisons == 47 && abs(echoes.log10 - log10(58.0 / 149 * 48)) < 0.02)
        let copies = LikelihoodRatio.copies
        #expect(copies.comparisons == 30 && abs(copies.log10 - log10(83.0 / 149 * 31)) < 0.02)
    }
}
