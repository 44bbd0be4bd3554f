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
            """
                + words.weighed.map(ways).joined())
    }

    /// How the mark of a source can have come about.
    private func ways(_ source: Answer.Source) -> String {
        let whose = words.weighed.count > 1 ? " (\(HTML.escape(words.name(of: source))))" : ""
        return "<h3>Other ways, and what speaks for and against them\(whose)</h3>"
            + HTML.table(["How it can have come about", "For", "Against"], words.alternatives(source))
    }

    /// How far from chance the evidence is, shown by decoys: of clients who are not named nothing is told.
    var chance: String {
        guard !answer.sources.isEmpty else { return "" }
        guard let decoys = document.evidence?.decoys else {
            return HTML.section(
                "How far from chance",
                HTML.paragraph("The version that examined this recording drew no decoys to compare with."))
        }
        let total = decoys.total
        let plot = DecoyPlot(
            decoys: decoys, named: answer.sources.map { ($0.z, words.name(of: $0)) },
            required: (answer.tested.requiredZ, answer.tested.sufficientZ))
        return HTML.section(
            "How far from chance",
            """
            <figure>
            \(plot.svg)
            <figcaption>\(total) decoys, made-up endpoints whose signs were drawn for this recording and are \
            nobody&rsquo;s, on the stretches (131 s of them at most) that first showed a mark. The best decoy reaches \
            \(HTML.number(decoys.highest, 1)) standard deviations. Of endpoints without a mark in the recording \
            nothing is told, here or elsewhere: their evidence is chance, and whoever saw it could choose the next \
            recording by it.\
            </figcaption>
            </figure>
            """)
    }

    var along: String {
        guard let evidence = document.evidence, !answer.sources.isEmpty else { return "" }
        let figures = zip(answer.sources, evidence.sourceSteps).map { source, steps in
            let plot = TimePlot(
                seconds: answer.file.seconds, steps: steps, heard: source.heard.map { $0.from...max($0.from, $0.to) })
            let who = words.isNamed(source) ? "\(source.participant), \(source.device)" : words.name(of: source)
            let title = "<h3>\(HTML.escape(who))</h3>"
            return """
                <figure>
                \(answer.sources.count > 1 ? title : "")
                \(plot.svg)
                <figcaption>Evidence along the recording, in standard deviations for each column. The shaded stretches \
                are \
                those in the table of the endpoint.\(answer.isTriage ? " Most of the recording was not read." : "")\
                </figcaption>
                </figure>
                """
        }
        return HTML.section("Evidence along the recording", figures.joined(separator: "\n"))
    }

    var parameters: String {
        let build = document.evidence?.build
        let settings = document.evidence?.parameters
        return HTML.section(
            "Tool and parameters",
            HTML.list([
                ("Made by", answer.bundle.map { "a worker with the sealed bundle <code>\(HTML.escape($0))</code>" }),
                ("Program", "earmark \(HTML.escape(answer.toolVersion))"),
                ("Executable SHA-256", build?.executableSHA256.map { "<code>\(HTML.escape($0))</code>" }),
                ("System", build.map { "\(HTML.escape($0.system)), \(HTML.escape($0.architecture))" }),
                (
                    "Shortest recording",
                    settings.map { $0.allowShort ? "any" : "more than \(HTML.number($0.minimumSeconds, 0)) s" }
                ),
                ("Largest file", settings.map { "\($0.maximumBytes) bytes" }),
                ("Signed for key, SHA-256", signingKey.map { "<code>\(HTML.escape($0))</code>" }),
            ]))
    }
}
