import ArgumentParser
import EarmarkAnswer
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

extension AnalysisCommand {
    /// The command `earmark analysis list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List stored analyses and refusals, latest first.",
            discussion: """
                Shows who is identified, and nobody else; CHANCE is the chance that somebody innocent is named, at \
                most.

                  earmark analysis list
                  earmark analysis list --meeting Board --verdict identified -n 10
                  earmark analysis list --who ada@example.org --since 2026-03-01 --csv \\
                    > analyses.csv
                """)

        @OptionGroup var filter: AnalysisFilter

        @Option(help: "Only analyses with this verdict, or 'refused'.", completion: .list(verdicts))
        var verdict: String?

        @Option(help: ArgumentHelp("Only those that identify somebody called like this.", valueName: "text"))
        var who: String?

        @Option(help: ArgumentHelp("Only analyses made after this; a bare day is its first second.", valueName: "time"))
        var since: TimeArgument?

        @Option(
            help: ArgumentHelp("Only analyses made before this; a bare day is its first second.", valueName: "time"))
        var until: TimeArgument?

        @OptionGroup var limit: LimitOption
        @OptionGroup var form: ListForm
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        private static let refused = "refused"
        private static let verdicts = Verdict.allCases.map(\.rawValue) + [refused]

        mutating func validate() throws {
            try form.validate(besides: json)
            guard verdict.map(Self.verdicts.contains) ?? true else {
                throw ValidationError("--verdict must be one of \(Self.verdicts.joined(separator: ", ")).")
            }
        }

        func run() throws {
            let store = try storeOptions.open()
            let listings = try AnalysisListings(
                store, at: try filter.places(in: store),
                where: { record in
                    since.map { record.createdAt > $0.time } ?? true
                        && until.map { record.createdAt < $0.time } ?? true
                        && verdict.map { $0 == record.content.outcome.word } ?? true
                }, who: who, limit: limit.limit)
            try form.print(listings, json)
        }
    }

    /// The command `earmark analysis find`.
    struct Find: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the analyses of a file, whatever it was called.",
            discussion: """
                A file is known by its SHA-256. The exit status is 66 if it was never analysed.

                  earmark analysis find leak.m4a
                  earmark analysis find \\
                    9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
                """)

        @Argument(help: ArgumentHelp("A file, or its SHA-256.", valueName: "file"), completion: .file())
        var file: String

        @OptionGroup var form: ListForm
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws { try form.validate(besides: json) }

        func run() throws {
            let store = try storeOptions.open()
            let (sha256, places) = try store.analysisPlaces(ofContent: file)
            guard !places.isEmpty else {
                throw CommandError(.unknown, "no analysis of a file with SHA-256 \(sha256) is stored")
            }
            try form.print(try AnalysisListings(store, at: places), json)
        }
    }
}

/// How a list of analyses is written.
struct ListForm: ParsableArguments {
    @Flag(help: "Print the list as comma-separated values.")
    var csv = false

    func validate(besides json: JSONFlag) throws {
        if csv, json.isOn { throw ValidationError("--csv and --json exclude each other.") }
    }

    func print(_ listings: AnalysisListings, _ json: JSONFlag) throws {
        try listings.write(csv ? .csv : json.isOn ? .json : .table) { try Output.result($0) }
    }
}

extension AnalysisOutcome {
    /// The verdict's raw value, or `refused`.
    fileprivate var word: String {
        switch self {
        case .verdict(let verdict): verdict.rawValue
        case .refusal: "refused"
        }
    }
}
