import EarmarkAnswer

extension HTMLReport {
    var weighing: String {
        let (first, second) = words.propositions
        return HTML.section(
            "What is weighed, and what the limit means",
            """
            <div class="propositions">
            <div><p class="label">Proposition 1</p><p>\(first)</p></div>
            <div><p class="label">Proposition 2</p><p>\(second)</p></div>
            </div>
            <ul>
            \(words.meaning.map { "<li>\($0)</li>" }.joined(separator: "\n"))
            </ul>
            """)
    }

    var candidates: String {
        var parts: [String] = []
        if let evidence = document.evidence, !evidence.scores.isEmpty {
            let named = zip(evidence.sourcePlaces, answer.sources).map { (place: $0, name: $1.participant) }
            let scored = evidence.scores.contains { $0 != nil }
            let plot = CandidatePlot(
                scores: evidence.scores, named: named, required: (answer.tested.requiredZ, answer.tested.sufficientZ))
            parts.append(
                scored
                    ? """
                    <figure>
                    \(plot.svg)
                    <figcaption>Evidence in standard deviations for each of the \(evidence.scores.count) endpoints \
                    that could be \
                    named, in the order of their enrolment, each on the alignment that suits it best. Chance keeps \
                    innocent \
                    ones within a few standard deviations of zero.</figcaption>
                    </figure>
                    """
                    : HTML.paragraph(
                        "No stretch of the recording could be aligned with the meeting, so no endpoint was scored."))
        } else if document.evidence == nil {
            parts.append(
                HTML.paragraph("The version that examined this recording did not keep the evidence for each candidate.")
            )
        }
        if !answer.candidates.isEmpty {
            parts.append("<h3>The best of those who are not named</h3>")
            parts.append(HTML.paragraph("Somebody always comes first by chance; these endpoints are not accused."))
            let rows = answer.candidates.map { candidate in
                [
                    HTML.escape(candidate.participant), HTML.escape(candidate.device), HTML.number(candidate.z, 2),
                    candidate.log10FalseAccusation < 0 ? HTML.power(candidate.log10FalseAccusation) : "none",
                ]
            }
            parts.append(HTML.table(["Participant", "Device", "Evidence", "Limit"], rows))
        }
        return HTML.section("Evidence for each candidate", parts.joined(separator: "\n"))
    }

    var along: String {
        guard let evidence = document.evidence, !answer.sources.isEmpty else { return "" }
        let figures = zip(answer.sources, evidence.sourceSteps).map { source, steps in
            let plot = TimePlot(
                seconds: answer.file.seconds, steps: steps, heard: source.heard.map { $0.from...max($0.from, $0.to) })
            let who = "<h3>\(HTML.escape(source.participant)), \(HTML.escape(source.device))</h3>"
            return """
                <figure>
                \(answer.sources.count > 1 ? who : "")
                \(plot.svg)
                <figcaption>Evidence along the recording, in standard deviations for each column. The shaded stretches \
                are \
                those in the table of the endpoint.</figcaption>
                </figure>
                """
        }
        return HTML.section("Evidence along the recording", figures.joined(separator: "\n"))
    }
}
