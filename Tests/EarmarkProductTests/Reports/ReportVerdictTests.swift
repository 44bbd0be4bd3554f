import Foundation
import Testing

/// docs/report.md, "What it says": the verdict in plain words, what is weighed, and what the limit means.
@Suite struct ReportVerdictTests {
    private func source(_ name: String, _ exponent: Double, _ other: [String: Any] = [:]) -> [String: Any] {
        SampleAnswer.ada.merging(["participant": name, "device": "\(name)'s", "log10FalseAccusation": exponent]) { $1 }
            .merging(other) { $1 }
    }

    private func page(_ sources: [[String: Any]]) throws -> ReportPage {
        var sample = SampleAnswer()
        sample.answer["sources"] = sources
        return try sample.page()
    }

    @Test func whoIsIdentifiedIsNamedInTheHeadline() throws {
        let page = try page([source("Ada", -30), source("Bela", -12), source("Cara", -20)])
        #expect(page.verdict[0] == "Endpoint identified")
        #expect(
            page.verdict[1]
                == "The recording carries the audio mark of the endpoint of Ada (Ada's), the endpoint of Bela "
                + "(Bela's) and the endpoint of Cara (Cara's), of the meeting “Quarter”.")
        #expect(page.html.contains("<div class=\"verdict identified\">"))
    }

    /// What is stated for all is the weakest bound, in the middle of the list here.
    @Test func theWeakestBoundIsStatedForAll() throws {
        let page = try page([source("Ada", -30), source("Bela", -12.5), source("Cara", -20)])
        #expect(page.verdict[2].contains("from chance in at most one in a trillion examinations"))
    }

    /// Nor does a mark that was copied from another recording.
    @Test(arguments: ["trace", "detached"]) func othersCountNeitherAsNamedNorForTheBound(verdict: String) throws {
        let sources = [source("Ada", -15.5), source("Quentin", -9.5, ["verdict": verdict])]
        for order in [sources, sources.reversed()] {
            let page = try page(order)
            #expect(page.verdict[1].contains("the audio mark of the endpoint of Ada (Ada's), of the"))
            #expect(!page.html.contains("Quentin"), "anywhere")
            #expect(page.verdict[2].contains("at most one in 10^15 examinations"))
        }
    }

    @Test(arguments: [
        (-3.0, "one in a thousand"), (-3.99, "one in a thousand"), (-4.0, "one in 10^4"), (-6.0, "one in a million"),
        (-5.99, "one in 10^5"), (-9.0, "one in a billion"), (-12.0, "one in a trillion"), (-13.0, "one in 10^13"),
        (-0.5, "no limit at all"), (-1.0, "one in 10^1"),
    ]) func boundsAreReadAsOdds(exponent: Double, words: String) throws {
        let text = try page([source("Ada", exponent)]).verdict[2]
        #expect(text.contains("comes from chance in at most \(words) examinations like this one"))
        // The method's own rate is another number.
        #expect(text.contains("its limit: at most one in a billion of its examinations names, as the endpoint"))
    }

    /// Stretches that contradict a confirmed recording are other audio: the reader learns it with the verdict.
    @Test func editsAreToldWithTheVerdict() throws {
        func text(_ state: String) throws -> String {
            let stretches = [["from": 0, "to": 60, "state": "confirmed"], ["from": 60, "to": 80, "state": state]]
            let content: [String: Any] = [
                "state": "confirmed", "log10Bound": -20, "z": 9, "expectedZ": 12, "stretches": stretches,
            ]
            return try page([source("Ada", -30, ["content": content])]).verdict[2]
        }
        let words =
            "In parts of the recording that endpoint’s mark is missing or does not fit: other audio, or cuts."
        #expect(try text("contradicted").contains(words))
        for state in ["confirmed", "open"] { #expect(try !text(state).contains(words), "\(state)") }
    }

    @Test func theInconclusiveNameNobodyAndClearNobody() throws {
        let page = try SampleAnswer.ofNobody("inconclusive").page()
        #expect(page.verdict[0] == "Inconclusive")
        #expect(
            page.verdict[1]
                == "The recording is of the meeting “Quarter”, but the evidence is not enough to name an endpoint.")
        #expect(page.verdict[2].contains("No accusation") && page.verdict[2].contains("clears nobody"))
        #expect(!page.titles.contains("The endpoint") && !page.titles.contains("Evidence along the recording"))
    }

    /// json-schema.md, `leastExpectedZ`: below `tested.mostRequiredZ` a mark could have been missed, and that is said
    /// first.
    @Test(arguments: [(8.02, 8.02, true), (8.01, 8.02, false), (7.7, nil, true), (7.6, nil, false)])
    func whatFollowsFromNothingFoundIsSaid(least: Double, most: Double?, isCapable: Bool) throws {
        var sample = SampleAnswer.ofNobody("not-found")
        sample["pilot"]["leastExpectedZ"] = least
        sample["tested"]["mostRequiredZ"] = most
        let page = try sample.page()
        #expect(page.verdict[0] == "Not found")
        let notFound = "The mark of the meeting “Quarter” was not found in the recording."
        #expect(page.verdict[1] == (isCapable ? "" : "A mark could have been missed here. ") + notFound)
        let range = String(format: "about 33.4 standard deviations (%.1f to 44.5 in nine of ten known", least)
        #expect(page.verdict[2].contains(range))
        #expect(page.verdict[2].contains("and \(most == nil ? "7.6" : "8.0") are needed."))
        #expect(page.verdict[2].contains("Nothing follows from its absence.") == !isCapable)
        #expect(page.verdict[2].contains("a full mark would have been expected to show") == isCapable)
    }

    /// Answers of earlier builds have no range: what is expected is all that they say.
    @Test(arguments: [(8.02, true), (8.01, false)]) func withoutARangeWhatIsExpectedDecides(
        expected: Double, isCapable: Bool
    ) throws {
        var sample = SampleAnswer.ofNobody("not-found")
        sample["pilot"] = sample["pilot"].filter { !["leastExpectedZ", "mostExpectedZ"].contains($0.key) }
        sample["pilot"]["expectedZ"] = expected
        let page = try sample.page()
        #expect(page.verdict[1].hasPrefix("A mark could have been missed here.") == !isCapable)
        #expect(page.verdict[2].contains("about 8.0 standard deviations (8.0 to 8.0 in nine of ten known"))
        #expect(page.verdict[2].contains("Nothing follows from its absence.") == !isCapable)
    }

    @Test func aSearchThatFoundNothingSaysHowManyMeetings() throws {
        var sample = SampleAnswer.ofNobody("not-found")
        sample.answer["meeting"] = nil
        sample.answer["search"] = ["meetings": 37, "withoutShares": 2, "withoutKey": 0]
        let page = try sample.page()
        #expect(page.verdict[1].hasPrefix("The marks of the 37 meetings that were searched were not found"))
        #expect(page.value("Compared with meeting", in: "The recording") == nil)
    }

    @Test func thePropositionsAreAboutTheNamedEndpoint() throws {
        let one = try page([source("Ada", -30)]).section("What is weighed, and what the limit means")
        let first = "The recording carries the mark of the endpoint “Ada's” of Ada."
        #expect(ReportPage.plain(one).contains(first))
        let two = try page([source("Ada", -30), source("Bela", -12)])
        #expect(two.text.contains("of Ada (and likewise for each source below)."))
        let nobody = try SampleAnswer.ofNobody("inconclusive").page()
        #expect(nobody.text.contains("carries the mark of an endpoint of this meeting."))
    }

    @Test func theLimitIsNotTheProbabilityOfInnocence() throws {
        let items = try SampleAnswer().page().items(in: "What is weighed, and what the limit means")
        #expect(items.contains { $0.contains("Neither is the probability that the named person is innocent") })
        let expected =
            "a lone mark in this audio is expected at about 33.4 standard deviations (12.3 to 44.5 in nine of ten known"
        #expect(items.contains { $0.contains(expected) })
        let nobody = try SampleAnswer.ofNobody("inconclusive").page()
        #expect(!nobody.text.contains("a lone mark in this audio is expected"))
    }
}
