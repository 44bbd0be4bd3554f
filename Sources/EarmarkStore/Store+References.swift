package import EarmarkFiles
import GRDB

extension Store {
    /// Identifier of the meeting that was enrolled last; nil if there is none.
    ///
    /// - Parameter organisationID: if given, only meetings of this organisation.
    package func lastEnrolledMeeting(in organisationID: OrganisationID? = nil) throws(StoreError) -> MeetingID? {
        try read { database in
            // Several can be enrolled in one second; rows are kept in the order in which they came.
            try MeetingID.fetchOne(
                database,
                sql: """
                    SELECT id FROM meetings WHERE ?1 IS NULL OR organisationID = ?1
                    ORDER BY createdAt DESC, rowid DESC LIMIT 1
                    """, arguments: [organisationID])
        }
    }

    /// What tells an analysis from others.
    package struct AnalysisMention: Sendable {
        /// Its identifier.
        package let id: AnalysisID
        /// When it was stored.
        package let createdAt: Timestamp
        /// Name of the file.
        package let fileName: String
    }

    /// Analyses whose identifiers begin with `prefix`, latest first.
    ///
    /// - Parameters:
    ///   - prefix: the beginning; empty for all.
    ///   - limit: analyses at most.
    package func analyses(beginningWith prefix: String, limit: Int) throws(StoreError) -> [AnalysisMention] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, createdAt, fileName FROM analyses WHERE substr(id, 1, length(?1)) = ?1
                    ORDER BY createdAt DESC, position DESC LIMIT ?2
                    """, arguments: [prefix, limit])
            return try rows.map {
                try AnalysisMention(id: $0.get("id"), createdAt: $0.get("createdAt"), fileName: $0.get("fileName"))
            }
        }
    }

    /// Identifiers of tickets that begin with `prefix`, eleven at most; none for less than the kind of identifier.
    package func tickets(beginningWith prefix: String) throws(StoreError) -> [TicketID] {
        guard prefix.hasPrefix("t_") else { return [] }
        return try read { database in
            try TicketID.fetchAll(
                database, sql: "SELECT id FROM tickets WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 11",
                arguments: [prefix])
        }
    }

    /// Seconds between the starts of meetings that are taken for one enrolled twice: who types `now` again.
    private static let twinSeconds: Int64 = 600

    /// Meetings of an organisation with this title that start at about this time.
    package func meetings(
        like title: String, at start: Timestamp, in organisationID: OrganisationID
    ) throws(StoreError) -> [MeetingID] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, title FROM meetings NOT INDEXED
                    WHERE organisationID = ? AND abs(startsAt - ?) <= ? ORDER BY id
                    """,
                arguments: [organisationID, start, Self.twinSeconds])
            return try rows.filter { FieldRules.folded(try $0.get("title")) == FieldRules.folded(title) }
                .map { try $0.get("id") }
        }
    }
}
