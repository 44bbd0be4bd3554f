import EarmarkFiles
import Foundation
import GRDB
import Glibc

extension Store {
    // MARK: Restoring

    /// Replaces the database's content by that of a backup, while others use it.
    ///
    /// What is there now and can be believed is carried forward: the audit log whole, legal holds, held meetings and
    /// analyses with all that belongs to them, revocations. Meetings that were purged since do not come back: the key
    /// file remembers them, and their rows are removed at once.
    /// - Parameters:
    ///   - path: the backup.
    ///   - keyCopy: a copy of the key file of the time of the backup, where the organisation's key was rotated since.
    /// - Throws: `storeMissing`, `storeInvalid` if the file is no backup of this store or is damaged, `storeTooNew`,
    ///   `rowsAltered` if it was changed, `keyRotated`. Then nothing was changed.
    public func restore(from path: String, keyCopy: String? = nil) throws(StoreError) -> PurgeResult {
        let vouching = try vouching()
        try withCopy(ofBackup: path) { restored throws(StoreError) in
            try restored.sealUnderPresentKeys(path, keyCopy: keyCopy)
            let problem = try believedProblem()
            try restored.carryForward(from: problem == nil ? location.store : nil, vouching)
            var details = ["file": path]
            details["replaced"] = problem
            // Logged in the copy: whatever ends the process, nothing takes the database's place unlogged.
            let head = try restored.change { log in
                try log.append(.init(.restore, details))
                return log.head
            }
            try Self.mapErrors(path: path) { try restored.pool.backup(to: pool) }
            try vouching.note(head, isForced: problem != nil)
            try tellAnchors(.head(head.count), head.hash)
        }
        return try purgeTombstoned()
    }

    /// Runs `body` on a checked copy of a backup: opening the backup itself would change it.
    func withCopy<Value>(
        ofBackup path: String, _ body: (Store) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        guard let status = FilePath.status(path) else {
            throw StoreError(.storeMissing, "there is no backup at '\(path)'")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw StoreError(.storeInvalid, "'\(path)' is a folder: name the backup in it")
        }
        let copy = location.store + ".restore-" + Identifier.base32(Identifier.randomBytes(Identifier.byteCount))
        defer { for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { FilePath.remove(copy + suffix) } }
        try copyBackup(path, to: copy)
        let restored = try Store.opened(
            at: StoreLocation(store: copy, keyFile: location.keyFile), actor: actor, clock: clock, isCopy: true)
        try restored.checkBackup(path, of: self)
        return try body(restored)
    }

    private func copyBackup(_ path: String, to copy: String) throws(StoreError) {
        try Self.mapErrors(path: path) {
            var configuration = Configuration()
            configuration.readonly = true
            let source = try DatabaseQueue(path: FilePath.databaseName(path), configuration: configuration)
            try withFiles { () throws(FileError) in try PrivateFile.create(copy, bytes: []) }
            let target = try DatabaseQueue(path: FilePath.databaseName(copy))
            try source.backup(to: target)
            try target.close()
            try source.close()
        }
    }

    /// Refuses a backup of another store, and one that is damaged or was changed.
    private func checkBackup(_ path: String, of store: Store) throws(StoreError) {
        guard storeID == store.storeID else {
            throw StoreError(.storeInvalid, "'\(path)' is a backup of another store")
        }
        if let problem = try integrityProblems().first {
            throw StoreError(.storeInvalid, "backup '\(path)' is damaged: \(problem)")
        }
        if let problem = try alteredRows().first { throw StoreError(.rowsAltered, "backup '\(path)': \(problem)") }
    }

    /// Why what is in the database now cannot be carried forward; nil if it can.
    private func believedProblem() throws(StoreError) -> String? {
        do throws(StoreError) {
            if let problem = try integrityProblems().first { return problem }
            return try alteredRows().first
        } catch  where [.storeInvalid, .rowsAltered].contains(error.code) {
            return error.message
        }
    }

    /// Seals the backup's meeting keys under the organisations' present keys, where they were rotated since.
    private func sealUnderPresentKeys(_ path: String, keyCopy: String?) throws(StoreError) {
        let keys = try keyFile.read(storeID: storeID)
        let old = try keyCopy.map { path throws(StoreError) in try KeyFileAccess(path: path).read(storeID: storeID) }
        try write { database in
            for row in try Row.fetchAll(database, sql: "SELECT id, organisationID, sealedKey FROM meetings") {
                let (id, owner, sealed): (MeetingID, OrganisationID, Data) =
                    (row["id"], row["organisationID"], row["sealedKey"])
                guard keys.purged[id] == nil, let present = keys.organisationKeys[owner] else { continue }
                let seal = MeetingKey.Seal(
                    organisationID: owner, meetingID: id, organisationKey: present, wrappingKey: [])
                if (try? MeetingKey.moved(Array(sealed), from: seal, to: present)) != nil { continue }
                guard let key = old?.organisationKeys[owner],
                    let moved = try? MeetingKey.moved(
                        Array(sealed), from: seal.under(organisationKey: key), to: present)
                else {
                    throw StoreError(
                        .keyRotated,
                        "backup '\(path)' is from before the organisation's key was rotated: meeting '\(id)' would "
                            + "not open", advice: .giveKeyCopy)
                }
                try database.execute(
                    sql: "UPDATE meetings SET sealedKey = ? WHERE id = ?", arguments: [Data(moved), id])
            }
        }
    }

    // MARK: Carrying forward

    /// Takes from the live database what a backup must not undo, and seals the result.
    private func carryForward(from live: String?, _ vouching: Vouching) throws(StoreError) {
        try Self.mapErrors(path: location.store) {
            try pool.writeWithoutTransaction { database in
                if let live {
                    try database.execute(sql: "ATTACH DATABASE ? AS live", arguments: [FilePath.databaseName(live)])
                }
                defer { if live != nil { try? database.execute(sql: "DETACH DATABASE live") } }
                try database.inTransaction {
                    if live != nil {
                        try Self.carryHolds(database)
                        try Self.carryLog(database)
                    }
                    let row = try Row.fetchOne(database, sql: "SELECT count, hash FROM auditHead")
                    let hash: Data = row?["hash"] ?? Data(AuditChain.origin)
                    // The copy is sealed by the keys of the store that it becomes.
                    try vouching.sealAll(LogHead(count: row?["count"] ?? 0, hash: [UInt8](hash)), database)
                    return .commit
                }
            }
        }
    }

    /// Holds, what they keep, and revocations.
    private static func carryHolds(_ database: Database) throws {
        let held = "(SELECT subject FROM live.holds)"
        let meetings = "(SELECT id FROM live.meetings WHERE id IN \(held))"
        try database.execute(
            sql: """
                DELETE FROM main.holds;
                INSERT INTO main.holds SELECT * FROM live.holds;
                INSERT OR IGNORE INTO main.organisations SELECT * FROM live.organisations
                    WHERE id IN (SELECT organisationID FROM live.meetings WHERE id IN \(held))
                        OR id IN (SELECT organisationID FROM live.analyses WHERE id IN \(held));
                INSERT INTO main.meetings SELECT * FROM live.meetings
                    WHERE id IN \(held) AND id NOT IN (SELECT id FROM main.meetings);
                DELETE FROM main.participants WHERE meetingID IN \(meetings);
                DELETE FROM main.commitments WHERE meetingID IN \(meetings);
                INSERT INTO main.participants SELECT * FROM live.participants WHERE meetingID IN \(meetings);
                """)
        let people = "(SELECT id FROM live.participants WHERE meetingID IN \(meetings))"
        let clients = "(SELECT id FROM live.clients WHERE participantID IN \(people))"
        try copy("clients", where: "participantID IN \(people)", database)
        try copy("presences", where: "clientID IN \(clients)", database)
        try copy("commitments", where: "meetingID IN \(meetings)", database)
        // Tickets that were issued since, too: each may be revoked.
        try copy(
            "tickets",
            where: "clientID IN (SELECT id FROM main.clients) AND id NOT IN (SELECT id FROM main.tickets)", database)
        try copy(
            "analyses",
            where: "(id IN \(held) OR meetingReference IN \(held)) AND id NOT IN (SELECT id FROM main.analyses)",
            database)
        try database.execute(
            sql: """
                UPDATE main.tickets SET revokedAt =
                    (SELECT revokedAt FROM live.tickets AS later WHERE later.id = main.tickets.id)
                WHERE revokedAt IS NULL AND id IN (SELECT id FROM live.tickets WHERE revokedAt IS NOT NULL)
                """)
    }

    /// Copies rows of the live database in their order, to places of their own.
    ///
    /// An analysis of a meeting that the backup lacks belongs to none: a hold may keep it alone.
    private static func copy(_ table: String, where condition: String, _ database: Database) throws {
        let columns = try database.columns(in: table).map(\.name).filter { $0 != "position" }
        let values = columns.map { column in
            table == "analyses" && column == "meetingID"
                ? "(SELECT id FROM main.meetings WHERE id = live.analyses.meetingID)" : column
        }
        try database.execute(
            sql: """
                INSERT INTO main.\(table) (\(columns.joined(separator: ", ")))
                SELECT \(values.joined(separator: ", ")) FROM live.\(table) WHERE \(condition) ORDER BY position
                """)
    }

    /// The log as it is now, whatever the backup's is.
    ///
    /// Details of a meeting that the backup lacks belong to none.
    private static func carryLog(_ database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM main.auditDetails;
                DELETE FROM main.audit;
                INSERT INTO main.audit SELECT * FROM live.audit;
                INSERT INTO main.auditDetails (entryID, meetingID, salt, details)
                    SELECT entryID, (SELECT id FROM main.meetings WHERE id = live.auditDetails.meetingID), salt, details
                    FROM live.auditDetails;
                DELETE FROM main.auditHead;
                INSERT INTO main.auditHead SELECT * FROM live.auditHead;
                """)
    }

    /// Removes the rows of meetings whose key was destroyed by a purge, as they come back with an older database.
    @discardableResult
    func purgeTombstoned() throws(StoreError) -> PurgeResult {
        let purged = try keyFile.read(storeID: storeID).purged
        guard !purged.isEmpty else { return PurgeResult() }
        let present = try read { try MeetingID.fetchAll($0, sql: "SELECT id FROM meetings") }
        let revived = present.filter { purged[$0] != nil }
        return revived.isEmpty ? PurgeResult() : try purge(revived)
    }

    // MARK: Taking up the log

    /// Goes on with the log where the database's ends, though another end is remembered.
    ///
    /// For a disk that was replaced, a key file that was moved, or a database put back by hand. The entry, which says
    /// what was remembered, comes first: whatever ends the process, nothing is taken up unlogged.
    ///
    /// - Parameter reason: why, for those who come later.
    /// - Throws: `rowsAltered` if the log's own end was changed: then only a backup helps.
    public func acceptHead(reason: String) throws(StoreError) {
        try Self.validate(holdReason: reason)
        let vouching = try vouching()
        let remembered = try? vouching.notedHead()
        let now = clock()
        let head = try write { database in
            let log = try LogWriter(database, vouching.ofCopy, noted: nil, actor: actor, now: now)
            let details = ["reason": reason, "remembered": remembered?.text ?? "nothing", "found": log.head.text]
            try log.append(.init(.accept, details))
            try log.finish()
            return log.head
        }
        try vouching.note(head, isForced: true)
        try tellAnchors(.head(head.count), head.hash)
    }
}
