public import EarmarkFiles
import Foundation
import GRDB

/// What the store has of one client that tells whether its mark can have come from elsewhere.
public struct ClientRecords: Sendable, Equatable {
    /// Its tickets, in the order they were issued.
    public let tickets: [IssuedTicket]
    /// When it was present, in order of time.
    public let presences: [PresenceInterval]
    /// Whether presences of other clients of the meeting are known.
    public let hasOtherPresences: Bool
    /// When audio was marked as this client with the store's keys, in the order of the log.
    public let marks: [Timestamp]
}

extension Store {
    /// What the store has of a client; nil if the meeting or the client is gone.
    ///
    /// `log`: this store's; `end`: with marks that it has until this analysis; nil for all.
    public func records(
        of clientID: ClientID, inMeeting meetingID: MeetingID, _ log: LogHistory, until end: AnalysisRecord? = nil
    ) throws(StoreError) -> ClientRecords? {
        try read(verifying: [.meeting(meetingID), .roster(meetingID), .events(meetingID)]) { database in
            guard
                let client = try Self.clients(
                    database, where: "meetingID = ? AND clients.id = ?", [meetingID, clientID]
                ).first
            else { return nil }
            let tickets = try Row.fetchAll(
                database, sql: "SELECT * FROM tickets WHERE clientID = ? ORDER BY position", arguments: [clientID]
            ).map {
                try IssuedTicket(
                    id: $0.get("id"), client: client, issuedAt: $0.get("issuedAt"), revokedAt: $0.get("revokedAt"))
            }
            let presences = try Row.fetchAll(
                database, sql: "SELECT * FROM presences WHERE clientID = ? ORDER BY joinedAt, position",
                arguments: [clientID]
            ).map { try PresenceInterval(joinedAt: $0.get("joinedAt"), leftAt: $0.get("leftAt")) }
            let others = try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM presences JOIN clients ON clients.id = presences.clientID
                        JOIN participants ON participants.id = clients.participantID
                        WHERE meetingID = ? AND clients.id <> ?)
                    """, arguments: [meetingID, clientID])
            return ClientRecords(
                tickets: tickets, presences: presences, hasOtherPresences: others ?? false,
                marks: log.marks(of: clientID, inMeeting: meetingID, until: end))
        }
    }
}
