import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    // MARK: Reading

    /// The log, latest entry first; what is shown of it must be as it was written.
    ///
    /// - Parameter limit: entries at most; nil for all.
    /// - Throws: `rowsAltered`.
    public func auditEntries(limit: Int? = nil) throws(StoreError) -> [AuditEntry] {
        let vouching = try vouchingIfThereAreKeys()
        // Before the snapshot, which may then be later, never older.
        let noted = try vouching?.notedHead()
        return try read { database in
            let last = try Int64.fetchOne(database, sql: "SELECT max(position) FROM audit") ?? 0
            let start = max(0, last - Int64(limit.map { min($0, Int(last)) } ?? Int(last)))
            var entries: [AuditEntry] = []
            func add(_ entry: LogEntryRow) throws {
                entries.append(
                    AuditEntry(
                        position: entry.position, id: entry.id, at: entry.at, action: entry.action,
                        hash: Hexadecimal.text(entry.hash),
                        details: entry.details.flatMap { _ in try? entry.values() }))
            }
            if let vouching {
                let (head, _) = try vouching.head(database, noted: noted)
                let purged = try keyFile.read(storeID: storeID).purged
                let link = try Data.fetchOne(
                    database, sql: "SELECT hash FROM audit WHERE position = ?", arguments: [start])
                let before = LogHead(count: start, hash: link.map { [UInt8]($0) } ?? AuditChain.origin)
                try vouching.readLog(database, after: before, to: head, purged: purged, add)
            } else {
                let rows = try Row.fetchCursor(database, sql: LogEntryRow.query, arguments: [start])
                while let row = try rows.next() { try add(LogEntryRow(row)) }
            }
            return entries.reversed()
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
            check.result.remarks = evidence.remarks + check.clockRemarks + check.behind(evidence.reach)
            return check.result
        }
    }
}
