public import EarmarkFiles
import Foundation
import GRDB
import Synchronization

/// What the audit log tells; nobody is told a history of which anything was changed or taken out.
extension Store {
    /// The whole log, verified.
    ///
    /// What this object read already it does not read again, unless details were purged since.
    ///
    /// - Throws: `rowsAltered` if any entry, or details that no purge took, are not as they were written.
    public func logHistory() throws(StoreError) -> LogHistory { try logHistory(isWhole: true) }

    /// The same, or what it tells of counts alone.
    private func logHistory(isWhole: Bool) throws(StoreError) -> LogHistory {
        let days = try vouchingIfThereAreKeys()?.clockGuardDays ?? Self.defaultClockGuardDays
        let known = historyCache.withLock { $0 }
        let fresh = LogHistory(clockGuardDays: days)
        let history = try readLog { database, verified in
            var history = known ?? fresh
            let link = try Data.fetchOne(
                database, sql: "SELECT hash FROM audit WHERE position = ?", arguments: [history.head.count])
            let goesOn = link.map { [UInt8]($0) } == history.head.hash && history.clockLimit == fresh.clockLimit
            if !goesOn || isWhole && !history.isWhole { history = fresh }
            let purgeCount = history.purgeCount
            history.head = try verified(database, history.head) { try history.add($0) }
            guard known != nil, history.purgeCount > purgeCount else { return history }
            history = fresh
            history.head = try verified(database, history.head) { try history.add($0) }
            return history
        }
        historyCache.withLock { $0 = history.kept }
        return history
    }

    /// How many analyses have been made, deleted ones included; of a meeting that is nil or gone 0 in `meeting`.
    ///
    /// - Throws: as `logHistory`.
    public func analysisCounts(ofMeeting meetingID: MeetingID?) throws(StoreError) -> AnalysisCounts {
        try logHistory(isWhole: false).tally.counts(ofMeeting: meetingID)
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
