import EarmarkAnswer
import EarmarkFiles

extension ReportText {
    /// Whose marks are weighed: everybody who is named, or else the strongest.
    var weighed: [Answer.Source] {
        let named = document.identified
        return named.isEmpty ? Array(document.answer.sources.prefix(1)) : named
    }

    /// How the mark of a source can have come into the recording, with what speaks for and against each way.
    ///
    /// Rows of three cells, HTML.
    func alternatives(_ source: Answer.Source) -> [[String]] {
        let who = isNamed(source) ? "that endpoint" : "an endpoint"
        let evidence = HTML.power(source.log10FalseAccusation)
        return [
            ["Recorded where \(who) played it", "its mark, level and times (above)", against(source)],
            [
                "Another endpoint; the agreement is chance", "nothing",
                "evidence this strong comes from chance with probability \(evidence) at most",
            ],
            echo(source, who),
            copy(source, who),
            [
                "Audio that was marked with the meeting&rsquo;s keys, or with the ticket of \(who)",
                sentences(objections(source)) ?? silence(source),
                "nothing can: a mark that was made so is no other. \(known(source)), not who held copies",
            ],
            [
                "Foreign audio, cut in beside marked audio",
                "the mark was heard for \(HTML.clock(source.heardSeconds)) "
                    + "\(document.answer.ofLength(HTML.clock)); what was said elsewhere is not bound to it",
                "within a stretch of the table above the meeting&rsquo;s time runs on without a jump",
            ],
        ]
    }

    /// What the store's records have against a recording at an endpoint that is named: as they are now, and what they
    /// had when it was analysed.
    func objections(_ source: Answer.Source) -> [Answer.Objection] {
        let now = document.history?.endpoints.first { $0.client == source.client }?.objections ?? []
        return now + (source.objections ?? []).filter { earlier in !now.contains { $0.kind == earlier.kind } }
    }

    /// What contradicts, of those who are named.
    var contradictions: [Answer.Objection] { document.identified.flatMap(objections).filter(\.kind.contradicts) }

    /// Sentences as HTML; nil if there are none.
    func sentences(_ objections: [Answer.Objection]) -> String? {
        objections.isEmpty ? nil : objections.map { times.html(within: $0.text) }.joined(separator: "; ")
    }

    /// What the records say where they have nothing against it.
    private func silence(_ source: Answer.Source) -> String {
        guard source.verdict == .identified else { return "of an endpoint that is not identified nothing is told" }
        return isKnown(source)
            ? "nothing in the records, nor in when it was played; a mark that was made so is no other"
            : "not known: the records of this endpoint are gone"
    }

    /// Whether the store still has the records of an endpoint that is named.
    private func isKnown(_ source: Answer.Source) -> Bool {
        document.history?.endpoints.contains { $0.client == source.client } == true
    }

    /// What the audit log has of tickets and marks of an endpoint that is named.
    private func known(_ source: Answer.Source) -> String {
        guard let endpoint = document.history?.endpoints.first(where: { $0.client == source.client }) else {
            return "The organisation&rsquo;s audit log has the tickets that were issued and what was marked with the "
                + "store&rsquo;s keys"
        }
        func times(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
        return "The organisation&rsquo;s records have \(times(endpoint.ticketsIssued, "ticket")) of this endpoint "
            + "(\(endpoint.ticketsRevoked) revoked), and that audio was marked as it with the store&rsquo;s keys "
            + times(endpoint.marked, "time")
    }

    /// What speaks against a recording at the endpoint itself.
    private func against(_ source: Answer.Source) -> String {
        let found = [
            sentences(objections(source).filter(\.kind.contradicts)),
            source.microphone?.state == .heard ? "a microphone tag stands beside the mark" : nil,
            source.content?.state == .contradicted ? "the mark does not fit this audio" : nil,
            source.content?.state == .confirmed && source.content?.contradicted.isEmpty == false
                ? "in parts of the recording the mark is missing or does not fit (other audio, or cuts)"
                : nil,
            document.answer.unreadText,
        ].compactMap { $0 }
        guard found.isEmpty else { return found.joined(separator: "; ") }
        return "nothing in the recording" + (isKnown(source) ? ", nor in the records of tickets and presences" : "")
    }

    /// What confines a finding where stretches alone were read.
    private var inWhatWasRead: String { document.answer.isTriage ? ", in what was read" : "" }

    /// What content cells say of a copied mark.
    private func copy(_ source: Answer.Source, _ who: String) -> [String] {
        let name = "A mark copied from another recording of \(who) onto this audio"
        switch source.content?.state {
        case .confirmed:
            return [
                name, "nothing",
                "the mark agrees with what this audio was doing when it was put there\(inWhatWasRead); audio that was "
                    + "reshaped to agree is not told from it",
            ]
        case .contradicted:
            return [name, "the mark does not agree with what this audio was doing when it was put there", "nothing"]
        case .open: return [name, "nothing", "nothing: too little of the mark is left to tell"]
        case nil: return [name, "not examined", "not examined"]
        }
    }

    /// What tags and level say of an echo.
    private func echo(_ source: Answer.Source, _ who: String) -> [String] {
        let name = "An echo: the loudspeaker of \(who) reached an open microphone, and somebody else recorded"
        switch source.microphone?.state {
        case .heard:
            return [
                name, HTML.escape(source.microphone?.text(of: source.client, isNamed: namesTraces) ?? ""),
                "nothing; whoever holds the endpoint&rsquo;s ticket can put its tag beside a recording, too",
            ]
        case .absent:
            let stated =
                source.microphone?.isOnlyStated == true
                ? "; that this endpoint sends tags is only stated: no analysis of the meeting had heard its tag before "
                    + "this file was first looked at"
                : HTML.escape(source.microphone?.heardText ?? "")
            return [
                name, "nothing",
                "the tag of its microphone would stand beside an echo, and does not\(inWhatWasRead)\(stated)",
            ]
        case .open, nil:
            return [
                name,
                "no microphone tag could tell an echo from a recording here, and an echo without the talker&rsquo;s "
                    + "own voice beside it can be as strong as a recording",
                source.levelDecibels.map(ReportText.echoLevel) ?? "nothing: its level was not measured",
            ]
        }
    }

    /// What echoes beside the talker's own voice reach, decibels relative to a fresh mark (statistics.md, section 6).
    private static let strongestEcho = -13.4

    private static func echoLevel(_ decibels: Double) -> String {
        let level = "its level, \(HTML.number(decibels, 1)) dB relative to a fresh mark in audio of this quality"
        return decibels > strongestEcho
            ? "\(level): beside the talker&rsquo;s own voice, echoes of the rooms that were measured lie at "
                + "\(HTML.number(strongestEcho, 1)) dB or less"
            : "nothing: \(level), is that of an echo"
    }

    // MARK: What else was made of it

    /// How many analyses were made, and what follows.
    var count: String {
        guard let history = document.history else { return "" }
        let limit = HTML.power(document.answer.tested.log10Threshold)
        func made(_ count: Int) -> String { "\(count) \(count == 1 ? "analysis" : "analyses") had been made" }
        return
            (history.made.ofMeeting.map { "\(made($0)) against this meeting, \(history.made.inStore) with this store" }
            ?? "\(made(history.made.inStore)) with this store")
            + " when this one was stored, by the audit log (refused files, deleted answers and "
            + "answers that were not kept are counted). Each may name somebody wrongly with a "
            + "probability of at most its limit, and "
            + "the limits add up: for n analyses at "
            + "\(limit) to n &times; \(limit) at most, whatever was chosen to be analysed after seeing earlier answers."
    }

    /// When the limit was decided, told as it was.
    var decision: String {
        let limit = HTML.power(document.answer.tested.log10Threshold)
        guard let history = document.history else {
            return "\(limit); when it was decided is not known to this report"
        }
        if history.isDecidedBeforehand(document.answer.tested.log10Threshold) {
            let since =
                history.inForce.map { "since \(times.html($0.date))" }
                ?? "since the organisation was added to the store"
            return
                "\(limit), decided by the organisation beforehand: in force \(since), by the order of the audit log "
                + "before this file (by its SHA-256) or another recording of this meeting was first analysed, "
                + times.html(history.firstLook) + sealed
        }
        if !history.decisions.contains(where: \.isAfterFirstLook), let inForce = history.inForce {
            return "\(limit), which was <strong>not</strong> the organisation&rsquo;s: that had been "
                + "\(HTML.power(inForce.log10Threshold)) since \(times.html(inForce.date))\(sealed)"
        }
        let changes = history.decisions.map { "\(HTML.power($0.log10Threshold)) on \(times.html($0.date))" }
        return "\(limit), <strong>not</strong> decided before this file or another recording of this meeting was first "
            + "analysed (\(times.html(history.firstLook))). It was set to \(changes.joined(separator: ", then to "))"
            + sealed
    }

    /// That the limit is the one of a sealed bundle, and what became of the organisation's since; empty where there is
    /// none.
    private var sealed: String {
        guard let bundle = document.answer.bundle, let history = document.history, let date = history.sealed else {
            return ""
        }
        let later = history.decisions.filter { !$0.isBefore }.map {
            "\(HTML.power($0.log10Threshold)) on \(times.html($0.date))"
        }
        let since = later.isEmpty ? "" : "; since then it was set to \(later.joined(separator: ", then to "))"
        return ". It is that of the sealed bundle <code>\(HTML.escape(bundle))</code>, made \(times.html(date))\(since)"
    }
}

extension HTMLReport {
    /// All analyses of the same file and of the same meeting.
    var history: String {
        guard let history = document.history else { return "" }
        // This one is always among them, however many came after it.
        let latest = history.analyses.suffix(HTMLReport.historyLimit)
        let own = latest.contains { $0.id == document.id } ? nil : history.analyses.first { $0.id == document.id }
        let shown = own.map { [$0] + latest.dropFirst() } ?? Array(latest)
        let rows = shown.map { entry in
            [
                times.html(entry.date),
                "<code>\(HTML.escape(entry.id.text))</code>" + (entry.id == document.id ? " (this one)" : ""),
                HTML.escape(entry.file) + (entry.isSameFile ? " (the same file)" : ""),
                entry.isSameMeeting ? "this one" : "another",
                HTML.escape(entry.resultText),
                entry.log10Threshold.map(HTML.power) ?? "&ndash;",
            ]
        }
        let more = history.analyses.count - shown.count
        return HTML.section(
            "All stored analyses of this file and of this meeting", HTML.paragraph(words.count),
            HTML.table(["When", "Analysis", "File", "Meeting", "Result", "Limit"], rows),
            more > 0 ? HTML.paragraph("\(more) other ones are in the JSON form of this report.") : "")
    }

    /// What was done with the meeting's records until the analysis: what an answer rests on besides the recording.
    var changes: String {
        guard let history = document.history, !history.changes.isEmpty else { return "" }
        return HTML.section(
            "What was done with the records of this meeting",
            HTML.paragraph(
                "Until this analysis, by the audit log of the store. Who is which endpoint, and when the meeting was, "
                    + "is what these records say; what was changed after the meeting began is told as such, by the "
                    + "latest time that the log had before, as a clock can be set back. The log (earmark audit list) "
                    + "has each entry with who made it."),
            table(history.changes))
    }

    /// What was done with them since: no part of the answer, but of how it is read by now.
    var laterChanges: String {
        guard let history = document.history, !history.laterChanges.isEmpty else { return "" }
        return HTML.section(
            "What was done with the records after this analysis",
            HTML.paragraph(
                "The answer does not rest on it: it names and tells times as the records were when it was stored."),
            table(history.laterChanges))
    }

    private func table(_ changes: [AnswerHistory.Change]) -> String {
        let rows = changes.map { change in
            [
                HTML.escape(Self.actions[change.action] ?? change.action), "\(change.entries)",
                times.html(change.first), change.entries == 1 ? "&ndash;" : times.html(change.last),
                (change.isAfterStart ? "<strong>after it began</strong>" : "before it began")
                    + (change.clockBehindSeconds.map(Self.clockBehind) ?? ""),
            ]
        }
        return HTML.table(["What", "Entries", "First", "Last", "The meeting"], rows)
    }

    /// That dates of entries are too early.
    private static func clockBehind(_ seconds: Int64) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600, seconds / 60)
        let length = days > 1 ? "\(days) days" : hours > 1 ? "\(hours) hours" : "\(minutes) minutes"
        return " (by a clock that was set back by \(length))"
    }

    /// What is done with a meeting's records, by the log's names.
    private static let actions = [
        "meeting-create": "enrolled, with its roster", "meeting-edit": "title or times changed",
        "clients-add": "endpoints added to the roster", "client-remove": "endpoints removed from the roster",
        "client-join": "presence of endpoints begun", "client-leave": "presence of endpoints ended",
        "client-microphone": "said anew whether an endpoint tags its microphone", "tickets-issue": "tickets issued",
        "ticket-revoke": "tickets revoked", "mark": "audio marked with this program",
        "commit": "commitment to the seeds made", "bundle-create": "sealed bundle for workers made",
        "hold": "put on legal hold", "release": "released from legal hold",
    ]

    /// Analyses in the table at most; a meeting can have thousands.
    static let historyLimit = 40

    /// Words of whoever ran the analysis, told to be theirs.
    private func quoted(_ text: String) -> String {
        "&ldquo;\(HTML.escape(text))&rdquo; (words of whoever ran the analysis, not of this examination)"
    }

    /// What a reader in court asks for and this program is not told.
    var record: String {
        HTML.section(
            "For the record",
            HTML.paragraph(
                "What is not given here must be given by whoever presents this report. The program finds marks; what "
                    + "follows from them a person decides."),
            HTML.list([
                ("Name given to it", answer.name.isEmpty ? nil : quoted(answer.name)),
                ("Note on it", answer.note.isEmpty ? nil : quoted(answer.note)),
                ("Item received", "from whom and when: not given"),
                ("What was known before", "conditioning information: not given"),
                ("Examiner", "not given; the audit log names the account that ran the analysis"),
                (
                    "Custody",
                    "of the recording: not given; of keys and tickets: not given; the audit log "
                        + "(earmark audit) has which tickets were issued and what was marked with this program"
                ),
                (
                    "Validation",
                    "measurements are kept with the program&rsquo;s source, docs/measurements, each with its build"
                ),
            ]))
    }
}
