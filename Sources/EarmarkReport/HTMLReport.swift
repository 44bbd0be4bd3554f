import Crypto
public import EarmarkAnswer
import EarmarkFiles
public import Foundation

/// Writes a report as one HTML file that needs nothing else.
public struct HTMLReport: Sendable {
    let document: StoredAnswer
    let words: ReportText
    var answer: Answer { document.answer }
    var times: ReportTimes { words.times }
    /// SHA-256 of the public key that the report is signed for.
    let signingKey: String?

    /// A report on a stored answer; `text` makes it.
    ///
    /// `namesTraces`: whether endpoints are named whose mark is a trace only, beside why that is no accusation. `zone`:
    /// the reader's, whose times stand beside those in UTC; nil shows UTC alone. `signingKey`: SHA-256 of the public
    /// key that the report will be signed for (DER, SubjectPublicKeyInfo), 64 hexadecimal digits; nil for none.
    public init(
        _ document: StoredAnswer, namesTraces: Bool = false, zone: TimeZone? = nil, signingKey: String? = nil
    ) {
        self.document = document
        self.signingKey = signingKey
        words = ReportText(document: document, namesTraces: namesTraces, times: ReportTimes(zone: zone))
    }

    /// The page.
    public var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <meta name="generator" content="earmark \(HTML.escape(answer.toolVersion))">
        <title>Earmark report \(HTML.escape(document.id.text))</title>
        <style>\(style)</style>
        </head>
        <body>
        \(banner)
        <main>
        \(sections.joined(separator: "\n"))
        </main>
        \(footer)
        </body>
        </html>

        """
    }

    /// The one style sheet, with the report's identifier for the foot of every page.
    private var style: String { "\n\(ReportStyle.css(footer: document.id.text))\n" }

    /// What a browser may do with the page: show it, with this style sheet.
    ///
    /// Nothing is loaded, run, sent or followed.
    private var policy: String {
        let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        return "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'; "
            + "navigate-to 'none'"
    }

    private var sections: [String] {
        [head, verdict] + answer.sources.enumerated().map(source)
            + [
                talkers, weighing, chance, along, search, history, changes, laterChanges, unmarked, file, limits,
                record,
                parameters,
            ].filter { !$0.isEmpty }
    }

    private var banner: String {
        let organisation = HTML.escape(document.evidence?.organisation ?? "Earmark")
        return "<header><span>\(organisation)</span><span>Confidential</span></header>"
    }

    private var head: String {
        """
        <h1>Examination of a recording</h1>
        <p class="subtitle">Report \(HTML.escape(document.id.text)), examined \(examined)</p>
        """
    }

    /// When it was examined; what a worker did is stored later.
    private var examined: String {
        guard let date = document.evidence?.workerDate else { return times.html(document.date) }
        return "\(times.html(date)) by the clock of the worker, taken into the store \(times.html(document.date))"
    }

    private var verdict: String {
        """
        <div class="verdict \(HTMLReport.style(answer.verdict))">
        <p class="label">\(words.label)</p>
        \(leftOpen)<p class="answer">\(words.headline)</p>
        \(disputed)<p>\(words.explanation)</p>
        \(worker)</div>
        """
    }

    /// How little was read, before the answer, which is of that alone.
    private var leftOpen: String {
        answer.leftOpen.map { HTML.paragraph("<strong>\(HTML.escape($0))</strong>") + "\n" } ?? ""
    }

    /// What the store's records have against it, right behind the names.
    private var disputed: String {
        words.disputed.map { HTML.paragraph("<strong>\($0)</strong>") + "\n" } ?? ""
    }

    /// That the answer came from elsewhere, beside the answer.
    private var worker: String {
        let text = answer.workerText(revoked: document.bundleRevoked)
        return text.map { HTML.paragraph("<strong>\(HTML.escape($0))</strong>") + "\n" } ?? ""
    }

    /// The style of a verdict.
    private static func style(_ verdict: Verdict) -> String {
        verdict == .incomplete ? Verdict.notFound.rawValue : verdict.rawValue
    }

    private func source(_ index: Int, _ source: Answer.Source) -> String {
        let title = answer.sources.count > 1 ? "Source \(index + 1)" : "The endpoint"
        let isNamed = words.isNamed(source)
        let list = HTML.list(
            who(source) + [
                ("Conclusion", words.condition.label(HTMLReport.conclusion(source.verdict))),
                (
                    "Strength of evidence",
                    "\(HTML.power(source.log10FalseAccusation)) at most by chance, over everybody and everything that "
                        + "was tried; the limit is \(HTML.power(answer.tested.log10Threshold))"
                ),
                (
                    "Evidence",
                    "\(HTML.number(source.z, 1)) standard deviations; "
                        + "\(answer.tested.neededText { HTML.number($0, 1) }) are needed"
                ),
                (
                    "Strength",
                    source.strengthDecibels.map {
                        "\(HTML.number($0, 1)) dB relative to the meeting&rsquo;s shared mark; 0 is a full mark"
                    }
                ),
                (
                    "Level",
                    source.levelDecibels.map {
                        "\(HTML.number($0, 1)) dB relative to a fresh mark in audio of this quality (of which "
                            + "itself up to 4 dB more are read)"
                            + (source.leastLevelDecibels.map { ", at least \(HTML.number($0, 1)) dB" } ?? "")
                    }
                ),
                ("Microphone tag", source.microphone.map { HTML.escape($0.text(of: source.client, isNamed: isNamed)) }),
                ("Content", source.content.map { HTML.escape($0.text) }),
                ("Found in", answer.place(of: source).map(HTML.escape)),
                (source.verdict == .detached ? "Why detached" : "Why a trace", source.reason.map(HTML.escape)),
                ("No accusation", isNamed ? source.notice.map(HTML.escape) : nil),
                ("Objections", words.sentences(words.objections(source))),
                ("Heard for", "\(HTML.clock(source.heardSeconds)) \(answer.ofLength(HTML.clock))"),
                (
                    "Speed and pitch",
                    source.rate == 1 && source.pitch == 1
                        ? "unchanged"
                        : "\(HTML.number(100 * source.rate, 1)) % and \(HTML.number(100 * source.pitch, 1)) %, undone"
                ),
            ])
        let rows = source.heard.prefix(HTMLReport.spanLimit).map { span in
            [
                span.isSkipped == true
                    ? "at \(HTML.clock(span.from)), left out by players"
                    : "\(HTML.clock(span.from)) &ndash; \(HTML.clock(span.to))",
                "\(HTML.clock(span.meetingFrom)) &ndash; \(HTML.clock(span.meetingTo))", times.html(span.playedAt),
                "&plusmn; \(HTML.number(span.uncertaintySeconds, 3)) s", HTML.number(span.z, 1),
            ]
        }
        return HTML.section(
            title, list,
            content(source),
            HTML.table(
                ["In the recording", "In the meeting", "Played at, by its clock", "Uncertainty", "Evidence"],
                Array(rows)), HTMLReport.further(source.heard.count - rows.count))
    }

    /// That a table ends before its last stretch; empty where it does not.
    static func further(_ more: Int, _ remark: String = "") -> String {
        guard more > 0 else { return "" }
        let text = more == 1 ? "1 further stretch is" : "\(more) further stretches are"
        return HTML.paragraph("\(text) in the JSON form of this report\(remark).")
    }

    /// Whose endpoint a source is, if that is told.
    private func who(_ source: Answer.Source) -> [(String, String?)] {
        let isNamed = words.isNamed(source)
        return [
            (
                "Participant",
                isNamed
                    ? "\(HTML.escape(source.participant)) &lt;\(HTML.escape(source.email))&gt;"
                    : source.unnamedText
            ),
            ("Device", isNamed ? "\(HTML.escape(source.device)) (\(HTML.escape(source.kind)))" : nil),
            ("Client", isNamed ? "<code>\(HTML.escape(source.client.text))</code>" : nil),
        ]
    }

    /// What is held of a source; of a source nothing but the first two ever is.
    private static func conclusion(_ verdict: Verdict) -> String {
        switch verdict {
        case .identified: "identified"
        case .trace: "trace: possibly through an open microphone"
        case .detached: "detached: the mark does not fit this audio"
        case .inconclusive, .incomplete, .notFound: verdict.rawValue
        }
    }

    /// Stretches in a table at most; a spliced recording has hundreds.
    static let spanLimit = 24

    private var search: String {
        let tested = answer.tested
        let pilot = answer.pilot
        return HTML.section(
            "What was searched and paid for",
            HTML.paragraph(
                "Every endpoint that could be named may be tried on every alignment that the search allows. The limit "
                    + "above "
                    + "counts all of these tries, whether they led anywhere or not."),
            HTML.list([
                (
                    "Stated time",
                    answer.playedAt.map {
                        "played \(HTML.escape($0.text)), \(HTML.escape($0.time)); that came first in the order of "
                            + "what was tried, and all else of the meeting after it"
                    }
                ),
                (
                    "Reference",
                    answer.reference.map { "\(HTML.escape($0.text)), SHA-256 <code>\(HTML.escape($0.sha256))</code>" }
                ),
                ("Not judged", answer.reference?.excludedText.map(HTML.escape)),
                ("Meetings searched", answer.search.map { String($0.meetings) }),
                ("Meetings left out", answer.search?.leftOut.map(HTML.escape)),
                ("Looked at first", answer.triage.map { HTML.escape($0.text(of: answer.file.seconds)) }),
                ("Endpoints tried", String(tested.candidates)),
                ("Alignments for each", String(tested.hypotheses)),
                ("Further times for each", tested.times.map { String($0) }),
                ("Placements for each, without the shared mark", tested.placements.map { String($0) }),
                ("Effort", HTML.escape(answer.effortText)),
                ("Limit to be met", words.decision),
                (
                    "Evidence needed",
                    "\(tested.neededText { HTML.number($0, 1) }) standard deviations"
                        + (tested.mostRequiredZ == nil
                            ? "" : ", less the earlier an alignment stands in the order of the search")
                ),
                (
                    "Meeting&rsquo;s shared mark",
                    pilot.isPresent
                        ? "present (chance at most \(HTML.power(pilot.log10FalsePresence)))"
                            + (pilot.levelDecibels.map { ", \(HTML.number($0, 1)) dB relative to a fresh mark" } ?? "")
                        : "not proven"
                ),
            ]))
    }

    private var unmarked: String {
        guard !answer.unmarkable.isEmpty else { return "" }
        return HTML.section(
            "Endpoints that carry no mark",
            HTML.paragraph(
                "Endpoints that took part and cannot mark, and may have recorded without leaving a trace: "
                    + "\(HTML.escape(answer.unmarkable.kindsText)). Nothing was found out about them."))
    }

    private var file: String {
        let file = answer.file
        let tracks = file.tracks.map { track in
            "\(HTML.escape(track.codec)), \(track.sampleRate) Hz, \(track.channels) "
                + (track.channels == 1 ? "channel" : "channels")
        }
        return HTML.section(
            "The recording",
            HTML.list([
                ("File", HTML.escape(file.name)), ("SHA-256", "<code>\(HTML.escape(file.sha256))</code>"),
                ("Size", "\(file.bytes) bytes"), ("Type", HTML.escape(file.container)),
                ("Audio", tracks.joined(separator: "; ") + ", \(HTML.clock(file.seconds)) long"),
                (
                    "Damage",
                    file.corruptPackets == 0 && !file.isTruncated
                        ? answer.isTriage ? "none found in what was read" : "none found"
                        : "\(file.corruptPackets) packets do not "
                            + "decode\(file.isTruncated ? "; the file ends early" : "")"
                ),
                (
                    answer.bundle == nil ? "Remarks" : "Remarks of the worker",
                    answer.warnings.isEmpty ? nil : answer.warnings.map(HTML.escape).joined(separator: "<br>")
                ),
                (
                    "Compared with meeting",
                    answer.meeting.map { meeting in
                        "\(HTML.escape(meeting.title)), \(times.html(meeting.start)), "
                            + "<code>\(HTML.escape(meeting.id.text))</code>"
                    }
                ),
            ]))
    }
}
