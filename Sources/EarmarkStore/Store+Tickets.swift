public import EarmarkFiles
public import EarmarkMark
import GRDB

extension Store {
    /// How long after a meeting's start its tickets stay valid, in seconds: the longest meeting, overrun included.
    static let ticketLifetime: Int64 = MeetingDraft.maximumDuration
    /// How long before a meeting's start its tickets become valid, in seconds.
    ///
    /// People come early, and their clocks are off; analysis expects the same quarter of an hour.
    static let ticketLead: Int64 = 900

    /// Issues the ticket of one client and records it.
    ///
    /// - Parameters:
    ///   - meetingID: the meeting.
    ///   - reference: the client's identifier or unique e-mail.
    /// - Returns: the ticket, which holds secrets, and its record, which holds none.
    /// - Throws: `watermarkingOff`, `meetingForeign`, `clientCannotCarryMark`, `unknownMeeting`,
    ///   `unknownClient`, `ambiguousClient`, or an error of the key file.
    public func issueTicket(
        meeting meetingID: MeetingID, client reference: String
    ) throws(StoreError) -> (ticket: Ticket, record: IssuedTicket) {
        let meeting = try markedMeeting(meetingID)
        let client = try client(reference, inMeeting: meetingID)
        guard client.kind.canCarryMark else {
            throw StoreError(
                .clientCannotCarryMark,
                "client '\(client.id)' is of kind '\(client.kind.rawValue)', which cannot carry a mark")
        }
        let issued = try issue(to: [client], meeting: meeting)
        guard let only = issued.first else {
            throw StoreError(.unknownClient, "meeting '\(meetingID)' has no client '\(reference)'")
        }
        return only
    }

    /// Issues a ticket to every client of a meeting that can carry a mark, all recorded together.
    ///
    /// - Throws: as `issueTicket(meeting:client:)`; `unknownClient` if no client can carry a mark.
    public func issueTickets(
        meeting meetingID: MeetingID
    ) throws(StoreError) -> [(ticket: Ticket, record: IssuedTicket)] {
        let meeting = try markedMeeting(meetingID)
        let clients = try clients(ofMeeting: meetingID).filter(\.kind.canCarryMark)
        guard !clients.isEmpty else {
            throw StoreError(.unknownClient, "meeting '\(meetingID)' has no client that can carry a mark")
        }
        return try issue(to: clients, meeting: meeting)
    }

    /// The record of the ticket with this identifier.
    ///
    /// - Throws: `unknownTicket`.
    public func ticket(_ id: TicketID) throws(StoreError) -> IssuedTicket {
        try read { database, vouching in
            let ticket = try Self.ticket(id, database)
            try vouching?.verify(.roster(ticket.client.meetingID), database)
            try vouching?.verify(.events(ticket.client.meetingID), database)
            return ticket
        }
    }

    /// The records of a meeting's tickets in the order they were issued.
    public func tickets(ofMeeting meetingID: MeetingID) throws(StoreError) -> [IssuedTicket] {
        _ = try meeting(meetingID)
        return try read(verifying: [.events(meetingID), .roster(meetingID)]) {
            try Self.tickets($0, where: "meetingID = ? ORDER BY tickets.position", [meetingID])
        }
    }

    /// Records that a ticket is revoked; doing so twice keeps the first date.
    ///
    /// The file itself keeps working where it was copied to: revocation tells what should no longer be trusted.
    /// - Throws: `unknownTicket`.
    public func revokeTicket(_ id: TicketID) throws(StoreError) -> IssuedTicket {
        let now = clock()
        let meetingID = try ticket(id).client.meetingID
        let event = AuditEvent(.ticketRevoke, meeting: meetingID, ["ticket": id.text])
        return try write(event, changing: [.events(meetingID)]) { database in
            let ticket = try Self.ticket(id, database)
            try database.execute(
                // A clock that was set back must not make the row contradict itself.
                sql: "UPDATE tickets SET revokedAt = max(?, issuedAt) WHERE id = ? AND revokedAt IS NULL",
                arguments: [now, ticket.id])
            return try Self.ticket(id, database)
        }
    }

    // MARK: Issuing

    /// The meeting, unless watermarking is off for it or its host is another's: nothing could read its marks.
    func markedMeeting(_ id: MeetingID) throws(StoreError) -> Meeting {
        let meeting = try meeting(id)
        guard meeting.isMarked else { throw meeting.watermarkingOffError }
        if meeting.state == .foreign, let refusal = meeting.refusal { throw refusal }
        return meeting
    }

    private func issue(
        to clients: [Client], meeting: Meeting
    ) throws(StoreError) -> [(ticket: Ticket, record: IssuedTicket)] {
        let key = try key(of: meeting)
        let now = clock()
        var issued: [(ticket: Ticket, record: IssuedTicket)] = []
        for client in clients {
            let seeds = key.markSeeds(clientID: client.id)
            let bytes = Identifier.randomBytes(Ticket.idByteCount)
            let ticket: Ticket
            do {
                ticket = try Ticket(
                    id: bytes, meetingID: meeting.id.text, clientID: client.id.text,
                    meetingStart: meeting.startsAt.seconds,
                    notBefore: (meeting.startsAt - Self.ticketLead).seconds,
                    notAfter: (meeting.startsAt + Self.ticketLifetime).seconds, seeds: seeds)
            } catch {
                throw StoreError(.storeInvalid, "client '\(client.id)': \(error.message)")
            }
            let record = IssuedTicket(id: ticket.ticketID, client: client, issuedAt: now, revokedAt: nil)
            issued.append((ticket, record))
        }
        let clients = issued.map(\.record.client.id.text).joined(separator: " ")
        let event = AuditEvent(.ticketsIssue, meeting: meeting.id, ["clients": clients])
        try write(event, changing: [.events(meeting.id)]) { database in
            let insert = try database.makeStatement(
                sql: "INSERT INTO tickets (id, clientID, issuedAt) VALUES (?, ?, ?)")
            for (_, record) in issued { try insert.execute(arguments: [record.id, record.client.id, now]) }
        }
        return issued
    }

    // MARK: Rows

    private static func ticket(_ id: TicketID, _ database: Database) throws -> IssuedTicket {
        guard let ticket = try tickets(database, where: "tickets.id = ?", [id]).first else {
            throw StoreError(.unknownTicket, "no ticket has the identifier '\(id)'")
        }
        return ticket
    }

    private static func tickets(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> [IssuedTicket] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT tickets.* FROM tickets JOIN clients ON clients.id = tickets.clientID
                JOIN participants ON participants.id = clients.participantID WHERE \(condition)
                """, arguments: arguments)
        return try rows.map { row in
            let clientID: ClientID = try row.get("clientID")
            guard let client = try clients(database, where: "clients.id = ?", [clientID]).first else {
                throw StoreError(.unknownClient, "no client has the identifier '\(clientID)'")
            }
            return try IssuedTicket(
                id: row.get("id"), client: client, issuedAt: row.get("issuedAt"), revokedAt: row.get("revokedAt"))
        }
    }
}

extension Ticket {
    /// The ticket's identifier as the store records it: `t_` and base32.
    public var ticketID: TicketID { TicketID(Identifier.text(.ticket, bytes: id)) }
}
