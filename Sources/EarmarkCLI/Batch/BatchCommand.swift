import ArgumentParser
import EarmarkAnalysis
import EarmarkAnswer
import EarmarkBatch
import EarmarkConsole
import EarmarkFiles
import EarmarkLog
import EarmarkReport
import EarmarkRun
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark batch`.
struct BatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Analyse many files; on one machine or as an array of jobs (also: merge).",
        subcommands: [Run.self, Merge.self], defaultSubcommand: Run.self, aliases: ["batches"])

    /// The command `earmark batch run`, which `earmark batch` is short for.
    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Analyse the files of folders, patterns and manifests ('run' may be left out).",
            discussion: """
                Every file gets one line of JSON in the result file, refused files too. A line is saved before the \
                next file is begun: Ctrl-C or a kill loses no more than the files in hand, and --resume goes on from \
                there, with the same options. Content is analysed once, however many names it has.

                An input is a file, a folder (with all below it, whatever the names end in), a quoted pattern, a \
                manifest (.csv or .ndjson with 'file' and optionally 'meeting', 'name', 'note', 'played_at'; paths \
                from the manifest's folder), or - for a manifest or a list of paths on standard input.

                With --any-meeting, files for which no manifest names a meeting are compared with every meeting that \
                the organisation still holds, or those of a time.

                Inside a Slurm array, an AWS Batch array or a Kubernetes Indexed Job (there with EARMARK_SHARDS), each \
                job takes its part and writes results.I-of-N.ndjson; 'earmark batch merge' joins the parts.

                The exit status is 0 if all files were analysed, whatever the verdicts; 30 if some were refused, \
                without --refusals-ok; 130, 143 or 129 after SIGINT, SIGTERM or SIGHUP.

                  earmark batch leaks/ --meeting Board --out results.ndjson
                  earmark batch cases.csv --out results.ndjson --jobs 8 --resume
                  find /srv -name '*.mp4' | earmark batch - --meeting Board \\
                    --out results.ndjson
                  earmark batch leaks/ --any-meeting --since 2026-03-01T00:00Z \\
                    --out results.ndjson
                  earmark batch cases.csv --shard 3/8 --out results.ndjson
                """)

        @Argument(
            help: ArgumentHelp("Files, folders, patterns, manifests, or -.", valueName: "input"), completion: .file())
        var inputs: [String]

        @OptionGroup var meetingOptions: MeetingOptions

        @Option(
            name: [.short, .long, .customLong("output")],
            help: ArgumentHelp("The result file: one JSON object a line, mode 0600.", valueName: "file"))
        var out: String

        @Option(help: "Files to analyse at a time; by default one for each processor.")
        var jobs = ProcessInfo.processInfo.activeProcessorCount

        @Flag(help: "Go on with a result file, with the same options: what it lacks is analysed.")
        var resume = false

        @Flag(name: [.customShort("n"), .long], help: "Only say what would be analysed.")
        var dryRun = false

        @Option(
            help: ArgumentHelp(
                "Take every N-th file, from the I-th; 1/1 for all in spite of a scheduler.", valueName: "i/n"))
        var shard: Shard?

        @Option(
            help: ArgumentHelp("In folders, only names that match; may be repeated.", valueName: "pattern"))
        var include: [String] = []

        @Option(help: "How hard to look: fast, normal or exhaustive.")
        var effort = Effort.normal

        @Option(help: "A name for the analyses without one of their own.")
        var name = ""

        @Option(help: ArgumentHelp("A note for the analyses without one of their own.", valueName: "text"))
        var note = ""

        @Flag(help: "Analyse recordings that are shorter than the organisation's limit, too.")
        var allowShort = false

        @OptionGroup var played: PlayedAtOptions

        @Flag(help: "Keep answers in the result file only, not in the store.")
        var noStore = false

        @Option(help: ArgumentHelp("Limit for a file; else five hours, with exhaustive fifty.", valueName: "seconds"))
        var timeLimit: Double?

        @Option(help: ArgumentHelp("Write figures for Prometheus here at the end.", valueName: "file"))
        var metrics: String?

        @Flag(help: "End with 0 even if files were refused: trying again does not change that.")
        var refusalsOK = false

        @Flag(name: .shortAndLong, help: "Show no progress.")
        var quiet = false

        @OptionGroup var progress: ProgressOption
        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            guard timeLimit.map({ $0 >= 1 && $0 <= 1e7 }) ?? true else {
                throw ValidationError("--time-limit must be 1 to 10000000 seconds.")
            }
            guard (1...1024).contains(jobs) else { throw ValidationError("--jobs must be 1 to 1024.") }
            guard !out.isEmpty else { throw ValidationError("--out needs a file.") }
            guard out != BatchInput.standardInput else {
                throw ValidationError("--out needs a file, which --resume goes on with; './-' is one.")
            }
            guard played.playedAt == nil || !meetingOptions.anyMeeting else {
                throw ValidationError("--played-at is a time of one meeting: name it with --meeting.")
            }
        }

        func run() throws {
            let service = try storeOptions.service()
            let store = service.store
            let organisation = try meetingOptions.organisationOption.filter(in: store)
            let meeting = try meetingOptions.meeting.map { name in
                try store.analysisSubject(try store.meetingID(named: name, in: organisation)).meeting.id.text
            }
            let range = try meetingOptions.range(in: store)
            let environment = ProcessInfo.processInfo.environment
            let own = OwnFiles(
                store: storeOptions.location, results: out, metrics: metrics, shard: shard, environment: environment)
            let input = BatchInput(
                meeting: meeting ?? range?.reference, label: AnalysisLabel(name: name, note: note),
                include: include, own: own, played: played.ofInput)
            let found = try input.find(inputs)
            let all = try Named.withMeetings(found.items, of: organisation, in: store)
            if all.isEmpty { Output.message("earmark: warning: in what is named there is no file to analyse") }
            let list = PartList.digest(
                all, effort: effort.rawValue, allowShort: allowShort, triages: meetingOptions.triage)
            let shard = try self.shard ?? Shard.detected(in: environment, out: out, list: list) ?? .whole
            let items = all.enumerated().filter { shard.contains(place: $0.offset) }.map(\.element)
            let path = shard.path(out)
            if let origin = shard.origin {
                Output.message("\(origin): part \(shard.index) of \(shard.count), results in '\(path)'")
            }
            if dryRun { return try show(BatchPlan(items, path: path, leftOut: found.leftOut)) }
            let task = self.shard == nil ? try ArrayTask(in: environment) : nil
            let part = PartList(items, shard: shard, digest: list, task: task, asking: options)
            let target = try metrics.map { figures throws(FileError) in
                let files = inputs + [out, path, PartList.path(besides: path)]
                return try MetricsTarget(figures, besides: storeOptions.location.files + files)
            }
            try analyse(items, of: part, service: service, path: path, leftOut: found.leftOut, target)
        }

        private func show(_ plan: BatchPlan) throws {
            try json.print(["plan": plan], human: plan.text)
            if plan.files.contains(where: { $0.problem != nil }) { throw ExitCode(ExitStatus.someFailed.rawValue) }
        }

        /// Analyses for a batch of these arguments, in a process that may die of a file.
        func serve() throws { try AnalysisServer(try sessions(try storeOptions.service(purges: false))).run() }

        private var options: AnalysisOptions {
            AnalysisOptions(
                effort: effort, allowShort: allowShort, keepsAnswers: !noStore, triages: meetingOptions.triage,
                timeLimit: timeLimit)
        }

        private func sessions(_ service: Service) throws -> MeetingSessions {
            let search = try meetingOptions.range(in: service.store).map { range in
                (reference: range.reference, session: try service.search(range, options: options.leavingKills))
            }
            return MeetingSessions(service: service, options: options, search: search) { $0.text }
        }

        private func analyse(
            _ items: [BatchItem], of part: PartList, service: Service, path: String, leftOut: BatchInput.LeftOut,
            _ target: MetricsTarget?
        ) throws {
            // What cannot be searched is told before anything is begun.
            if meetingOptions.anyMeeting { _ = try sessions(service) }
            let ledger = try BatchLedger(results: try ResultFile.open(path, resumes: resume))
            let journal = try PartJournal(part, besides: path, ledger: ledger, options: options, resumes: resume)
            if let words = ledger.warning(about: items, options) { Output.message("earmark: warning: \(words)") }
            let shown = BatchProgress(total: items.count, form: BatchProgress.form(quiet: quiet, progress.form))
            let analyst = AnalysisProcesses(
                executable: Earmark.executable, timeLimit: options.timeLimit, clock: service.context.clock,
                arguments: [Earmark.analysisVerb] + FilePath.arguments(textOptions: []).dropFirst())
            defer { analyst.shutDown() }
            let runner = BatchRunner(
                items: journal.ordered(items), options: options, analyst: analyst, clock: service.context.clock,
                ledger: ledger, journal: journal,
                earlier: resume && !noStore ? try EarlierAnswers(store: service.store) : nil,
                report: {
                    let done = shown.advance($0)
                    if $0.isNew { ProcessLog.events.recording($0.outcome, place: done) }
                })
            let interruption = Interruption(atEnd: ProcessLog.end) {
                Output.message("\nearmark: finishing the files in hand; once more ends at once")
            }
            let tally: BatchRunner.Tally
            do {
                defer { shown.finish() }
                tally = try runner.run(jobs: jobs) { interruption.isRequested }
            }
            if tally.remaining == 0 { try journal.finish(results: path) }
            let summary = BatchSummary(tally, total: items.count, path: path, leftOut: leftOut)
            try json.print(["batch": summary], human: summary.text)
            let figures = MetricsFile(
                "batch", results: tally.results, resumed: tally.resumed, remaining: tally.remaining,
                at: service.context.clock())
            target?.write(figures) { Output.message($0) }
            if tally.remaining > 0, let status = interruption.exitStatus { throw ExitCode(status) }
            if tally.failed > 0, !refusalsOK { throw ExitCode(ExitStatus.someFailed.rawValue) }
        }
    }
}
