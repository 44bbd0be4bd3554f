import ArgumentParser
import EarmarkAnalysis
import EarmarkAnswer
import EarmarkBatch
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkRun
import EarmarkService
import EarmarkStore

/// The command `earmark run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Plan what many machines analyse, and prove that nothing of it was lost.",
        discussion: """
            A plan fixes the inputs, what is asked and the parts. Each worker writes one part, which opens with the \
            plan's digest and closes with what it holds. What is not whole is not joined, and only what a bundle of \
            this store signed is taken in.

              earmark run plan cases.csv --parts 8 -o run.json
              earmark work --bundle B --key K --plan run.json --part 1 \\
                -o part.ndjson  # on each machine
              earmark run status run.json part.*-of-8.ndjson
              earmark run merge run.json part.*-of-8.ndjson -o run.ndjson
              earmark run import run.json run.ndjson
            """,
        subcommands: [Plan.self, Status.self, Merge.self, Import.self])

    /// The command `earmark run plan`.
    struct Plan: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fix the inputs and parts of a run.",
            discussion: """
                Inputs are files, folders, quoted patterns, manifests or -, as for 'earmark batch', and https URLs. \
                The same inputs make the same plan. Sizes are noted, with --digests also what files hold: a worker \
                refuses an input that is another one by then. Workers know meetings by identifiers: titles, their \
                beginnings and 'latest' are looked up in the store, where there is one.

                  earmark run plan leaks/ --parts 8 -o run.json
                  earmark run plan cases.csv --parts 100 --digests -o run.json
                """)

        @Argument(
            help: ArgumentHelp("Files, folders, patterns, manifests, URLs or -.", valueName: "input"),
            completion: .file())
        var inputs: [String]

        @Option(help: "Number of parts.")
        var parts = 1

        @Option(name: .shortAndLong, help: ArgumentHelp("File to create, mode 0600.", valueName: "file"))
        var output: String

        @Option(
            name: .shortAndLong,
            help: "The meeting of inputs for which no manifest names one; else that of the bundle.",
            completion: Named.meetings)
        var meeting: String?

        @Option(help: ArgumentHelp("In folders, only names that match; may be repeated.", valueName: "pattern"))
        var include: [String] = []

        @Flag(help: "Read every file for its SHA-256.")
        var digests = false

        @Option(help: "How hard to look: fast, normal or exhaustive.")
        var effort = Effort.normal

        @Flag(help: "Analyse recordings that are shorter than the organisation's limit, too.")
        var allowShort = false

        @Flag(help: "Look at a few stretches of long recordings first; see 'earmark analyze'.")
        var triage = false

        @OptionGroup var played: PlayedAtOptions
        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            guard (1...RunPlan.mostParts).contains(parts) else {
                throw ValidationError("--parts must be 1 to \(RunPlan.mostParts).")
            }
        }

        /// The meeting's identifier, for which a store is asked where there is one.
        private func identifier(_ meeting: String) throws -> String {
            guard !Store.isIdentifier(meeting, "m_"), let store = try storeOptions.openIfPresent() else {
                return meeting
            }
            return try store.meetingID(named: meeting, in: try organisationOption.filter(in: store)).text
        }

        /// Stands for a meeting that is not named; no identifier is empty.
        private static let noMeeting = ""

        func run() throws {
            let meeting = try meeting.map(identifier) ?? Plan.noMeeting
            let input = BatchInput(
                meeting: meeting, label: AnalysisLabel(), include: include,
                own: OwnFiles([output]), played: played.ofInput)
            var items: [BatchItem] = []
            var hidden = 0
            for argument in inputs {
                if RemoteInput.isOne(argument) {
                    items.append(
                        BatchItem(
                            path: argument, meeting: meeting, label: AnalysisLabel(), playedAt: input.played.usual))
                } else {
                    let found = try input.find([argument], followsLists: inputs.count == 1)
                    items += found.items
                    hidden += found.leftOut.hidden
                }
            }
            items = try Named.withIdentifiers(items, organisationOption, storeOptions)
            guard !items.isEmpty else { throw CommandError(.unknown, "there is nothing to plan") }
            let plan = try RunPlan(
                items, noMeeting: Plan.noMeeting, parts: parts, effort: effort, allowShort: allowShort,
                triages: triage, digests: digests
            ).create(output)
            let unknown = try storeOptions.openIfPresent()?.warning(aboutMeetings: items.map(\.meeting))
            for warning in plan.warnings(digests: digests) + [unknown].compactMap({ $0 }) {
                Output.message("earmark: warning: \(warning)")
            }
            let view = PlanView(plan, path: output, hidden: hidden)
            try json.print(["plan": view], human: view.text)
        }
    }

    /// The command `earmark run status`.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how far a run is; exit status 65 until it is whole.",
            discussion: "  earmark run status run.json part.*-of-8.ndjson")

        @Argument(help: ArgumentHelp("The plan.", valueName: "plan"), completion: .file())
        var plan: String

        @Argument(help: ArgumentHelp("Parts.", valueName: "part"), completion: .file())
        var files: [String] = []

        @OptionGroup var json: JSONFlag

        func run() throws {
            let parts = RunParts(files, of: try RunPlan(path: plan))
            var table = Table("PART", "STATE", "LINES", "FILE")
            for state in parts.states {
                table.add(String(state.part), state.word, "\(state.lines)/\(state.items)", state.path ?? "-")
            }
            try json.print(["run": RunStatusView(parts)], human: parts.shown(table.text))
            guard let refusal = parts.refusal else { return }
            Output.error(refusal.message, isList: true)
            throw ExitCode(refusal.exitStatus.rawValue)
        }
    }

    /// The command `earmark run merge`.
    struct Merge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Join the parts of a run, all of them, each once and whole.",
            discussion: """
                Whatever is missing, torn, unfinished, foreign or there twice is listed, and nothing is written (65).

                  earmark run merge run.json part.*-of-8.ndjson -o run.ndjson
                """)

        @Argument(help: ArgumentHelp("The plan.", valueName: "plan"), completion: .file())
        var plan: String

        @Argument(help: ArgumentHelp("Parts.", valueName: "part"), completion: .file())
        var files: [String]

        @Option(name: .shortAndLong, help: ArgumentHelp("File to create, mode 0600.", valueName: "file"))
        var output: String

        @OptionGroup var json: JSONFlag

        func run() throws {
            let parts = RunParts(files, of: try RunPlan(path: plan), isReadAgain: true)
            try RunFile.create(output, from: parts)
            try json.print(
                ["run": RunStatusView(parts)],
                human: parts.shown("\(parts.size) in '\(output)'"))
        }
    }

    /// The command `earmark run import`.
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the answers of a merged run into the store.",
            discussion: """
                Every line must be signed by a worker of a bundle that this store gave out and has not revoked, and \
                made while that held; names are filled in. Nothing is stored until all lines were verified. Nothing of \
                a purged meeting is taken (11, or --leave-out-purged). Importing a run again adds nothing; where a \
                line says something else than what is there, all is refused.

                  earmark run import run.json run.ndjson
                  earmark run import run.json run.ndjson --expect "$DIGEST"
                """)

        @Argument(help: ArgumentHelp("The plan.", valueName: "plan"), completion: .file())
        var plan: String

        @Argument(help: ArgumentHelp("The merged run.", valueName: "run"), completion: .file())
        var file: String

        @Option(
            help: ArgumentHelp("The run's whole digest, as 'run plan' printed it; else refuse.", valueName: "digest"))
        var expect: String?

        @Flag(help: "Leave out what is of purged meetings, and take the rest.")
        var leaveOutPurged = false

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let plan = try RunPlan(path: plan)
            try plan.require(digest: expect)
            let work = try RunImport(
                file, of: plan, into: try storeOptions.service(), leavesOutPurged: leaveOutPurged)
            let summary = try work.run()
            for warning in summary.warnings { Output.message("earmark: warning: \(warning)") }
            try json.print(["imported": summary], human: summary.text)
        }
    }
}

extension RunError: ReportableError {
    var text: String { message }

    var exitStatus: ExitStatus {
        switch code {
        case .malformed, .unfinished, .foreign, .unsigned: .invalidInput
        case .planMissing: .configuration
        case .unknownInput: .unknown
        case .inputOutput, .killed: .inputOutput
        case .busy: .busy
        case .partUnusable: .usage
        case .defect: .internalError
        }
    }
}
