public import EarmarkFiles
import GRDB

/// What the audit log has of one kind of action on the records of a meeting.
public struct RecordsChange: Sendable, Equatable {
    /// What was done.
    public let action: AuditAction
    /// How many entries the log has of it.
    public let count: Int
    /// When the first of these was made.
    public let first: Timestamp
    /// When the last of these was.
    public let last: Timestamp
    /// Whether the meeting had begun, by the clock of the store.
    public let isAfterStart: Bool
}

extension Store {
    /// Actions on what a meeting's answers rest on: who is which client, its times and keys, tickets and marks.
    ///
    /// A sealed bundle of several meetings is an entry of none of them.
    private static let changing: [AuditAction] = [
        .meetingCreate, .meetingEdit, .clientsAdd, .clientRemove, .clientJoin, .clientLeave, .clientMicrophone,
        .ticketsIssue, .ticketRevoke, .mark, .commit, .bundleCreate, .hold, .release,
    ]

    /// What was done with the records of the meeting that an analysis is of, until that.
    ///
    /// In the log's order, by action and by whether the meeting had begun; empty if it is of none.
    public func recordsChanges(until record: AnalysisRecord) throws(StoreError) -> [RecordsChange] {
        guard let meetingID = record.meetingID else { return [] }
        let start = try meeting(meetingID).startsAt
        return try read { database in
            let actions = Self.changing.map(\.rawValue)
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT action, at >= ? AS later, count(*) AS entries, min(at) AS first, max(at) AS last
                    FROM audit JOIN auditDetails ON entryID = audit.id
                    WHERE auditDetails.meetingID = ? AND position <= ?
                        AND action IN (\(actions.map { _ in "?" }.joined(separator: ", ")))
                    GROUP BY action, later ORDER BY min(position)
                    """,
                arguments: [start, meetingID, try Self.place(of: record, database)] + StatementArguments(actions))
            return rows.compactMap { row in
                AuditAction(rawValue: row["action"]).map {
                    RecordsChange(
                        action: $0, count: row["entries"], first: row["first"], last: row["last"],
                        isAfterStart: row["later"])
                }
            }
        }
    }
}
