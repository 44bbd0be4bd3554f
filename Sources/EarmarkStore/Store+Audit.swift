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
            return try rows.map { row in
                let details: Data? = try row.get("details")
                let hash: Data = try row.get("hash")
                return try AuditEntry(
                    position: row.get("position"), id: row.get("id"), at: row.get("at"), action: row.get("action"),
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
    /// - Parameters:
    ///   - noted: an entry's place and link as they were noted elsewhere.
    ///   - anchors: files of anchors, beside those of the anchors that are set.
    ///   - authorities: certificates of time-stamping authorities, PEM; nil checks no signature of a stamp.
    public func verifyAudit(
        noted: (position: Int64, hash: String)? = nil, anchors: [String] = [], authorities: String? = nil
    ) throws(StoreError) -> AuditVerification {
        let evidence = try anchorEvidence(anchors, authorities: authorities)
        let vouching = try vouching()
        let keys = try keyFile.read(storeID: storeID)
        let remembered = Result { () throws(StoreError) in try vouching.notedHead() }
        return try read { database in
            let places = evidence.links.map(\.place) + (noted.map { [$0.position] } ?? [])
            var check = LogCheck(vouching: vouching, purged: keys.purged, noted: Set(places))
            let rows = try Row.fetchCursor(database, sql: LogEntryRow.query, arguments: [Int64.min])
            while let row = try rows.next() { check.add(try LogEntryRow(row)) }
            do {
                _ = try vouching.head(database, noted: remembered.get())
            } catch let error as StoreError {
                // That the last entry was changed is found above.
                let isKnown = error.message == Vouching.altered(check.result.count).message
                if !isKnown || check.result.problems.isEmpty { check.result.problems.append(error.message) }
            }
            if let noted, check.links[noted.position] != noted.hash.lowercased() {
                check.result.problems.append("entry \(noted.position) is not the one that was noted")
            }
            let origin = Hexadecimal.text(AuditChain.origin)
            let lost = evidence.links.filter { (check.links[$0.place] ?? ($0.place == 0 ? origin : "")) != $0.link }
            if let first = lost.first {
                check.result.problems.append(
                    "entry \(first.place), by the anchor \(first.source), is not there: the log was cut, or the store "
                        + "was put back to an older state as a whole" + (lost.count > 1 ? " (\(lost.count) such)" : ""))
            }
            check.result.anchored = evidence.links.count
            check.result.problems += evidence.problems + check.unlikeKeys(keys)
            check.result.isOnlyUncompared = check.result.problems.isEmpty && !evidence.uncompared.isEmpty
            check.result.problems += evidence.uncompared
            check.result.remarks = evidence.remarks + check.behind(evidence.reach)
            return check.result
        }
    }
}
