import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkLive
import EarmarkMark
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

extension TicketCommand {
    /// The command `earmark ticket status`.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether a ticket may mark, and if not, why.",
            discussion: """
                By the clock, or at --at of its meeting. A ticket is revoked if the store, where there is one, \
                or the list of --revocations says so. The exit status is 0 for a valid ticket and 65 for any other.

                  earmark ticket status ada.ticket
                  earmark ticket status ada.ticket --at 754.2 --revocations revoked.txt
                """)

        @Argument(help: "The ticket file.", completion: .file())
        var file: String

        @Option(help: ArgumentHelp("Judge then instead of now: \(MeetingTimeArgument.forms).", valueName: "offset"))
        var at: MeetingTimeArgument?

        @OptionGroup var revocations: RevocationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let ticket = try TicketFile.read(file)
            let record = try storeOptions.openIfPresent().flatMap { try TicketCommand.record(of: ticket, in: $0) }
            let isListed = try revocations.list()?.contains(ticket) ?? false
            let time = ticket.instant(at: at?.seconds)
            let state = ticket.state(at: time, isRevoked: isListed || record?.revokedAt != nil)
            let view = TicketStatusView(TicketView(ticket, record: record), state, judgedAt: time)
            try json.print(["ticket": view], human: view.text)
            // Explained above; the error is for those who look at it alone.
            if let problem = ticket.problem(state, at: time, at?.seconds) {
                throw CommandError(.invalidInput, problem)
            }
        }
    }

    /// The command `earmark ticket revocations`.
    struct Revocations: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the list of a meeting's revoked tickets.",
            discussion: """
                One identifier a line, for --revocations, the members of the same name in earmark.h, and \
                $EARMARK_REVOCATIONS of the plugins.

                  earmark ticket revocations --meeting Board > revoked.txt
                """)

        @OptionGroup var meetingOption: MeetingOption

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let id = try meetingOption.meeting(in: store).id
            let tickets = try store.tickets(ofMeeting: id)
            let lines = tickets.filter { $0.revokedAt != nil }.map(\.id.text)
            try json.print(
                ["meeting": id, "revoked": lines],
                human: (["# Revoked tickets of meeting \(id)"] + lines).joined(separator: "\n"))
        }
    }
}
