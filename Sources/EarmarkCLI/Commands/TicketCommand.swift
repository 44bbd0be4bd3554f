import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkMark
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark ticket`.
struct TicketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket", abstract: "Issue, show, check and revoke the credentials that clients mark with.",
        discussion: """
            A ticket is a file that lets one client mark the audio of one meeting. Whoever holds it can make that \
            client's mark: hand it to that client only.
            """,
        subcommands: [Issue.self, List.self, Show.self, Status.self, Revoke.self, Revocations.self],
        aliases: ["tickets"])

    /// The command `earmark ticket issue`.
    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue the ticket of one client, or of all.",
            discussion: """
                Files get mode 0600 and existing ones are not overwritten. With --all, clients that cannot carry a \
                mark are left out and files are named by client identifier.

                  earmark ticket issue --meeting Board --client ada@example.org -o ada.ticket
                  earmark ticket issue --meeting Board --all --out-dir tickets
                """)

        @OptionGroup var meetingOption: MeetingOption

        @Option(help: Named.clientHelp, completion: Named.clients)
        var client: String?

        @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the ticket.", valueName: "file"))
        var output: String?

        @Flag(help: "Issue a ticket to every client that can carry a mark.")
        var all = false

        @Option(help: ArgumentHelp("Folder to write the tickets to; made if missing.", valueName: "folder"))
        var outDir: String?

        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            let isOne = client != nil && output != nil && !all && outDir == nil
            let isAll = client == nil && output == nil && all && outDir != nil
            guard isOne || isAll else { throw ValidationError("Give --client and --output, or --all and --out-dir.") }
        }

        func run() throws {
            let store = try storeOptions.open()
            let tickets = try outDir.map { try issueAll(to: $0, store: store) } ?? issueOne(store)
            try json.print(["tickets": tickets], human: TicketRecordView.table(tickets))
        }

        private func issueOne(_ store: Store) throws -> [TicketRecordView] {
            guard let client, let output else { return [] }
            let found = try meetingOption.client(client, in: store)
            return try TicketFile.reserving([output]) {
                let (ticket, record) = try store.issueTicket(meeting: found.meetingID, client: found.id.text)
                try TicketFile.fill(output, with: ticket)
                return [TicketRecordView(record, file: output)]
            }
        }

        private func issueAll(to folder: String, store: Store) throws -> [TicketRecordView] {
            func path(_ clientID: String) -> String { folder + "/" + clientID + TicketFile.suffix }
            let id = try meetingOption.meeting(in: store).id
            let clients = try store.clients(ofMeeting: id).filter(\.kind.canCarryMark).map(\.id.text)
            try PrivateFile.createParentFolder(of: path(id.text))
            return try TicketFile.reserving(clients.map(path)) {
                try store.issueTickets(meeting: id).map { ticket, record in
                    try TicketFile.fill(path(ticket.clientID), with: ticket)
                    return TicketRecordView(record, file: path(ticket.clientID))
                }
            }
        }
    }

    /// The command `earmark ticket list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tickets issued for a meeting.",
            discussion: """
                  earmark ticket list --meeting Board
                """)

        @OptionGroup var meetingOption: MeetingOption

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let id = try meetingOption.meeting(in: store).id
            let tickets = try store.tickets(ofMeeting: id).map { TicketRecordView($0) }
            try store.noteView(of: "tickets", inMeeting: id)
            try json.print(["tickets": tickets], human: TicketRecordView.table(tickets))
        }
    }

    /// The command `earmark ticket show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a ticket file is for; never its secrets.",
            discussion: """
                The store, where there is one, adds whether the ticket was revoked.

                  earmark ticket show ada.ticket
                """)

        @Argument(help: "The ticket file.", completion: .file())
        var file: String

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let ticket = try TicketFile.read(file)
            let record = try storeOptions.openIfPresent().flatMap { try TicketCommand.record(of: ticket, in: $0) }
            let view = TicketView(ticket, record: record)
            try json.print(["ticket": view], human: view.text)
        }
    }

    /// The command `earmark ticket revoke`.
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record that a ticket is no longer to be trusted.",
            discussion: """
                Copies of the file keep working; the record tells later that its marks may be another's.

                  earmark ticket revoke t_5l2kq7c3vxj4n6m3t7a2r5w4ze
                  earmark ticket revoke ada.ticket
                """)

        @Argument(help: "The ticket's identifier, the beginning of that, or its file.", completion: .file())
        var ticket: String

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let isFile = FilePath.status(ticket) != nil
            let id = isFile ? try TicketFile.read(ticket).ticketID : try store.ticketID(named: ticket)
            let revoked = try store.revokeTicket(id)
            let view = TicketRecordView(revoked)
            let meeting = try store.meeting(revoked.client.meetingID)
            try json.print(
                ["ticket": view],
                human: TicketRecordView.table([view]) + "\nrevoked; it is of meeting \(meeting.mention)")
        }
    }

    /// The record of a ticket; nil if the store does not know it.
    static func record(of ticket: Ticket, in store: Store) throws(StoreError) -> IssuedTicket? {
        do {
            return try store.ticket(ticket.ticketID)
        } catch  where error.code == .unknownTicket {
            return nil
        }
    }
}
