import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    /// Purges these meetings, due or not, but for those that are on hold by now or not as they were sealed.
    ///
    /// - Parameter isToGo: asked again where nothing can change any more.
    func purge(
        _ meetings: [MeetingID], _ isToGo: (MeetingID, Database) throws -> Bool = { _, _ in true }
    ) throws(StoreError) -> PurgeResult {
        let now = clock()
        let vouching = try vouching()
        let noted = try vouching.notedHead()
        // The intent is stored first: whatever ends the process, the next start finds it and goes on.
        let refusal = try change(tellsAnchors: false) { log in
            let database = log.database
            // One by one rows could be older ones, put back with their seals: before there was a hold.
            try vouching.verify(.store, database)
            try vouching.verifyWhole(database, noted: noted)
            let holds = try Self.holds(database)
            var refusal: StoreError?
            for id in meetings where try holds[id.text] == nil && isToGo(id, database) {
                do {
                    try Self.verifyRemoval(of: id, vouching, database)
                    try Self.begin(id, now, vouching, log)
                } catch let error as StoreError where error.code == .rowsAltered {
                    refusal = refusal ?? error
                }
            }
            return refusal
        }
        var result = try finishPurges()
        result.refusal = refusal ?? result.refusal
        return result
    }

    /// Stores that a meeting is to be purged.
    static func begin(_ id: MeetingID, _ now: Timestamp, _ vouching: Vouching, _ log: LogWriter) throws {
        try log.touch(.purges)
        try log.database.execute(
            sql: "INSERT OR IGNORE INTO purges (meetingID, startedAt, seal) VALUES (?, ?, ?)",
            arguments: [id, now, Data(vouching.seals.seal(ofPurge: id, at: now))])
    }

    /// Refuses to take out what is not as it was sealed: it may belong to another meeting, which is on hold.
    static func verifyRemoval(of id: MeetingID, _ vouching: Vouching, _ database: Database) throws {
        for scope in SealScope.all(of: id) { try vouching.verify(scope, database) }
        let analyses = try AnalysisID.fetchAll(
            database,
            sql: """
                SELECT id FROM analyses
                WHERE (meetingID = ?1 OR meetingReference = ?1) AND id NOT IN (SELECT subject FROM holds)
                """, arguments: [id])
        for analysis in analyses { try vouching.verify(.analysis(analysis), database) }
    }

    /// Completes purges that were begun, by this process or by one that ended; nothing to do is quickly seen.
    ///
    /// A meeting whose rows are not as they were sealed waits, key and all, until they are.
    @discardableResult
    func finishPurges() throws(StoreError) -> PurgeResult {
        let pending = try read { database in
            (
                meetings: try MeetingID.fetchAll(database, sql: "SELECT meetingID FROM purges ORDER BY meetingID"),
                isErasureDue: try Bool.fetchOne(database, sql: "SELECT erasureDue FROM store") ?? false
            )
        }
        guard !pending.meetings.isEmpty || pending.isErasureDue else { return PurgeResult() }
        // It holds details that go.
        historyCache.withLock { $0 = nil }
        var result = PurgeResult()
        if !pending.meetings.isEmpty {
            try verifyPurges()
            (result.meetings, result.refusal) = try removable(pending.meetings)
        }
        if !result.meetings.isEmpty {
            try shred(result.meetings)
            result.analysisCount = try removeRows(of: result.meetings)
            result.bundlesOut = try bundlesOut(ofMeetings: result.meetings).map(\.id)
        }
        if !result.meetings.isEmpty || pending.isErasureDue { try erase() }
        return result
    }

    private func removable(_ meetings: [MeetingID]) throws(StoreError) -> ([MeetingID], StoreError?) {
        let vouching = try vouching()
        return try read { database in
            var refusal: StoreError?
            let sound = try meetings.filter { id in
                do { try Self.verifyRemoval(of: id, vouching, database) } catch let error as StoreError {
                    refusal = refusal ?? error
                    return false
                }
                return true
            }
            return (sound, refusal)
        }
    }

    /// Refuses purges that somebody else than Earmark began.
    private func verifyPurges() throws(StoreError) {
        let seals = try vouching().seals
        try read { database in
            for row in try Row.fetchAll(database, sql: "SELECT * FROM purges") {
                let (id, seal): (MeetingID, Data?) = try (row.get("meetingID"), row.get("seal"))
                guard try seals.seal(ofPurge: id, at: row.get("startedAt")) == seal.map({ [UInt8]($0) }) else {
                    throw StoreError(
                        .rowsAltered,
                        "a purge of meeting '\(id)' was put into the database by something else than "
                            + "Earmark: nothing is purged", advice: .restoreBackup)
                }
            }
        }
    }

    /// Deletes the meetings' keys for good, and remembers that they were.
    private func shred(_ meetings: [MeetingID]) throws(StoreError) {
        let now = clock()
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in
            for id in meetings {
                keys.wrappingKeys[id] = nil
                keys.lost[id] = nil
                keys.purged[id] = keys.purged[id] ?? now
            }
        }
    }

    /// Deletes the meetings' rows and analyses, and notes that their traces must be erased, in one transaction.
    private func removeRows(of meetings: [MeetingID]) throws(StoreError) -> Int {
        let vouching = try vouching()
        return try change { log in
            let database = log.database
            try log.touch(.store)
            log.drop(.purges)
            var count = 0
            for id in meetings {
                try Self.verifyRemoval(of: id, vouching, database)
                count += try Self.removeAnalyses(of: id, log)
                for scope in SealScope.all(of: id) { log.drop(scope) }
                try Self.removeDetails(of: id, vouching, database)
                try database.execute(sql: "DELETE FROM meetings WHERE id = ?", arguments: [id])
                try database.execute(sql: "DELETE FROM holds WHERE subject = ?", arguments: [id])
                try database.execute(sql: "DELETE FROM purges WHERE meetingID = ?", arguments: [id])
            }
            try database.execute(
                sql: "DELETE FROM holds WHERE subject GLOB 'a_*' AND subject NOT IN (SELECT id FROM analyses)")
            try database.execute(sql: "UPDATE store SET erasureDue = 1")
            try log.append(.init(.purge, ["meetings": meetings.map(\.text).joined(separator: " ")]))
            return count
        }
    }

    /// Deletes a meeting's analyses but for those on hold; how many.
    private static func removeAnalyses(of id: MeetingID, _ log: LogWriter) throws -> Int {
        let database = log.database
        let holds = try holds(database)
        let analyses = try AnalysisID.fetchAll(
            database, sql: "SELECT id FROM analyses WHERE meetingID = ?1 OR meetingReference = ?1", arguments: [id])
        for analysis in analyses {
            if holds[analysis.text] == nil {
                log.drop(.analysis(analysis))
            } else {
                // It stays, without its meeting; if it was changed it stays refused.
                try? log.touch(.analysis(analysis))
            }
        }
        try database.execute(
            sql: """
                DELETE FROM analyses WHERE (meetingID = ?1 OR meetingReference = ?1)
                    AND id NOT IN (SELECT subject FROM holds)
                """, arguments: [id])
        return database.changesCount
    }

    /// Deletes the details of what the log says of a meeting, wherever a restored backup left them.
    private static func removeDetails(of id: MeetingID, _ vouching: Vouching, _ database: Database) throws {
        let entries = try Row.fetchAll(
            database,
            sql: """
                SELECT later.*, (SELECT hash FROM audit WHERE position = later.position - 1) AS before
                FROM audit AS later WHERE meetingID = ?
                """, arguments: [id])
        for entry in entries where vouching.isAsWritten(entry) {
            try database.execute(
                sql: "DELETE FROM auditDetails WHERE entryID = ?", arguments: [entry["id"] as DatabaseValue])
        }
        // Those of other meetings, which somebody else than Earmark gave to this one, do not go with it.
        try database.execute(
            sql: """
                UPDATE auditDetails SET meetingID = NULL
                WHERE meetingID = ?1 AND entryID IN (SELECT id FROM audit WHERE position > ?2)
                """, arguments: [id, vouching.sealedFrom])
    }

    /// Rewrites the database without what was deleted and empties the write-ahead log.
    ///
    /// `secure_delete` overwrites deleted rows, but copies that moving rows between pages left may remain; only a
    /// rewrite is sure to leave none. Another process that reads an old snapshot, or a disk without room for the
    /// rewrite, delays this to the next start; `check` says so.
    private func erase() throws(StoreError) {
        do throws(StoreError) {
            try vacuum()
            try checkpoint()
            try write { try $0.execute(sql: "UPDATE store SET erasureDue = 0") }
            try checkpoint()
        } catch  where [.storeBusy, .storeFull].contains(error.code) {
            // What was overwritten moves into the database all the same, as far as there is room.
            try? checkpoint()
        }
    }
}
