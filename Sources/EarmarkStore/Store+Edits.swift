public import EarmarkFiles
import Foundation
import GRDB

/// What of a meeting is to be changed; nil leaves a part as it is.
public struct MeetingChange: Sendable, Equatable {
    /// Title, 1 to 200 characters.
    public var title: String?
    /// Planned start.
    public var startsAt: Timestamp?
    /// Planned duration in seconds.
    public var durationSeconds: Int64?
    /// The host's e-mail; empty if the organisation itself hosts.
    public var hostEmail: String?
    /// Whether the meeting is marked.
    public var isWatermarkOn: Bool?
    /// Whether its clients tag what their microphones send.
    public var hasMicrophoneTags: Bool?

    /// A change of nothing.
    public init() {}

    /// What the log says of it.
    fileprivate var details: [String: String] {
        var details: [String: String] = [:]
        details["title"] = title
        details["start"] = startsAt?.text
        details["duration"] = durationSeconds.map { "\($0) s" }
        details["host"] = hostEmail
        details["watermark"] = isWatermarkOn.map { $0 ? "on" : "off" }
        details["microphoneTags"] = hasMicrophoneTags.map { $0 ? "on" : "off" }
        return details
    }

    /// Whether it touches what commitments cover.
    fileprivate var changesCommitted: Bool { title != nil || startsAt != nil || durationSeconds != nil }

    fileprivate func applied(to meeting: Meeting) -> MeetingDraft {
        MeetingDraft(
            title: title ?? meeting.title, startsAt: startsAt ?? meeting.startsAt,
            durationSeconds: durationSeconds ?? meeting.durationSeconds,
            hostEmail: hostEmail.map { $0.isEmpty ? nil : $0 } ?? meeting.hostEmail,
            isWatermarkOn: isWatermarkOn ?? meeting.isWatermarkOn,
            hasMicrophoneTags: hasMicrophoneTags ?? meeting.hasMicrophoneTags)
    }
}

extension Store {
    /// Changes what a meeting is.
    ///
    /// - Parameters:
    ///   - id: the meeting.
    ///   - change: what changes.
    ///   - mayOutdateTickets: whether the start may move although tickets were issued, which mark by the old one.
    /// - Throws: `unknownMeeting`; `valueInvalid`; `held`; `meetingExpired` if its retention would have run out;
    ///   `committed` if a commitment covers what changes; `ticketsIssued`.
    public func editMeeting(
        _ id: MeetingID, _ change: MeetingChange, mayOutdateTickets: Bool = false
    ) throws(StoreError) -> Meeting {
        let meeting = try meeting(id)
        let draft = change.applied(to: meeting)
        try draft.validate()
        let now = clock()
        if change.startsAt != nil || change.durationSeconds != nil {
            try requireLasting(draft, in: meeting.organisationID, now: now)
        }
        let event = AuditEvent(.meetingEdit, meeting: id, change.details)
        return try write(event, changing: [.meeting(id), .store]) { database in
            try Self.refuseIfHeld(id, database)
            if change.changesCommitted, try Self.commitmentCount(of: id, database) > 0 {
                throw StoreError(
                    .committed,
                    "a commitment covers title, start and duration of meeting '\(id)': changed, it would not hold any "
                        + "more")
            }
            let tickets = try Self.usableTickets(of: id, database)
            if let start = change.startsAt, start != meeting.startsAt, tickets > 0, !mayOutdateTickets {
                throw StoreError(
                    .ticketsIssued,
                    "\(tickets) ticket\(tickets == 1 ? " marks" : "s mark") by the old start of meeting '\(id)': they "
                        + "must be revoked and issued anew")
            }
            try database.execute(
                sql: """
                    UPDATE meetings SET title = ?, startsAt = ?, durationSeconds = ?, hostEmail = ?, watermark = ?,
                        microphoneTags = ? WHERE id = ?
                    """,
                arguments: [
                    draft.title, draft.startsAt, draft.durationSeconds, draft.hostEmail, draft.isWatermarkOn,
                    draft.hasMicrophoneTags, id,
                ])
            return try Self.meeting(id, now: now, database)
        }
    }

    /// Deletes a meeting as a purge does, due or not: its key first, then its rows and analyses, then their traces.
    ///
    /// Analyses on legal hold stay. The log keeps that it was deleted, and when.
    /// - Throws: `unknownMeeting`; `held` if it is on legal hold; `rowsAltered`.
    public func deleteMeeting(_ id: MeetingID) throws(StoreError) -> PurgeResult {
        _ = try meeting(id)
        let (now, vouching) = (clock(), try vouching())
        try change { log in
            try log.touch(.store)
            try Self.refuseIfHeld(id, log.database)
            try Self.verifyRemoval(of: id, vouching, log.database)
            try Self.begin(id, now, vouching, log)
            // Without the meeting as such, so that the entry keeps its details.
            try log.append(.init(.meetingDelete, ["deleted": id.text]))
        }
        let result = try finishPurges()
        if let refusal = result.refusal, !result.meetings.contains(id) { throw refusal }
        return result
    }

    /// Takes a client out of its meeting, with its presences and the records of its tickets.
    ///
    /// From then on no analysis can name it, while whoever holds its ticket can go on marking; answers that are stored
    /// stay as they are.
    /// - Returns: identifiers of its tickets that nobody revoked.
    /// - Throws: `unknownClient`; `held`; `committed` if a commitment covers it.
    public func removeClient(
        _ clientID: ClientID, ofMeeting meetingID: MeetingID
    ) throws(StoreError) -> [TicketID] {
        let client = try client(clientID.text, inMeeting: meetingID)
        let event = AuditEvent(
            .clientRemove, meeting: meetingID,
            ["client": client.id.text, "email": client.email, "device": client.device])
        return try write(event, changing: [.roster(meetingID), .events(meetingID), .store]) { database in
            try Self.refuseIfHeld(meetingID, database)
            if client.kind.canCarryMark, try Self.commitmentCount(of: meetingID, database) > 0 {
                throw StoreError(
                    .committed,
                    "a commitment covers the clients of meeting '\(meetingID)': without '\(clientID)' it would "
                        + "not hold any more")
            }
            let tickets = try TicketID.fetchAll(
                database, sql: "SELECT id FROM tickets WHERE clientID = ? AND revokedAt IS NULL ORDER BY position",
                arguments: [clientID])
            try database.execute(sql: "DELETE FROM clients WHERE id = ?", arguments: [clientID])
            try database.execute(
                sql: """
                    DELETE FROM participants WHERE meetingID = ?
                        AND id NOT IN (SELECT participantID FROM clients)
                    """, arguments: [meetingID])
            return tickets
        }
    }

    static func refuseIfHeld(_ id: MeetingID, _ database: Database) throws {
        guard try holds(database)[id.text] == nil else {
            throw StoreError(.held, "meeting '\(id)' is on legal hold: it stays as it is", advice: .listHolds)
        }
    }

    private static func commitmentCount(of id: MeetingID, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM commitments WHERE meetingID = ?", arguments: [id]) ?? 0
    }

    /// How many tickets of a meeting nobody revoked.
    private static func usableTickets(of id: MeetingID, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: """
                SELECT count(*) FROM tickets JOIN clients ON clients.id = tickets.clientID
                JOIN participants ON participants.id = clients.participantID
                WHERE meetingID = ? AND revokedAt IS NULL
                """, arguments: [id]) ?? 0
    }
}
