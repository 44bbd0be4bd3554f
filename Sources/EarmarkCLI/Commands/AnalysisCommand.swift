import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark analysis`.
struct AnalysisCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analysis", abstract: "Look up, annotate, export and delete stored analyses.",
        subcommands: [List.self, Show.self, Find.self, Note.self, Delete.self, Export.self], aliases: ["analyses"])

    /// The command `earmark analysis show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a stored analysis with its report.",
            discussion: """
                  earmark analysis show latest
                  earmark analysis show a_3fd6
                """)

        @Argument(help: Named.analysisHelp, completion: Named.analyses)
        var analysis: String

        @Flag(help: "Name endpoints whose mark is a trace only, which accuses nobody.")
        var nameTraces = false

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let record = try store.analysisToShow(named: analysis)
            try store.record(.init(.view, meeting: record.meetingID, ["analysis": record.id.text]))
            let view = try store.summary(record, withReport: true)
            try json.print(["analysis": view], human: Terminal.wrapped(view.text(namesTraces: nameTraces)))
        }
    }

    /// The command `earmark analysis note`.
    struct Note: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace the note of an analysis.",
            discussion: """
                  earmark analysis note latest "Reported to the works council"
                  earmark analysis note a_3fd6xk2m7qz5r4wj ""
                """)

        @Argument(help: Named.analysisHelp, completion: Named.analyses)
        var analysis: String

        @Argument(help: "The new note; empty to remove it.")
        var note: String

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let record = try store.setNote(note, ofAnalysis: try store.analysisID(named: analysis))
            let view = try store.summary(record)
            try json.print(["analysis": view], human: view.text())
        }
    }

    /// The command `earmark analysis delete`.
    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete an analysis for good.",
            discussion: """
                  earmark analysis delete a_3fd6xk2m7qz5r4wj --yes
                """)

        @Argument(help: Named.analysisHelp, completion: Named.analyses)
        var analysis: String

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let record = try store.analysis(try store.analysisID(named: analysis))
            if try !store.isHeld(record) {
                try confirmation.require("analysis \(record.mention) would be deleted for good")
            }
            try store.deleteAnalysis(record.id)
            try json.print(["deleted": record.id], human: "deleted \(record.mention)")
        }
    }

    /// The command `earmark analysis export`.
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write stored analyses as JSON or CSV.",
            discussion: """
                JSON holds the whole reports, CSV a line for each analysis, as 'analysis list --csv' does. In CSV, \
                text that a spreadsheet would \
                take for a formula gets an apostrophe in front.

                  earmark analysis export --format json > analyses.json
                  earmark analysis export --format csv --meeting Board -o analyses.csv
                """)

        /// The forms of an export.
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case json, csv
        }

        @Option(help: "The form of the export.")
        var format: Format

        @Argument(help: "Analyses to export; all of them without any.")
        var analyses: [String] = []

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("File to create, with mode 0600; standard output without it.", valueName: "file"))
        var output: String?

        @OptionGroup var filter: AnalysisFilter
        @OptionGroup var storeOptions: StoreOptions

        func run() throws {
            let store = try storeOptions.open()
            let chosen = try filter.analyses(in: store)
            let records =
                analyses.isEmpty ? chosen : try analyses.map { try store.analysis(try store.analysisID(named: $0)) }
            try store.record(.init(.export, ["analyses": records.map(\.id.text).joined(separator: " ")]))
            let data =
                format == .json
                ? try Output.encoded(["analyses": store.summaries(records, withReports: true)])
                : Data(AnalysisListing.csv(try store.listings(records, isLogged: true)).utf8)
            if let output {
                try PrivateFile.create(output, bytes: [UInt8](data))
            } else {
                try Output.result(data)
            }
        }
    }
}

/// Which analyses are meant.
struct AnalysisFilter: ParsableArguments {
    @Option(
        name: .shortAndLong, help: "Only analyses of this meeting: title, identifier or 'latest'.",
        completion: Named.meetings)
    var meeting: String?

    @OptionGroup var organisationOption: OrganisationOption

    /// The analyses chosen in `store`, latest first.
    func analyses(in store: Store) throws(StoreError) -> [AnalysisRecord] {
        let (meeting, organisation) = try chosen(in: store)
        return try store.analyses(ofMeeting: meeting, in: organisation)
    }

    /// Where they are.
    func places(in store: Store) throws(StoreError) -> [Int64] {
        let (meeting, organisation) = try chosen(in: store)
        return try store.analysisPlaces(ofMeeting: meeting, in: organisation)
    }

    private func chosen(in store: Store) throws(StoreError) -> (MeetingID?, OrganisationID?) {
        let organisation = try organisationOption.filter(in: store)
        let meetingID = try meeting.map { name throws(StoreError) in
            try store.meeting(try store.meetingID(named: name, in: organisation)).id
        }
        return (meetingID, organisation)
    }
}
