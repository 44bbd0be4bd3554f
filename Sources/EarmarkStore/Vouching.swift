import EarmarkFiles
import Foundation
import GRDB

/// What the key file vouches for in the database: the audit log and the rows.
struct Vouching: Sendable {
    let chain: AuditChain
    let seals: RowSeals
    /// Entries that the log had when rows were first sealed; those name no meeting of their own.
    let sealedFrom: Int64
    /// Where the log's length is remembered; nil for a copy of the database, which may be older.
    let headFile: LogHeadFile?
    /// Places that are told how far the log reaches.
    var anchors: [Anchor] = []
    /// Days for which the clock may be ahead.
    var clockGuardDays = Store.defaultClockGuardDays

    /// The same for a database that may be older than what is remembered.
    var ofCopy: Vouching {
        Vouching(
            chain: chain, seals: seals, sealedFrom: sealedFrom, headFile: nil, clockGuardDays: clockGuardDays)
    }

    // MARK: Rows

    /// Refuses rows that are not as they were sealed, by name.
    func verify(_ scope: SealScope, _ database: Database) throws {
        let stored = try Data.fetchOne(
            database.cachedStatement(sql: "SELECT seal FROM seals WHERE scope = ?"), arguments: [scope.name])
        let computed = try seals.seal(of: scope, database)
        if computed == stored.map({ [UInt8]($0) }) { return }
        let what =
            switch (computed, stored) {
            case (nil, _): "was removed from the database"
            case (_, nil): "was put into the database"
            default: "was changed in the database"
            }
        throw StoreError(
            .rowsAltered, "\(scope.subject) \(what) by something else than Earmark: it is not believed",
            advice: .restoreBackup)
    }

    /// Refuses a database in which rows are missing with their seals, or older ones stand with theirs.
    func verifyWhole(_ database: Database, noted: LogHead?) throws {
        let (_, sum) = try head(database, noted: noted)
        // A purge that was begun is not to be called off.
        try verify(.purges, database)
        // Nor may rows stand without a seal, or seals without rows.
        for (name, table) in [("meeting", "meetings"), ("analysis", "analyses"), ("bundle", "bundles")] {
            let seals = "SELECT count(*) FROM seals WHERE scope GLOB '\(name)/*'"
            let isWhole = try Bool.fetchOne(database, sql: "SELECT (\(seals)) = (SELECT count(*) FROM \(table))")
            guard isWhole == true else {
                throw StoreError(
                    .rowsAltered,
                    "\(table) were taken out of the database or put into it by something else than Earmark",
                    advice: .restoreBackup)
            }
        }
        guard try self.sum(database) == sum else {
            throw StoreError(
                .rowsAltered,
                "rows of the store were taken out, or older ones were put back, by something else than Earmark",
                advice: .restoreBackup)
        }
    }

    /// The sum over all seals that stand in the database.
    private func sum(_ database: Database) throws -> RowSeals.Sum {
        var sum = RowSeals.Sum()
        let rows = try Row.fetchCursor(database, sql: "SELECT scope, seal FROM seals")
        while let row = try rows.next() {
            let seal: Data = try row.get("seal")
            sum &+= try seals.term(row.get("scope"), [UInt8](seal))
        }
        return sum
    }

    /// Seals the rows that a scope has now; the sum over all seals then.
    func reseal(_ scope: SealScope, _ sum: RowSeals.Sum, _ database: Database) throws -> RowSeals.Sum {
        let old = try Data.fetchOne(database, sql: "SELECT seal FROM seals WHERE scope = ?", arguments: [scope.name])
        let new = try seals.seal(of: scope, database)
        var sum = sum
        if let old { sum &-= seals.term(scope.name, [UInt8](old)) }
        if let new {
            sum &+= seals.term(scope.name, new)
            try database.execute(
                sql: "INSERT OR REPLACE INTO seals (scope, seal) VALUES (?, ?)", arguments: [scope.name, Data(new)])
        } else {
            try database.execute(sql: "DELETE FROM seals WHERE scope = ?", arguments: [scope.name])
        }
        return sum
    }

    /// Stands in place of the seal of rows that stay refused; no rows have it but by a chance of 2^-256.
    private static let noSeal = [UInt8](repeating: 0, count: AuditChain.byteCount)

    /// Every scope that the rows of the database make.
    static func scopes(_ database: Database) throws -> [SealScope] {
        let meetings = try MeetingID.fetchAll(database, sql: "SELECT id FROM meetings")
        let analyses = try AnalysisID.fetchAll(database, sql: "SELECT id FROM analyses")
        let bundles = try BundleID.fetchAll(database, sql: "SELECT id FROM bundles")
        return [.store, .purges] + meetings.flatMap(SealScope.all) + analyses.map(SealScope.analysis)
            + bundles.map(SealScope.bundle)
    }

    /// Seals all rows as they are, in place of all seals.
    ///
    /// - Parameter refused: scopes whose rows nobody vouches for: they get a seal that is not theirs.
    func sealAll(_ head: LogHead, _ database: Database, refusing refused: Set<SealScope> = []) throws {
        for row in try Row.fetchAll(database, sql: "SELECT * FROM purges") {
            let id: MeetingID = try row.get("meetingID")
            try database.execute(
                sql: "UPDATE purges SET seal = ? WHERE meetingID = ?",
                arguments: [Data(seals.seal(ofPurge: id, at: try row.get("startedAt"))), id])
        }
        try database.execute(sql: "DELETE FROM seals")
        var sum = RowSeals.Sum()
        for scope in try Self.scopes(database) where !refused.contains(scope) {
            sum = try reseal(scope, sum, database)
        }
        for scope in refused {
            sum &+= seals.term(scope.name, Self.noSeal)
            try database.execute(
                sql: "INSERT INTO seals (scope, seal) VALUES (?, ?)", arguments: [scope.name, Data(Self.noSeal)])
        }
        try store(head, sum, database)
    }

    // MARK: The log's end

    /// The log's end as it is remembered beside the keys.
    func notedHead() throws(StoreError) -> LogHead? { try noted()?.head }

    /// The same, with the clock that stands beside it.
    func noted() throws(StoreError) -> NotedHead? { try headFile?.read(chain, storeID: seals.storeID) }

    /// Remembers the log's end beside the keys.
    ///
    /// - Parameter clock: makes of the clock that was remembered what is.
    func note(
        _ head: LogHead, isForced: Bool = false, clock: (RunningClock?) -> RunningClock? = { $0 }
    ) throws(StoreError) {
        try headFile?.write(head, chain, storeID: seals.storeID, isForced: isForced, clock: clock)
    }

    /// Stores the log's end with the sum over all seals.
    func store(_ head: LogHead, _ sum: RowSeals.Sum, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO auditHead (onlyRow, count, hash, seal, state) VALUES (1, ?, ?, ?, ?)",
            arguments: [
                head.count, Data(head.hash), Data(chain.seal(count: head.count, head: head.hash)),
                Data(try seals.sealed(sum, count: head.count, head: head.hash)),
            ])
    }

    /// The log's end as the database states it; refused unless the keys vouch for it, the entries reach that far and
    /// no further, and it is none older than the one that is remembered beside the keys.
    func head(_ database: Database, noted: LogHead?) throws -> (LogHead, RowSeals.Sum) {
        func refuse(_ text: String) -> StoreError { StoreError(.rowsAltered, text, advice: .acceptHead) }
        guard let row = try Row.fetchOne(database, sql: "SELECT * FROM auditHead") else {
            throw refuse("the record of the audit log's length is missing")
        }
        let (hash, seal): (Data, Data) = try (row.get("hash"), row.get("seal"))
        let state: Data? = try row.get("state")
        let head = try LogHead(count: row.get("count"), hash: [UInt8](hash))
        guard chain.seal(count: head.count, head: head.hash) == [UInt8](seal),
            let sum = seals.sum([UInt8](state ?? Data()), count: head.count, head: head.hash)
        else { throw refuse("the record of the audit log's length was changed") }
        let last = try Row.fetchOne(database, sql: "SELECT position, hash FROM audit ORDER BY position DESC LIMIT 1")
        let position: Int64 = try last?.get("position") ?? 0
        let link: Data = try last?.get("hash") ?? Data(AuditChain.origin)
        guard position == head.count, [UInt8](link) == head.hash else {
            throw refuse("the audit log ends at entry \(position) where \(head.count) were written")
        }
        try requireLastLink(database)
        guard headFile != nil else { return (head, sum) }
        guard let noted else { throw refuse("the file that remembers how long the audit log is, is missing") }
        let known =
            noted.count == 0
            ? Data(AuditChain.origin)
            : try Data.fetchOne(database, sql: "SELECT hash FROM audit WHERE position = ?", arguments: [noted.count])
        guard noted.count <= head.count, known.map({ [UInt8]($0) }) == noted.hash else {
            throw refuse(
                "the database was put back to an older state, or its audit log was cut: entry \(noted.count) that was "
                    + "written is not there")
        }
        return (head, sum)
    }
}
