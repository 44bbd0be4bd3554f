import Foundation
import Testing

/// docs/statistics.md, section 10: ratios as far as validation data carry them, and nothing beyond.
@Suite struct ReportLikelihoodTests {
    /// Comparisons of the validation, with one misleading comparison more of either kind than was seen.
    private static let same = 156.0 + 1
    private static let different = 107_844.0 + 1

    private func sentence(_ scores: [Double]) throws -> String {
        var sample = SampleAnswer()
        sample.answer["sources"] = scores.map { SampleAnswer.ada.merging(["z": $0]) { $1 } }
        if scores.isEmpty { sample = SampleAnswer.ofNobody("inconclusive") }
        let items = try sample.page().items(in: "What is weighed, and what the limit means")
        return items.first { $0.contains("A likelihood ratio says") } ?? ""
    }

    @Test func theDataAreNamedWithTheirLargestRatio() throws {
        let text = try sentence([11])
        #expect(
            text.contains("(156 comparisons of recordings with endpoints whose mark they carry, 107844 with others)"))
        // All but the misleading one on one side, only the misleading one on the other.
        let largest = Int(log10((Self.same - 2) / Self.same * Self.different).rounded(.down))
        #expect(largest == 5 && text.contains("carry ratios of up to 10^5."))
    }

    /// The largest is reached at z = 4.92: beyond it the proven limit speaks, below it a ratio.
    @Test func evidenceBeyondTheDataIsSaidToBeBeyond() throws {
        for scores in [[4.92], [30], [30, 4.92]] {
            let text = try sentence(scores)
            #expect(text.contains("The evidence here lies beyond: the ratio is at least that"), "\(scores)")
        }
        for scores in [[4.91], [30, 4.91], [4.91, 30]] {
            #expect(!(try sentence(scores)).contains("beyond"), "\(scores)")
        }
    }

    /// 18 of different sources came out above 1, one of the same source below: the misleading one of the same source is
    /// all that lies in the middle step with them.
    @Test func lesserEvidenceHasTheRatioOfItsStep() throws {
        let middle = Int(log10(1 / Self.same / ((18 + 1) / Self.different)).rounded(.down))
        #expect(middle == 1)
        for z in [4.05, 4.5, 4.91] { #expect(try sentence([z]).hasSuffix("Here it is 10^\(middle)."), "\(z)") }
        let least = Int(log10(1 / Self.same).rounded(.down))
        for z in [4.04, 0.1] { #expect(try sentence([z]).hasSuffix("Here it is 10^−\(-least)."), "\(z)") }
    }

    @Test func noneIsStatedWhereNobodyIsNamed() throws {
        #expect(try sentence([]).hasSuffix("None is stated where nobody is named."))
    }
}
