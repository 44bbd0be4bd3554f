import Foundation
import Testing

/// docs/statistics.md, section 10: ratios as far as validation data carry them, and nothing beyond.
@Suite struct ReportLikelihoodTests {
    /// A source with these states of tag and content; an empty one is not told.
    private func ada(_ microphone: String, _ content: String) -> [String: Any] {
        var source = SampleAnswer.ada
        if !microphone.isEmpty { source["microphone"] = ["state": microphone] }
        if !content.isEmpty {
            let told: [String: Any] = [
                "state": content, "log10Bound": -20, "z": 15, "expectedZ": 20, "stretches": [] as [Any],
            ]
            source["content"] = told
        }
        return source
    }

    private func items(_ sources: [[String: Any]]) throws -> [String] {
        var sample = SampleAnswer()
        sample.answer["sources"] = sources
        if sources.isEmpty { sample = SampleAnswer.ofNobody("inconclusive") }
        return try sample.page().items(in: "What is weighed, and what the limit means")
    }

    private func sentence(_ scores: [Double]) throws -> String {
        let sources = scores.map { z in SampleAnswer.ada.merging(["z": z]) { $1 } }
        return try items(sources).first { $0.contains("A likelihood ratio says") } ?? ""
    }

    private func otherWays(_ sources: [[String: Any]]) throws -> String? {
        try items(sources).first { $0.hasPrefix("Against an echo or a copied mark") }
    }

    @Test func theDataAreNamedWithTheirLargestRatio() throws {
        let text = try sentence([11])
        #expect(
            text.contains(
                "(148 comparisons of recordings with endpoints that they were made from, 157775 with endpoints "
                    + "whose mark they do not carry) carry ratios of up to 10^5."))
    }

    /// The largest is reached at z = 6.48: beyond it the proven limit speaks, below it a ratio.
    @Test func evidenceBeyondTheDataIsSaidToBeBeyond() throws {
        for scores in [[6.48], [30], [30, 6.48]] {
            let text = try sentence(scores)
            #expect(text.contains("The evidence here lies beyond: the ratio is at least that"), "\(scores)")
        }
        for scores in [[6.47], [30, 6.47], [6.47, 30]] {
            #expect(!(try sentence(scores)).contains("beyond"), "\(scores)")
        }
    }

    /// The steps of docs/measurements/2026-11-30-likelihood.md, rounded down.
    @Test func lesserEvidenceHasTheRatioOfItsStep() throws {
        for z in [0.1, 6.47] { #expect(try sentence([z]).hasSuffix("Here it is 10^−2."), "\(z)") }
    }

    @Test func noneIsStatedWhereNobodyIsIdentified() throws {
        let nobody = try items([]), trace = try items([SampleAnswer.ada.merging(["verdict": "trace", "z": 30]) { $1 }])
        for items in [nobody, trace] {
            let text = items.first { $0.contains("A likelihood ratio says") } ?? ""
            #expect(text.hasSuffix("None is stated where nobody is identified."))
            #expect(!items.contains { $0.hasPrefix("Against an echo or a copied mark") })
        }
    }

    /// A trace beside who is identified is accused of nothing, and its evidence weighs nothing.
    @Test func tracesAreNotWeighed() throws {
        let trace = SampleAnswer.ada.merging(["verdict": "trace", "z": 1]) { $1 }
        let text = try items([SampleAnswer.ada, trace]).first { $0.contains("A likelihood ratio says") } ?? ""
        #expect(text.contains("The evidence here lies beyond"))
    }

    /// Ratios against an echo and a copy rest on a tag that is absent and on content that is confirmed.
    ///
    /// Without these there is none, however strong the evidence. docs/measurements/2026-11-30-likelihood.md has them.
    @Test(arguments: [
        ("absent", "confirmed", "so it is here", "so it is here"),
        ("open", "confirmed", "none is stated here", "so it is here"),
        ("absent", "open", "so it is here", "none is stated here"),
        ("heard", "contradicted", "none is stated here", "none is stated here"),
        ("", "", "none is stated here", "none is stated here"),
    ])
    func otherWaysHaveRatiosOfTheirOwn(microphone: String, content: String, echo: String, copy: String) throws {
        let text = try otherWays([ada(microphone, content)])
        #expect(
            text == "Against an echo or a copied mark that ratio says nothing: they carry the mark, too. With 47 "
                + "endpoints of which the recording held an echo, validation data carry a ratio of up to 10^1, where "
                + "the tag of its microphone is absent: \(echo). With 30 endpoints whose mark was copied, up to "
                + "10^1, where the content is confirmed: \(copy).")
    }

    /// What is not known of one of those who are identified is not stated for all.
    @Test func oneThatIsOpenLeavesItOpen() throws {
        for open in [ada("open", "confirmed"), ada("absent", "open")] {
            let text = try otherWays([ada("absent", "confirmed"), open]) ?? ""
            #expect(text.components(separatedBy: "none is stated here").count == 2)
        }
    }
}
