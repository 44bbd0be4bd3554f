import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

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

                  earmark client remove ada@example.org --meeting Board --yes
                """)

        @Argument(
            help: ArgumentHelp(
                "The client: whole e-mail or participant, identifier or the beginning of that.", valueName: "client"),
            completion: Named.clients)
        var named: String?

        @Option(
            help: ArgumentHelp("The same, as 'client join' takes it.", valueName: "client"), completion: Named.clients)
        var client: String?

        @OptionGroup var meetingOption: MeetingOption

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            guard (named == nil) != (client == nil) else { throw ValidationError("Name the client once.") }
        }

        func run() throws {
            let store = try storeOptions.open()
            let meeting = try meetingOption.meeting(in: store, wholly: true)
            let found = try store.client(named: named ?? client ?? "", inMeeting: meeting.id, wholly: true)
            try confirmation.require(
                "client '\(found.id)' (\(found.email)/\(found.device)) of meeting \(meeting.mention) would be removed, "
                    + "and no analysis could name it")
            let tickets = try store.removeClient(found.id, ofMeeting: found.meetingID)
            try json.print(
                ["removed": found.id, "tickets": tickets],
                human: ([
                    "removed \(found.id) (\(found.email)/\(found.device)) of meeting \(meeting.mention); no analysis "
                        + "can name it any more"
                ]
                    + tickets.map { "its ticket \($0) can go on marking: add it to lists of revoked ones" })
                    .joined(separator: "\n"))
        }
    }
}
