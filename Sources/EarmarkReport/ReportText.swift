import EarmarkAnswer
import EarmarkDetect

/// What a report says in words.
struct ReportText {
    let document: StoredAnswer
    /// Whether endpoints are named whose mark is a trace only.
    let namesTraces: Bool
    /// How points in time are shown.
    let times: ReportTimes
    private var answer: Answer { document.answer }

    /// What a source is called where its name would be: only who is identified has one, unless others were asked for.
    func name(of source: Answer.Source) -> String {
        isNamed(source) ? source.participant : "a \(source.verdict == .detached ? "detached mark" : "trace"), not named"
    }

    /// Whether the report names a source.
    func isNamed(_ source: Answer.Source) -> Bool { source.verdict == .identified || namesTraces }

    /// The verdict with what restricts it, as a label.
    var label: String { condition.label(verdict) }

    /// What restricts the answer, as the records are by now.
    var condition: AnswerCondition { answer.condition.union(contradictions.isEmpty ? [] : .disputed) }

    /// What the records have against it, and what of them was changed since; nil if there is nothing.
    var disputed: String? {
        let differences = (document.history?.differences ?? []).map { times.html(within: $0) }
        let parts = [
            sentences(contradictions).map { "The store&rsquo;s records disagree: \($0)." },
            differences.isEmpty ? nil : "Changed after this analysis: \(differences.joined(separator: "; ")).",
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private var verdict: String {
        switch answer.verdict {
        case .identified: "Endpoint identified"
        case .trace: "Trace only: nobody is named"
        case .detached: "Detached mark: nobody is named"
        case .inconclusive: "Inconclusive"
        case .incomplete: "Not found in what could be examined"
        case .notFound: "Not found"
        }
    }

    /// The answer in a sentence.
    var headline: String {
        guard let title = answer.meeting?.title else {
            return missed + (isIncomplete ? "Not all of the recording was examined. " : "")
                + "The marks of the \(answer.search?.meetings ?? 0) meetings that were searched were not found in the "
                + "recording."
        }
        let meeting = "&ldquo;\(HTML.escape(title))&rdquo;"
        switch answer.verdict {
        case .identified:
            let names = document.identified.map {
                "the endpoint of <strong>\(HTML.escape($0.participant))</strong> (\(HTML.escape($0.device)))"
            }
            return
                "The recording carries the audio mark of \(HTML.joined(names)), of the meeting \(meeting)."
        case .trace:
            let isTagged = answer.sources.allSatisfy { $0.microphone?.state == .heard }
            return "The recording carries a mark of the meeting \(meeting) that "
                + (isTagged
                    ? "came into it through an open microphone, by the tag beside it, or was given that tag by whoever "
                        + "holds the ticket. "
                    : "may have reached it through an open microphone; why is said below. ")
                + "It does not show who recorded."
        case .detached:
            return "The recording carries a mark of the meeting \(meeting) that does not fit this audio: it was copied "
                + "from another recording, or louder audio lies over it. It does not show who recorded."
        case .inconclusive:
            return "The recording is of the meeting \(meeting), but the evidence is not enough to name an endpoint."
                + notJudged
        case .incomplete:
            return missed
                + "Not all of the recording was examined. In what was, the mark of the meeting \(meeting) was not "
                + "found."
        case .notFound: return missed + "The mark of the meeting \(meeting) was not found in the recording."
        }
    }

    /// What follows the headline.
    var explanation: String {
        switch answer.verdict {
        case .identified:
            let bound = document.identified.map(\.log10FalseAccusation).max() ?? 0
            return "Evidence this strong comes from chance in at most \(HTML.odds(bound)) examinations like this one, "
                + "all that was searched counted. The method names whoever it is stronger than its limit: at most "
                + "\(HTML.odds(answer.tested.log10Threshold)) of its examinations names, as the endpoint whose mark it "
                + "is, one that had no part in the recording. Both are proven, if the keys were secret.\(tagRemark) "
                + "What is named is an endpoint, not the person who held the "
                + "recorder; other ways in which its mark can have come into the recording are weighed below."
                + echoRemark + copyRemark(document.identified) + editRemark
        case .incomplete:
            return "What was not examined may carry the mark; see the remarks on the recording below. " + couldItShow
        case .notFound: return couldItShow
        case .trace: return "No accusation can rest on this report." + copyRemark(answer.sources)
        case .detached: return "No accusation can rest on this report."
        case .inconclusive:
            return "No accusation can rest on this report. That nobody reaches the limit clears nobody either."
        }
    }

    /// That a copied mark is not excluded, where content cells leave that open.
    private func copyRemark(_ sources: [Answer.Source]) -> String {
        guard sources.contains(where: { $0.content?.state == .open }) else { return "" }
        return " Whether the mark was put on this audio cannot be told: that it was copied from another recording is "
            + "not excluded."
    }

    /// That names by tags come on top, where there are some.
    private var tagRemark: String {
        let isHeard = answer.sources.contains { $0.microphone?.state == .heard }
        guard isHeard || answer.talkers?.isEmpty == false else { return "" }
        return " Microphones and talkers that tags name are apart from that: each of both may be wrong as often again."
    }

    /// That an echo is not excluded, where no tag could have told one.
    private var echoRemark: String {
        guard document.identified.contains(where: { ($0.microphone?.state ?? .open) == .open }) else { return "" }
        return
            " No microphone tag could tell this recording from an echo through somebody else&rsquo;s open microphone."
    }

    /// That stretches are not what was played, where content cells deny them.
    private var editRemark: String {
        guard document.identified.contains(where: { $0.content?.contradicted.isEmpty == false }) else { return "" }
        return " In parts of the recording that endpoint&rsquo;s mark is missing or does not fit: other audio, or cuts."
    }

    /// Who could not be judged beside a reference.
    private var notJudged: String {
        answer.reference?.excludedText.map { " Not judged: \(HTML.escape($0))." } ?? ""
    }

    private var isIncomplete: Bool { answer.verdict == .incomplete }

    /// Whether a mark would have shown.
    private var couldItShow: String {
        let needed = HTML.number(answer.tested.sufficientZ, 1)
        return canHaveMissed
            ? "In this audio a full mark would have reached \(expectation), and \(needed) are needed. Nothing follows "
                + "from its absence."
            : "In this audio a full mark would have been expected to show: it would have reached "
                + "\(expectation), and \(needed) are needed. Unmarked endpoints, another meeting, a mark that the "
                + "holder of its ticket took off, or processing that takes more than what is known remain possible."
    }

    /// What a full mark would have reached.
    private var expectation: String {
        let pilot = answer.pilot
        return "about \(HTML.number(pilot.expectedZ, 1)) standard deviations "
            + "(\(HTML.number(pilot.leastExpectedZ, 1)) to \(HTML.number(pilot.mostExpectedZ, 1)) in nine of ten known "
            + "recordings like it)"
    }

    /// Whether the range of what a mark would have reached begins below what is needed.
    private var canHaveMissed: Bool { answer.pilot.leastExpectedZ < answer.tested.sufficientZ }

    /// What an answer without a mark begins with if one could have been missed.
    private var missed: String { canHaveMissed ? "A mark could have been missed here. " : "" }

    /// The two propositions that the evidence is weighed between.
    var propositions: (first: String, second: String) {
        guard let source = answer.sources.first else {
            return (
                "The recording carries the mark of an endpoint of \(searched).",
                "The recording carries no such mark: it is of something else, or was made from an unmarked source."
            )
        }
        let others = answer.sources.count > 1 ? " (and likewise for each source below)" : ""
        let endpoint =
            isNamed(source)
            ? "the endpoint &ldquo;\(HTML.escape(source.device))&rdquo; of \(HTML.escape(source.participant))"
            : "one endpoint of this meeting, which is not named here"
        return (
            "The recording carries the mark of \(endpoint)\(others).",
            "The recording does not carry that endpoint&rsquo;s mark. It was made from another endpoint, from an "
                + "unmarked source, or is of something else; the agreement with the endpoint&rsquo;s secret signs is "
                + "chance."
        )
    }

    /// The meeting, or those that were searched.
    private var searched: String {
        guard answer.meeting == nil, let search = answer.search else { return "this meeting" }
        return search.meetings == 1 ? "the meeting that was searched" : "one of the \(search.meetings) meetings"
    }

    /// What the bound is, and is not.
    var meaning: [String] {
        var items = [
            "Each endpoint marks what it plays with its own secret sequence of signs, as if by tossing fair coins. The "
                + "signs of an endpoint that had no part in a recording agree with it by chance alone. The "
                + "<em>evidence</em> is that agreement, in "
                + "standard deviations of chance.",
            "How strong evidence is, is told as the proven greatest chance that an examination like this one shows "
                + "such evidence for anybody whose endpoint had no part in the recording.",
            "The <em>limit</em> is what that chance must not exceed where somebody is named, so it is the "
                + "method&rsquo;s rate of wrong names. It holds whatever the audio and whatever was done to it, as "
                + "long as the keys were secret.",
            "Neither is the probability that the named person is innocent. How probable that "
                + "is depends also "
                + "on everything else that is known, which this examination does not weigh.",
            likelihood,
        ]
        if let otherWays { items.append(otherWays) }
        switch answer.verdict {
        case .identified, .trace, .detached:
            items.append(
                "If the first proposition holds, a lone mark in this audio is expected at \(expectation).")
        case .inconclusive, .incomplete, .notFound: break
        }
        return items
    }

    /// What no examination of this kind shows.
    var limits: [String] {
        answer.statements.map(HTML.escape) + [
            "An endpoint is a session of a device in one meeting. Whoever was near its loudspeaker, or had access to "
                + "what it "
                + "played, can have made the recording.",
            "Whoever holds the meeting&rsquo;s keys can make any endpoint&rsquo;s mark. That they were kept is a "
                + "matter of the "
                + "organisation&rsquo;s records, not of this examination.",
        ]
    }
}

extension HTML {
    /// `a`, `a and b`, `a, b and c`.
    static func joined(_ parts: [String]) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        return parts.dropLast().joined(separator: ", ") + " and " + last
    }
}
