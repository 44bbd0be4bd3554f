import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    // MARK: Reading

    /// The log, latest entry first.
    ///
    /// - Parameter limit: entries at most; nil for all.
    public func auditEntries(limit: Int? = nil) throws(StoreError) -> [AuditEntry] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT audit.*, details FROM audit LEFT JOIN auditDetails ON entryID = audit.id
                    ORDER BY position DESC LIMIT ?
                    """, arguments: [limit ?? -1])
            return rows.map { row in
                let details: Data? = row["details"]
                let hash: Data = row["hash"]
                return AuditEntry(
                    position: row["position"], id: row["id"], at: row["at"], action: row["action"],
                    hash: Hexadecimal.text(hash),
                    details: details.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) })
            }
        }
    }

    /// Checks every link, every detail that is still there, that details are missing only where a purge took them, and
    /// that nothing is missing at the end: neither by the log's own head nor by what is remembered beside the keys.
    ///
    /// Whoever has database and key folder can put older copies of both in place of the present ones; only a link that
    /// was noted elsewhere shows that.
    /// - Parameter noted: an entry's place and link as they were noted elsewhere.
    public func verifyAudit(
        noted: (position: Int64, hash: String)? = nil
    ) throws(StoreError) -> AuditVerification {
        let vouching = try vouching()
        let purged = try keyFile.read(storeID: storeID).purged
        let remembered = Result { () throws(StoreError) in try vouching.notedHead() }
        return try read { database in
            var check = LogCheck(vouching: vouching, purged: purged)
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT audit.*, salt, details, auditDetails.meetingID AS detailsMeetingID,
                        EXISTS (SELECT 1 FROM meetings WHERE id = audit.meetingID) AS isStored
                    FROM audit LEFT JOIN auditDetails ON entryID = audit.id ORDER BY position
                    """)
            while let row = try rows.next() { check.add(row, noted: noted?.position) }
            do {
                _ = try vouching.head(database, noted: remembered.get())
            } catch let error as StoreError {
                check.result.problems.append(error.message)
            }
            if let noted, check.notedLink != noted.hash.lowercased() {
                check.result.problems.append("entry \(noted.position) is not the one that was noted")
            }
            return check.result
        }
    }
}
