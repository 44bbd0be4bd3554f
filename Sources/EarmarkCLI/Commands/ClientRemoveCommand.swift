import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore

extension ClientCommand {
    /// The command `earmark client remove`.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a client out of its meeting, for good.",
            discussion: """
                From then on no analysis can name the client: a recording that it made shows the meeting's mark and \
                nobody's ('inconclusive'). Whoever holds its ticket can go on marking; the identifiers of tickets that \
                nobody revoked are printed, for lists of revoked ones. Stored answers stay as they are. Clients that a \
                commitment covers, and those of meetings on legal hold, stay.

                  earmark client remove ada@example.org --meeting Board
                """)

        @Argument(help: Named.clientHelp, completion: Named.clients)
        var client: String

        @Option(name: .shortAndLong, help: Named.meetingHelp, completion: Named.meetings)
        var meeting: String

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let found = try store.client(named: client, inMeeting: try store.meetingID(named: meeting))
            try confirmation.require(
                "client '\(found.id)' (\(found.email)/\(found.device)) would be removed, and no analysis could name it")
            let tickets = try store.removeClient(found.id, ofMeeting: found.meetingID)
            try json.print(
                ["removed": found.id, "tickets": tickets],
                human: (["removed \(found.id) (\(found.email)/\(found.device)); no analysis can name it any more"]
                    + tickets.map { "its ticket \($0) can go on marking: add it to lists of revoked ones" })
                    .joined(separator: "\n"))
        }
    }
}
