import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark commitment`.
struct CommitmentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commitment", abstract: "Commit to a meeting's seeds before it takes place.",
        discussion: """
            A commitment is one number that can be published or time-stamped before the meeting without telling \
            anything. It shows later that nobody's seed was exchanged or chosen afterwards.
            """,
        subcommands: [Create.self, Show.self, Verify.self], aliases: ["commitments"])

    /// The command `earmark commitment create`.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Commit to a meeting and its clients, and print the number to publish.",
            discussion: """
                From then on the meeting's title, start and duration stay as they are, and so do the clients that it \
                covers; others can be added, for whom --renew makes a further commitment. Publish the number, or have \
                it stamped, before the meeting begins: what is made later excludes no exchange.

                  earmark commitment create --meeting Board
                """)

        @OptionGroup var meetingOption: MeetingOption

        @Flag(help: "Make a further one, when clients were added since.")
        var renew = false

        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let meeting = try meetingOption.meeting(in: store)
            if !renew, let last = try store.latestCommitment(ofMeeting: meeting.id) {
                throw CommandError(
                    .exists,
                    "meeting \(meeting.mention) was committed to at \(last.createdAt.text), with "
                        + Counted.text(last.clientCount, "client")
                        + ": 'earmark commitment show' prints it; --renew makes a further one")
            }
            try CommitmentCommand.print(try store.commitment(ofMeeting: meeting.id, renewed: true), of: meeting, json)
        }
    }

    /// The command `earmark commitment show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the meeting's latest commitment.",
            discussion: """
                The exit status is 66 if there is none; 'earmark commitment create' makes one.

                  earmark commitment show --meeting Board
                """)

        @OptionGroup var meetingOption: MeetingOption

        @Flag(help: ArgumentHelp("As of 'commitment create'.", visibility: .hidden))
        var renew = false

        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let meeting = try meetingOption.meeting(in: store)
            guard try renew || store.latestCommitment(ofMeeting: meeting.id) != nil else {
                throw CommitmentCommand.none(meeting)
            }
            try CommitmentCommand.print(try store.commitment(ofMeeting: meeting.id, renewed: renew), of: meeting, json)
        }
    }

    private static func print(_ commitment: SeedCommitment, of meeting: Meeting, _ json: JSONFlag) throws {
        if commitment.createdAt >= meeting.startsAt {
            Output.message(
                "earmark: warning: the commitment is of \(commitment.createdAt.text), after the meeting's start: it "
                    + "does not show that no seed was exchanged before")
        }
        let view = CommitmentView(commitment)
        try json.print(
            ["commitment": view],
            human: Table.list([
                "meeting": meeting.id.text, "title": meeting.title, "start": meeting.startsAt.text,
                "commitment": view.root, "made": view.made, "clients": String(view.clients),
            ]))
    }

    private static func none(_ meeting: Meeting) -> CommandError {
        CommandError(
            .unknown,
            "meeting \(meeting.mention) has no commitment; 'earmark commitment create' makes one, after which its "
                + "title, start and clients stay as they are")
    }

    /// The command `earmark commitment verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that the seeds in use are those that were committed to.",
            discussion: """
                All that are stored, or the one that was published. The exit status is 0 if they are, 65 otherwise.

                  earmark commitment verify --meeting Board
                  earmark commitment verify --meeting Board --root \\
                    5b1c0e9a47d2f3862b6a7c1d84e0f5936d2c8b17a4e95f30c6d1827be39f40a2
                """)

        @OptionGroup var meetingOption: MeetingOption
        @OptionGroup var published: RootArgument
        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let meeting = try meetingOption.meeting(in: store)
            let (holding, broken) = try store.verifyCommitments(ofMeeting: meeting.id, root: published.root)
            guard !holding.isEmpty || !broken.isEmpty else { throw CommitmentCommand.none(meeting) }
            let late = holding.filter { $0.createdAt >= meeting.startsAt }.map(\.root)
            let lines =
                holding.map {
                    "\($0.root) holds for \(Counted.text($0.clientCount, "client")), made \($0.createdAt.text), "
                        + (late.contains($0.root) ? "AFTER the meeting's start" : "before the meeting's start")
                }
                + broken.map { "\($0) does NOT hold" }
            try json.print(
                ["holding": holding.map(CommitmentView.init), "broken": broken], human: lines.joined(separator: "\n"))
            if !broken.isEmpty { throw ExitCode(ExitStatus.invalidInput.rawValue) }
        }
    }
}
