import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import Foundation

/// The command `earmark commitment`.
struct CommitmentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commitment", abstract: "Commit to a meeting's seeds before it takes place.",
        discussion: """
            A commitment is one number that can be published or time-stamped before the meeting without telling \
            anything. It shows later that nobody's seed was exchanged or chosen afterwards.
            """,
        subcommands: [Show.self, Verify.self], aliases: ["commitments"])

    /// The command `earmark commitment show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the meeting's latest commitment; the first time, make it.",
            discussion: """
                  earmark commitment show --meeting m_4xkq2v7rj3nw6t5a
                  earmark commitment show --meeting m_4xkq2v7rj3nw6t5a --renew
                """)

        @Option(name: .shortAndLong, help: Named.meetingHelp, completion: Named.meetings)
        var meeting: String

        @Flag(help: "Make a new one, when clients were added since.")
        var renew = false

        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let id = try store.meetingID(named: meeting)
            let commitment = try store.commitment(ofMeeting: id, renewed: renew)
            let view = CommitmentView(commitment)
            try json.print(
                ["commitment": view],
                human: Table.list([
                    "meeting": id.text, "commitment": view.root, "made": view.made, "clients": String(view.clients),
                ]))
        }
    }

    /// The command `earmark commitment verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that the seeds in use are those that were committed to.",
            discussion: """
                The exit status is 0 if they are, 65 otherwise.

                  earmark commitment verify --meeting m_4xkq2v7rj3nw6t5a --root 5b1c…
                """)

        @Option(name: .shortAndLong, help: Named.meetingHelp, completion: Named.meetings)
        var meeting: String

        @Option(
            help: ArgumentHelp("The commitment as it was published; all stored ones without it.", valueName: "root"))
        var root: String?

        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let id = try store.meetingID(named: meeting)
            let (holding, broken) = try store.verifyCommitments(ofMeeting: id, root: root)
            guard !holding.isEmpty || !broken.isEmpty else {
                throw CommandError(.unknown, "meeting '\(meeting)' has no commitment; see 'earmark commitment show'")
            }
            let lines =
                holding.map { "\($0.root) holds for \($0.clientCount) clients, made \($0.createdAt.text)" }
                + broken.map { "\($0) does NOT hold" }
            try json.print(
                ["holding": holding.map(CommitmentView.init), "broken": broken], human: lines.joined(separator: "\n"))
            if !broken.isEmpty { throw ExitCode(ExitStatus.invalidInput.rawValue) }
        }
    }
}
