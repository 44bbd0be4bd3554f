public import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkMedia
import EarmarkProvisionCLI
import EarmarkRun
import Foundation

/// The root of the command line.
public struct Earmark: AsyncParsableCommand {
    /// Name, help and verbs.
    public static let configuration = CommandConfiguration(
        commandName: "earmark",
        abstract: "Mark the audio of confidential meetings, and learn which client leaked a recording.",
        discussion: """
            Five verbs are enough to begin: a store, a meeting with its clients, tickets for them, marked audio, and \
            who recorded a leak:

              earmark init --org "Example Ltd"
              earmark meeting create --title Board --start now --roster roster.csv
              earmark ticket issue --meeting Board --client ada@example.org -o ada.ticket
              earmark embed clean.wav marked.wav --ticket ada.ticket
              earmark analyze leak.m4a --meeting Board

            Meetings go by title, clients by e-mail or name, both by identifiers, and all of these by their \
            beginnings (whole titles for what cannot be undone); 'latest' is the meeting that was enrolled last, \
            whenever it takes place, or the analysis that was made last.

            Plurals list ('earmark meetings'), 'ls' and 'rm' do what they do elsewhere, and options may stand before \
            the verb. A value that begins with '-' is taken as it stands where it looks like no option (--at -5m), \
            else joined to its own: --note=--x.

            The store is --store PATH, else $EARMARK_STORE, else a file in the user's data folder. Its keys lie beside \
            it in PATH.key, or where $EARMARK_KEY_FILE says. With EARMARK_LOG=stderr, syslog or a path, events are \
            written there as JSON, without names.

            Results go to standard output, messages to standard error. The exit status is 0 on success; 10 to 13 when \
            a meeting or client is refused (10 foreign, 11 expired, 12 watermarking off, 13 client cannot carry a \
            mark); 20 to 27 when a recording is refused (see 'earmark analyze --help'), 30 when \
            some of a batch are; 40 to 48 from 'earmark provision' (see its help); 64 for wrong usage, 65 for invalid \
            input, 66 for something unknown, 73 if it exists already, 74 \
            for failed input or output, 75 if the store is busy, 77 for an exposed key file, 78 for a missing or \
            unusable store or key; 1 from 'earmark calibrate' where its decoys are not as they must be, and for a \
            defect of the program; 130 and 143 after an interruption.

            docs/errors.md says for each refusal what to do, docs/glossary.md what the words mean.
            """,
        version: EarmarkVersion.current,
        subcommands: [
            InitCommand.self, MeetingCommand.self, TicketCommand.self, EmbedCommand.self, AnalyzeCommand.self,
        ],
        groupedSubcommands: [
            CommandGroup(
                name: "More",
                subcommands: [
                    OrganisationCommand.self, SettingsCommand.self, ClientCommand.self, FilterCommand.self,
                    AnalysisCommand.self,
                    BatchCommand.self, RunCommand.self, WorkCommand.self, BundleCommand.self, ReportCommand.self,
                    RetentionCommand.self, StoreCommand.self, KeyCommand.self,
                    AuditCommand.self, CommitmentCommand.self, EvidenceCommand.self, CalibrateCommand.self,
                    ProvisionCommand.self,
                ])
        ])

    /// Made by the argument parser.
    public init() {}

    /// If this process is to be a server of decoders, serves and ends the process; else sees to its streams.
    ///
    /// Call it first: a server must have no thread but this one, and threads open files in place of closed streams.
    public static func serveDecodersIfAsked() {
        HeapTrim.shareHeaps()
        guard CommandLine.arguments.dropFirst().first == decoderVerb else { return StandardStreams.secure() }
        Foundation.exit(DecoderServer.run(mayBeUnconfined: CommandLine.arguments.contains(unconfinedFlag)))
    }

    /// Not for people, so not among the verbs.
    private static let decoderVerb = "serve-decoders"
    private static let unconfinedFlag = "--unconfined"

    /// This very program: the link names the running file even when another version has been installed over it.
    static let executable = "/proc/self/exe"

    /// Decoders of this very program.
    static let decoders = DecoderWorker(
        executable: executable,
        arguments: [decoderVerb]
            + (ProcessInfo.processInfo.environment["EARMARK_DECODER"] == "unconfined" ? [unconfinedFlag] : []))

    /// Makes of a batch's arguments those of the process that analyses for it; not for people either.
    static let analysisVerb = "serve-analyses"

    /// Runs the process's arguments as a command and ends the process.
    public static func execute() async -> Never {
        var arguments = FilePath.arguments(textOptions: textOptions).dropFirst()
        let servesBatch = arguments.first == analysisVerb
        if servesBatch { arguments.removeFirst() }
        do {
            if !servesBatch {
                try ProcessLog.begin(
                    arguments, root: Earmark.self, version: EarmarkVersion.current, isConfined: Confinement.isOn,
                    reserved: StoreOptions.files(named: Invocation.values(of: "--store", in: arguments)))
            }
            try Invocation.requireText(of: textOptions, in: arguments)
            var command = try await asyncParseAsRoot(Invocation.prepared(Array(arguments), root: Earmark.self))
            if servesBatch, let batch = command as? BatchCommand.Run {
                try batch.serve()
            } else if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            leave(ExitStatus.success.rawValue)
        } catch {
            leave(Failure.report(error, of: Array(arguments)))
        }
    }

    /// Options whose values name no file.
    private static let textOptions: Set<String> = [
        "--name", "--note", "--title", "--org", "--participant", "--email", "--device", "--reason", "--common-name",
    ]

    private static func leave(_ status: Int32) -> Never {
        ProcessLog.end(status: status)
        decoders.shutDown()
        Foundation.exit(status)
    }
}
