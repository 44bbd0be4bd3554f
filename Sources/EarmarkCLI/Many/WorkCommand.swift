import ArgumentParser
import EarmarkAnalysis
import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
import EarmarkConsole
import EarmarkFiles
import EarmarkLog
import EarmarkRun
import EarmarkService
import Foundation

/// The command `earmark work`.
struct WorkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work",
        abstract: "Analyse with a sealed bundle alone, without a store; for machines of a cluster.",
        discussion: """
            One input, a file, - for standard input or an https URL (fetched by curl, and on from where it broke off), \
            becomes one signed line of JSON on standard output. With --plan it works through its part of a run and \
            writes NAME.I-of-N.ENDING; started again it goes on. Nothing else is written, nothing else is read, and \
            names are in neither.

            The exit status is 0, and with --refusals-ok also where files were refused, else 30. Trying again may help \
            after 66 and 74 (inputs cannot be had; the others are done), 75 (another process has the part), 130 and \
            143 (stopped), and where the process was killed; after 11 (the bundle expired), 64, 65, 73 (--out is \
            there), 77 and 78 it does not.

              earmark work --bundle case.bundle --key case.bundle.key leak.mp4
              set -o pipefail; curl -sf "$URL" | \\
                earmark work --bundle case.bundle --key case.bundle.key --as leak.mp4 -
              earmark work --bundle case.bundle --key case.bundle.key --plan run.json \\
                --part 3 -o part.ndjson
            """)

    @Argument(help: ArgumentHelp("A file, - or a URL; none with --plan.", valueName: "input"), completion: .file())
    var input: String?

    @Option(help: ArgumentHelp("The sealed bundle.", valueName: "file"), completion: .file())
    var bundle: String

    @Option(help: ArgumentHelp("The key that it is sealed to.", valueName: "file"), completion: .file())
    var key: String

    @Option(
        name: .shortAndLong,
        help: "The meeting, where the bundle holds several and does not search them: its identifier or the beginning.")
    var meeting: String?

    @Option(
        name: [.customShort("o"), .long, .customLong("output")],
        help: ArgumentHelp("Where the line, or the part, goes.", valueName: "file"))
    var out: String?

    @Option(name: .customLong("as"), help: ArgumentHelp("How the input is called in the line.", valueName: "name"))
    var shown: String?

    @Option(help: ArgumentHelp("Work through a part of this run.", valueName: "file"), completion: .file())
    var plan: String?

    @Option(help: "Which part of it, from 1; in an array of jobs the task's own.")
    var part: Int?

    @Option(help: ArgumentHelp("Where inputs of the plan lie that are relative: a folder or URL.", valueName: "place"))
    var root: String?

    @Option(help: "Files to analyse at a time.")
    var jobs = 1

    @Option(help: "How hard to look: fast, normal (the default) or exhaustive; a plan says it itself.")
    var effort: Effort?

    @Flag(help: "Analyse recordings that are shorter than the organisation's limit, too; a plan says it itself.")
    var allowShort = false

    @Flag(help: "Look at a few stretches of long recordings first, as 'analyze' does; a plan says it itself.")
    var triage = false

    @OptionGroup var played: PlayedAtOptions

    @Option(help: ArgumentHelp("Limit for a file; else five hours, with exhaustive fifty.", valueName: "seconds"))
    var timeLimit: Double?

    @Option(help: ArgumentHelp("With --plan, write figures for Prometheus here.", valueName: "file"))
    var metrics: String?

    @Flag(help: "End with 0 even if files were refused: trying again does not change that.")
    var refusalsOK = false

    @Flag(help: "With --plan, refuse inputs that cannot be had, so that the part ends: the last try.")
    var missingOK = false

    mutating func validate() throws {
        guard (input == nil) != (plan == nil) else {
            throw ValidationError("Name an input, or a run with --plan.")
        }
        guard plan == nil || out != nil else { throw ValidationError("--plan needs --out for the part.") }
        try played.requireTime()
        let isAsked = effort != nil || allowShort || triage || meeting != nil || shown != nil || played.playedAt != nil
        guard plan == nil || !isAsked else {
            throw ValidationError(
                "--meeting, --as, --played-at, --effort, --allow-short and --triage are for an input; a plan says them "
                    + "itself.")
        }
        guard plan != nil || (metrics == nil && root == nil && part == nil && jobs == 1 && !missingOK) else {
            throw ValidationError("--part, --root, --jobs, --metrics and --missing-ok need --plan.")
        }
        guard timeLimit.map({ $0 >= 1 && $0 <= 1e7 }) ?? true else {
            throw ValidationError("--time-limit must be 1 to 10000000 seconds.")
        }
        guard (1...1024).contains(jobs) else { throw ValidationError("--jobs must be 1 to 1024.") }
    }

    /// What a worker has nothing to do without is no input that may come later.
    private func opened(_ context: ServiceContext) throws -> OpenBundle {
        do {
            let bundle = try SealedBundle(path: bundle)
            if plan == nil { try bundle.header.requireValid(at: context.clock()) }
            return try bundle.opened(with: try BundleKey(path: key))
        } catch {
            let isBarred = error.code == .inputOutput && (FilePath.isBarred(bundle) || FilePath.isBarred(key))
            guard error.code == .missing || isBarred else { throw error }
            throw CommandError(.configuration, error.message)
        }
    }

    func run() throws {
        let context = ServiceContext.commandLine()
        let open = try opened(context)
        let plan = try plan.map { try RunPlan(path: $0) }
        let options = AnalysisOptions(
            effort: plan?.effort ?? effort ?? .normal, allowShort: plan?.allowShort ?? allowShort, keepsAnswers: false,
            triages: plan.map { $0.triage ?? false } ?? triage, timeLimit: timeLimit)
        if options.triages, open.header.search {
            throw CommandError(.usage, plan == nil ? "--triage needs a known meeting" : RunPlan.triageNeedsMeetings)
        }
        let analyst = BundleAnalyst(open, context: context, options: options)
        let worker = Worker(
            analyst, clock: context.clock, folder: ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp",
            takesMissing: missingOK)
        let refused =
            try plan.map { try work($0, worker, open) }
            ?? answer(
                input ?? "", worker, meeting.map { $0 == analyst.standing ? $0 : try open.meetingID(named: $0).text })
        if refused, !refusalsOK { throw ExitCode(ExitStatus.someFailed.rawValue) }
    }

    /// One line; whether the input was refused.
    private func answer(_ input: String, _ worker: Worker, _ meeting: String?) throws -> Bool {
        let signals = StopSignals {
            Worker.discardInputs()
            ProcessLog.end(status: $0)
        }
        defer { withExtendedLifetime(signals) {} }
        try out.map(PrivateFile.requireNew)
        let result = try worker.work(.init(input, shown: shown, meeting: meeting, playedAt: played.stated))
        ProcessLog.events.recording(result.outcome)
        try out.map { try PrivateFile.createOrWrite($0, bytes: result.line) } ?? Output.result(Data(result.line))
        if let refusal = result.outcome.refusal { Output.error("\(result.outcome.path): \(refusal.message)") }
        return result.outcome.refusal != nil
    }

    /// A part of a run; whether an input of it was refused.
    private func work(_ plan: RunPlan, _ worker: Worker, _ open: OpenBundle) throws -> Bool {
        let clock = ServiceContext.commandLine().clock
        let job = try PartJob(
            plan, part: part, out: out ?? "", bundle: open, takesMissing: missingOK, at: clock())
        let interruption = Interruption(atEnd: ProcessLog.end) {
            job.noteStop()
            Output.message("earmark: finishing the files in hand; once more ends at once")
        }
        let terms = PartJob.Terms(
            root: root, jobs: jobs, metrics: metrics, files: [bundle, key, self.plan, out].compactMap(\.self),
            clock: clock, log: ProcessLog.events)
        let tally = try job.run(worker, terms, isStopRequested: { interruption.isRequested }) { Output.message($0) }
        if tally.remaining > 0, let status = interruption.exitStatus { throw ExitCode(status) }
        return tally.refused > 0
    }
}
