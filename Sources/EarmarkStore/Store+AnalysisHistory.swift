public import EarmarkFiles
import Foundation
import GRDB
import Synchronization

/// What the audit log tells; nobody is told a history of which anything was changed or taken out.
extension Store {
    /// The whole log, verified.
    ///
    /// - Throws: `rowsAltered` if any entry, or details that no purge took, are not as they were written.
    public func logHistory() throws(StoreError) -> LogHistory {
        let days = try vouchingIfThereAreKeys()?.clockGuardDays ?? Self.defaultClockGuardDays
        return try readLog { database, verified in
            var history = LogHistory(clockGuardDays: days)
            _ = try verified(database, LogHead()) { try history.add($0) }
            return history
        }
    }

    /// How many analyses have been made, deleted ones included; of a meeting that is nil or gone 0 in `meeting`.
    ///
    /// What this object counted already it does not read again.
    ///
    /// - Throws: as `logHistory`.
    public func analysisCounts(ofMeeting meetingID: MeetingID?) throws(StoreError) -> AnalysisCounts {
        let known = tallyCache.withLock { $0 }
        let tally = try readLog { database, verified in
            var tally = known
            let link = try Data.fetchOne(
                database, sql: "SELECT hash FROM audit WHERE position = ?", arguments: [known.head.count])
            if link.map({ [UInt8]($0) }) != known.head.hash { tally = AnalysisTally() }
            tally.head = try verified(database, tally.head) { try tally.add($0) }
            return tally
        }
        tallyCache.withLock { $0 = tally }
        return tally.counts(ofMeeting: meetingID)
    }

    /// Refuses a log that was changed or of which anything was taken out, before anybody is accused with what it tells.
    ///
    /// - Throws: as `logHistory`.
    package func requireWholeLog() throws(StoreError) { _ = try analysisCounts(ofMeeting: nil) }

    /// Reads in one snapshot with what goes through the log after an entry and gives its end: entries are verified
    /// unless there is no key file to do so with.
    private func readLog<Value>(
        _ body: (Database, (Database, LogHead, (LogEntryRow) throws -> Void) throws -> LogHead) throws -> Value
    ) throws(StoreError) -> Value {
        let vouching = try vouchingIfThereAreKeys()
        // Before the snapshot, which may then be later, never older.
        let noted = try vouching?.notedHead()
        return try read { database in
            let head = try vouching?.head(database, noted: noted).0
            // After it: whatever a purge took from it, its tombstone is there.
            let purged = try vouching.map { _ in try keyFile.read(storeID: storeID).purged } ?? [:]
            return try body(database) { database, start, take in
                if let vouching, let head {
                    try vouching.readLog(database, after: start, to: head, purged: purged, take)
                    return head
                }
                let rows = try Row.fetchCursor(database, sql: LogEntryRow.query, arguments: [0])
                while let row = try rows.next() { try take(LogEntryRow(row)) }
                return LogHead()
            }
        }
    }
}

extension LogEntryRow {
    /// The meeting that the entry is of: what its link covers; of entries from before links did, what its details say.
    func meetingID() throws -> MeetingID? {
        if let linkedMeetingID { return linkedMeetingID }
        guard detailsMeetingID != nil else { return nil }
        return try values()["meeting"].map { MeetingID($0) } ?? detailsMeetingID
    }
}
