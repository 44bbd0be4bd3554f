package import EarmarkFiles
import Foundation
import GRDB

/// That an analysis heard the tag of a client's microphone.
package struct TagHearing: Sendable, Equatable {
    /// The analysis; nil where the log of before does not tell, and for those of a run.
    package let analysis: AnalysisID?
    /// When the log has it.
    package let at: Timestamp
}

extension Store {
    /// The first time that the tag of a client was heard, if that was before a file was first looked at for its
    /// meeting, by the order of the log: whoever reacts to a recording can make another one with a tag in it.
    package func tagHearing(
        of client: ClientID, inMeeting meeting: MeetingID, beforeLookAt sha256: String
    ) throws(StoreError) -> TagHearing? {
        try read { database in
            let actions = [AuditAction.analyse, .analyseUnstored, .tagsHeard].map(\.rawValue)
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT action, at, details FROM audit JOIN auditDetails ON entryID = audit.id
                    WHERE auditDetails.meetingID = ? AND action IN (?, ?, ?) ORDER BY position
                    """, arguments: [meeting] + StatementArguments(actions))
            // Answers of runs have no entry with their file.
            let stored = try Timestamp.fetchOne(
                database, sql: "SELECT min(createdAt) FROM analyses WHERE sha256 = ?", arguments: [sha256])
            while let row = try rows.next() {
                let bytes: Data = row["details"]
                let details = try JSONDecoder().decode([String: String].self, from: bytes)
                guard row["action"] == AuditAction.tagsHeard.rawValue else {
                    if details["sha256"] == sha256 { return nil }
                    continue
                }
                let heard = (details["clients"] ?? "").split(separator: " ")
                guard heard.contains(where: { $0 == client.text }) else { continue }
                let at: Timestamp = row["at"]
                if let stored, stored <= at { return nil }
                return TagHearing(analysis: details["analysis"].map { AnalysisID($0) }, at: at)
            }
            return nil
        }
    }
}
