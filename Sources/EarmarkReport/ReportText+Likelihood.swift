import EarmarkAnswer
import EarmarkDetect

extension ReportText {
    /// The likelihood ratio of the weakest who is identified, as far as validation data carry one.
    var likelihood: String {
        let meaning =
            "A <em>likelihood ratio</em> says how much better the first proposition explains the evidence than the "
            + "second. Validation data (\(LikelihoodRatio.sameSourceComparisons) comparisons of recordings with "
            + "endpoints that they were made from, \(LikelihoodRatio.unmarkedComparisons) with endpoints whose mark "
            + "they do not carry) carry ratios of up to \(power(LikelihoodRatio.log10Largest)). "
        guard let z = document.identified.map(\.z).min() else {
            return meaning + "None is stated where nobody is identified."
        }
        let ratio = LikelihoodRatio.log10(z: z)
        return meaning
            + (ratio.isLargest
                ? "The evidence here lies beyond: the ratio is at least that, no greater one is stated, and the "
                    + "proven limit stands in its place."
                : "Here it is \(power(ratio.value)).")
    }

    /// What validation data carry against ways in which a mark comes into a recording without chance.
    ///
    /// The comparisons that it rests on are few, and only a tag or content that could have spoken otherwise counts.
    var otherWays: String? {
        let sources = document.identified
        guard !sources.isEmpty else { return nil }
        let echoes = LikelihoodRatio.echoes
        let copies = LikelihoodRatio.copies
        return "Against an echo or a copied mark that ratio says nothing: they carry the mark, too. With "
            + "\(echoes.comparisons) endpoints of which the recording held an echo, validation data carry a ratio of "
            + "up to \(power(echoes.log10)), where the tag of its microphone is absent: "
            + Self.stated(sources.allSatisfy { $0.microphone?.state == .absent }) + ". With \(copies.comparisons) "
            + "endpoints whose mark was copied, up to \(power(copies.log10)), where the content is confirmed: "
            + Self.stated(sources.allSatisfy { $0.content?.state == .confirmed }) + "."
    }

    private static func stated(_ isStated: Bool) -> String { isStated ? "so it is here" : "none is stated here" }

    /// Rounded down: what is stated is never more than the data carry.
    private func power(_ log10: Double) -> String { HTML.power(log10.rounded(.down)) }
}
