import EarmarkAnswer
import EarmarkFiles

extension Answer.Microphone {
    /// What the tags say, for people; `own` is the client whose mark it is about, `isNamed` whether people are named.
    func text(of own: ClientID, isNamed: Bool) -> String {
        switch state {
        case .heard:
            return client == own
                ? "heard: the tag beside the mark is of this endpoint's own microphone"
                : "heard: the tag beside the mark is of "
                    + (isNamed
                        ? "the microphone of \(participant ?? client?.text ?? "-")" : "another endpoint's microphone")
        case .absent:
            let stated =
                isOnlyStated == true
                ? "; that this endpoint tags its microphone is only stated, no analysis of this meeting had heard its "
                    + "tag before this file was first looked at"
                : ""
            return "absent: it would stand beside an echo of this endpoint, and does not" + stated + (heardText ?? "")
        case .open: return "open: no tag could tell a recording from an echo here"
        }
    }
}

extension Answer.Microphone {
    /// Where it was heard that the endpoint tags, and what that leaves open; nil if it was not.
    var heardText: String? {
        guard state == .absent, isOnlyStated == false else { return nil }
        return "; its tag was heard in \(heardIn.map { "analysis \($0)" } ?? "an earlier analysis"), whether in a "
            + "recording that was made for the purpose is not told"
    }
}

extension Answer.Talker {
    /// What a tag says, and what it does not.
    static let meaning =
        "A tag says through whose microphone sound came: the owner's voice, that of somebody beside him, or of a "
        + "loudspeaker there. It can be copied, as a mark can."
    /// Why nobody is listed.
    static let copiedText = "Who talked is not said: tags are copied with the mark."
}

extension HTMLReport {
    /// Who talked when, if that was asked for.
    var talkers: String {
        guard let talkers = answer.talkers else { return "" }
        if answer.verdict == .detached {
            return HTML.section("Who talked", HTML.paragraph(HTML.escape(Answer.Talker.copiedText)))
        }
        let more = talkers.reduce(0) { $0 + max(0, $1.heard.count - HTMLReport.spanLimit) }
        let rows = talkers.flatMap { talker in
            talker.heard.prefix(HTMLReport.spanLimit).map { span in
                [
                    "\(HTML.escape(talker.participant)) &lt;\(HTML.escape(talker.email))&gt;",
                    HTML.escape(talker.device), "\(HTML.clock(span.from)) &ndash; \(HTML.clock(span.to))",
                    HTML.power(talker.log10Chance),
                ]
            }
        }
        return HTML.section(
            "Who talked",
            HTML.paragraph(
                "By the tags that clients put into what their microphones send. They do not say who recorded; the "
                    + "last column is the proven limit of such evidence by chance. "
                    + HTML.escape(Answer.Talker.meaning)),
            HTML.table(["Participant", "Device", "In the recording", "Limit"], rows), HTMLReport.further(more))
    }
}
