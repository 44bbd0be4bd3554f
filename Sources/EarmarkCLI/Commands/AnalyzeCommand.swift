public import ArgumentParser
import EarmarkAnalysis
public import EarmarkAnswer
import EarmarkConsole
import EarmarkFiles
import EarmarkLog
import EarmarkMedia
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

extension Effort: ExpressibleByArgument {}

/// The command `earmark analyze`.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Find out which client of a meeting recorded a leaked file.",
        discussion: """
            Takes AAC, MP3, M4A, WAV, MP4, AVI and MOV, judged by content: at most 500 MB and more than 100 s of \
            audio, unless the organisation's settings say otherwise, and in no track more than 16 hours. Every answer \
            is stored; see 'earmark analysis'.

            The verdict is 'identified', 'trace' (a mark so weak that it may be cross-talk), 'detached' (a mark that \
            was copied from other audio), 'inconclusive' (the meeting's mark without a client's), 'incomplete' (not \
            found, and audio was left out that could not be examined) or 'not-found'. Each is a completed analysis \
            with exit status 0. Of several files, the first that is refused decides the status. A refused file ends \
            with 20 to 27: 20 type, 21 too large, 22 too short, 23 no audio \
            track, 24 video only, 25 encrypted, 26 truncated, 27 corrupt. Files are decoded in a process without other \
            rights (seccomp); where the system has no such filters, EARMARK_DECODER=unconfined does without them.

              earmark analyze leak.mp4 --meeting Board
              earmark analyze leak.mp3 -m latest --report leak.html --name "Case 12"
              earmark analyze *.m4a --meeting Board --effort exhaustive --json

            Every client of a meeting has a mark of its own, hidden in what it plays, and all share a pilot, by which \
            a recording is laid on the meeting's time; a copy is one way to do that, where several fit. What a \
            client's microphone sends carries its tag, by which a recording of a room is told from an echo.

            What is tried is paid for in the bound. 'fast' looks at one copy at the meeting's own speed; 'normal' at \
            several, at changed speed and at recordings whose pilot somebody removed; 'exhaustive' takes more of each \
            and, where nothing is found, a minute for a thousand clients to look for each without anything that they \
            share.

            With --any-meeting the meeting need not be known: all that the organisation still holds are compared with \
            the recording, and the answer says which one it is of. Every client of all of them is paid for in the \
            bound. Each meeting that is found has an answer of its own. Recordings at changed speed or without the \
            pilot are found only with --meeting.

              earmark analyze leak.mp4 --any-meeting
              earmark analyze leak.mp4 --any-meeting --since 2026-03-01T00:00Z \\
                --until 2026-04-01T00:00Z

            With --triage, two to four stretches of 90 s of a recording of twenty minutes and more are sought and \
            read first, under the same bound, at places that a secret of the meeting decides. As soon as two that lie \
            far apart show clearly who recorded, and none shows anything else, the answer is of them alone and says \
            so; else, and where a file cannot be read from the middle, all of it is analysed.

            With --played-at, meeting times around the one that is stated (90 s either way, unless --played-at-within \
            says otherwise) are tried before all others, where less is asked of the evidence: that helps with \
            recordings of seconds. Nothing is left out for it.

              earmark analyze clip.m4a --meeting Board --played-at 12:30 --allow-short

            With --reference, another recording of the same meeting (the organisation's own, say) is aligned with the \
            recording, and what it foretells is taken out: that helps with bad recordings. Clients whose mark the \
            reference carries itself are left out, since it would hide theirs.

              earmark analyze leak.mp4 --meeting Board --reference minutes.wav
            """, aliases: ["analyse"])

    @Argument(help: ArgumentHelp("The recordings.", valueName: "file"), completion: .file())
    var files: [String]

    @OptionGroup var meetingOptions: MeetingOptions

    @Option(help: "How hard to look: fast, normal or exhaustive.")
    var effort = Effort.normal

    @Option(help: "A name for the analysis.")
    var name = ""

    @Option(help: ArgumentHelp("A note to keep with it.", valueName: "text"))
    var note = ""

    @Option(
        help: ArgumentHelp(
            "Another recording of the meeting, with --meeting: helps with bad recordings.", valueName: "file"),
        completion: .file())
    var reference: String?

    @Flag(help: "Analyse recordings that are shorter than the organisation's limit, too.")
    var allowShort = false

    @OptionGroup var played: PlayedAtOptions

    @Option(
        help: ArgumentHelp(
            "Longest time for a file, which is refused (27) after it; else five hours, with exhaustive fifty.",
            valueName: "seconds"))
    var timeLimit: Double?

    @Flag(help: "Say who talked when, by the tags of their microphones; with --meeting.")
    var talkers = false

    @Flag(help: "Name endpoints whose mark is a trace only, which accuses nobody.")
    var nameTraces = false

    @Option(
        help: ArgumentHelp("Write the report with its signature, as 'earmark report' does.", valueName: "file"),
        completion: .file())
    var report: String?

    @Flag(help: "Open the report of --report when it is written.")
    var open = false

    @OptionGroup var progress: ProgressOption
    @OptionGroup var storeOptions: KeyedStoreOptions
    @OptionGroup var json: JSONFlag

    func run() throws {
        let writer = try report.map { try ReportWriter(to: $0, nameTraces: nameTraces) }
        let service = try storeOptions.service()
        let session = try session(service)
        let label = AnalysisLabel(name: name, note: note)
        let stated = played.stated
        var outcomes: [FileOutcome] = []
        for (index, file) in files.enumerated() {
            let place = files.count > 1 ? "\(index + 1)/\(files.count) " : ""
            let outcome = try analyse(file, place: place, session, label, stated)
            outcomes.append(outcome)
            ProcessLog.events.recording(outcome, place: files.count > 1 ? index + 1 : nil)
            if let refusal = outcome.refusal {
                let advice = RecordingPath.advice(file, meeting: meetingOptions.meeting, next: next)
                // Advice goes on with the sentence.
                let text = advice.isEmpty ? refusal.message : refusal.message.replacing(/\.$/, with: "")
                Output.error("\(file): \(text)\(advice)")
            }
        }
        let text = outcomes.compactMap(shown).joined(separator: "\n\n----\n\n")
        if json.isOn {
            try Output.json(["analyses": outcomes])
        } else if !text.isEmpty {
            try Output.result(text)
        }
        // After the answer, which a report that fails takes nothing of.
        if let writer, let outcome = outcomes.first { try write(writer, of: outcome, in: service.store) }
        if let refusal = outcomes.compactMap(\.refusal).first { throw ExitCode(refusal.exitStatus.rawValue) }
    }

    private func analyse(
        _ file: String, place: String, _ session: (analyst: any FileAnalyst, meetingCount: Double?),
        _ label: AnalysisLabel, _ stated: PlayedAt?
    ) throws -> FileOutcome {
        let name = FilePath.lastPart(file)
        let decoding = progress.start("\(place)analysing \(name)", total: nil, unit: "s")
        let comparing = progress.start("\(place)comparing \(name)", total: session.meetingCount, unit: "meetings")
        defer {
            decoding.finish()
            comparing.finish()
        }
        return try session.analyst.analyse(file, label: label, playedAt: stated, sha256: nil) { stage in
            switch stage {
            case .decoding(let seconds, let all): decoding.update(seconds, of: all)
            case .comparing(let count): comparing.update(Double(count))
            }
        }
    }

    /// The answer for people, where it was heard if they look at it, and what can be done next.
    private func shown(_ outcome: FileOutcome) -> String? {
        guard let answer = outcome.answer, let text = outcome.text(namesTraces: nameTraces) else { return nil }
        let map = Terminal.isOn ? TimeMap.line(answer, isColoured: Terminal.isColoured) : nil
        let line = report == nil ? outcome.id.map { "Next: " + next.report($0) } : nil
        return [map, Terminal.wrapped(text), line].compactMap(\.self).joined(separator: "\n\n")
    }

    private var next: NextCommand {
        NextCommand(store: storeOptions.store, organisation: meetingOptions.organisationOption.fields.reference)
    }

    private func write(_ writer: ReportWriter, of outcome: FileOutcome, in store: Store) throws {
        guard let id = outcome.id, outcome.refusal == nil else { return }
        do {
            try writer.write(try store.analysis(id), in: store)
        } catch let error as any ReportableError {
            throw CommandError(error.exitStatus, next.afterFailure(error.text, of: id))
        }
        if !json.isOn { try Output.result("\nReport written to \(writer.written.joined(separator: " and ")).") }
        if open { writer.show() }
    }

    mutating func validate() throws {
        guard meetingOptions.meeting != nil || meetingOptions.anyMeeting else {
            throw ValidationError("Name the meeting with --meeting, or search all with --any-meeting.")
        }
        guard timeLimit.map({ $0 >= 1 && $0 <= 1e7 }) ?? true else {
            throw ValidationError("--time-limit must be 1 to 10000000 seconds.")
        }
        guard report == nil || files.count == 1 else {
            throw ValidationError("--report is of one recording; see 'earmark report' for others.")
        }
        guard !open || report != nil else { throw ValidationError("--open needs --report.") }
        try played.requireTime()
        guard played.playedAt == nil || !meetingOptions.anyMeeting else {
            throw ValidationError("--played-at is a time of one meeting: name it with --meeting.")
        }
        guard reference == nil || !meetingOptions.anyMeeting else {
            throw ValidationError("--reference is a copy of one meeting: name it with --meeting.")
        }
        guard !meetingOptions.triage || !(talkers || reference != nil) else {
            throw ValidationError("--triage reads a few stretches, --talkers and --reference need the whole.")
        }
        guard !talkers || !meetingOptions.anyMeeting else {
            throw ValidationError("--talkers looks for those of one meeting: name it with --meeting.")
        }
    }

    /// Who analyses, and how many meetings are searched; nil for a known one.
    private func session(_ service: Service) throws -> (analyst: any FileAnalyst, meetingCount: Double?) {
        let options = AnalysisOptions(
            effort: effort, allowShort: allowShort, findsTalkers: talkers, triages: meetingOptions.triage,
            timeLimit: timeLimit)
        if let range = try meetingOptions.range(in: service.store) {
            let search = try service.search(range, options: options)
            return (search, Double(search.meetingCount))
        }
        let chosen = try meetingOptions.organisationOption.filter(in: service.store)
        let meeting = try service.store.meetingID(named: meetingOptions.meeting ?? "", in: chosen)
        guard let reference else { return (try service.analysis(of: meeting, in: chosen?.text, options: options), nil) }
        return (try service.analysis(of: meeting, in: chosen?.text, options: options, reference: reference), nil)
    }
}

extension FileOutcome.Refusal {
    /// How `analyze` ends for it.
    fileprivate var exitStatus: ExitStatus { MediaError.Code(rawValue: code)?.exitStatus ?? .invalidInput }
}
