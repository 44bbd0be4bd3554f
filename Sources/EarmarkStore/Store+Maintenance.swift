public import EarmarkFiles
import Foundation
import GRDB
import Synchronization

/// What a check of the store found.
public struct StoreCheck: Sendable, Equatable {
    /// What is wrong, in sentences; empty if nothing is.
    public var problems: [String] = []
    /// What is unusual and harmless, in sentences.
    public var remarks: [String] = []
    /// Meetings whose key was opened.
    public var meetingCount = 0
}

extension Store {
    // MARK: Backup

    /// Copies the database to a new file, consistently and while others use it; the key file is not part of it.
    ///
    /// - Throws: `storeExists` if anything lies at `path`, or `inputOutput`.
    public func backup(to path: String) throws(StoreError) {
        try withFiles { () throws(FileError) in try PrivateFile.create(path, bytes: []) }
        do {
            // Before the copy, so that it holds its own making.
            try record(.init(.backup, ["file": path]))
            try Self.mapErrors(path: path) {
                let copy = try DatabaseQueue(path: FilePath.databaseName(path))
                try pool.backup(to: copy)
                // One file by itself: a copy needs no write-ahead log beside it.
                try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
                try copy.close()
            }
            try withFiles { () throws(FileError) in try PrivateFile.sync(path) }
        } catch {
            for suffix in ["", "-wal", "-shm", "-journal"] { FilePath.remove(path + suffix) }
            throw error
        }
    }

    /// Copies the key file to a new file, mode 0600.
    ///
    /// Such a copy can undo a purge: as long as it exists, so do the keys of meetings that are purged later.
    /// - Throws: `storeExists` if anything lies at `path`, or an error of the key file.
    public func backupKeys(to path: String) throws(StoreError) {
        try record(.init(.keyBackup, ["file": path]))
        let bytes = try keyFile.read(storeID: storeID).serialized()
        try withFiles { () throws(FileError) in try PrivateFile.create(path, bytes: bytes) }
    }

    /// Takes keys that are missing from a copy of the key file; keys of purged meetings are left out.
    ///
    /// - Returns: number of keys that came back.
    /// - Throws: an error of either key file; `keyFileMissing` names the copy.
    public func restoreKeys(from path: String) throws(StoreError) -> Int {
        let copy = try KeyFileAccess(path: path).read(storeID: storeID)
        let access = KeyFileAccess(path: location.keyFile)
        guard PrivateFile.exists(location.keyFile) else {
            let bytes = try copy.serialized()
            try withFiles { () throws(FileError) in try PrivateFile.create(location.keyFile, bytes: bytes) }
            let count = copy.wrappingKeys.count + copy.organisationKeys.count
            vouchingCache.withLock { $0 = nil }
            try takeUpHead()
            try record(.init(.keyRestore, ["file": path, "keys": "\(count)"]))
            return count
        }
        var count = 0
        try access.update(storeID: storeID) { keys throws(StoreError) in
            let before = keys
            count = keys.adopt(copy)
            guard keys != before else {
                throw StoreError(
                    .valueInvalid,
                    "nothing came back: every key in '\(path)' is here already, or of a meeting that was purged")
            }
        }
        try record(.init(.keyRestore, ["file": path, "keys": "\(count)"]))
        return count
    }

    /// Remembers the end of the database's log where nothing is remembered: the file was lost with the keys.
    private func takeUpHead() throws(StoreError) {
        let vouching = try vouching()
        guard try vouching.notedHead() == nil else { return }
        try vouching.note(try read { try vouching.ofCopy.head($0, noted: nil).0 })
    }

    // MARK: Check

    /// Looks for damage in database and key file, and for meetings whose key does not open.
    ///
    /// - Parameter progress: called with what is done and all there is to do, in rows' scopes and meetings' keys.
    public func check(progress: ((Double, Double) -> Void)? = nil) throws(StoreError) -> StoreCheck {
        var check = StoreCheck()
        check.problems = try integrityProblems()
        guard check.problems.isEmpty else { return check }
        let meetings = try allMeetings()
        // Once: with ten thousand meetings it takes longer to read than a key to open.
        let keys = try keyFile.read(storeID: storeID)
        let scopes = try read { try Vouching.scopes($0).count }
        let all = Double(scopes + meetings.count)
        check.problems = try alteredRows { progress?(Double($0), all) }
        guard check.problems.isEmpty else { return check }
        var unseen = 0
        for (index, meeting) in meetings.enumerated() {
            progress?(Double(scopes + index), all)
            do throws(StoreError) {
                _ = try key(of: meeting, keys)
                check.meetingCount += 1
            } catch  where error.code == .sharesMissing {
                unseen += 1
            } catch {
                check.problems.append(error.message)
            }
        }
        if unseen > 0 {
            check.remarks.append("not opened: \(Counted.text(unseen, "split key")), whose shares are not at hand")
        }
        let known = Set(meetings.map(\.id))
        let spare = keys.wrappingKeys.keys.filter { !known.contains($0) }.count
        if spare > 0 {
            check.remarks.append("the key file holds \(Counted.text(spare, "key")) of meetings that are not stored")
        }
        if try read({ try Bool.fetchOne($0, sql: "SELECT erasureDue FROM store") }) == true {
            check.remarks.append("traces of a purge are still to be erased, once no other process uses the store")
        }
        return check
    }

    /// Rows that are not as they were sealed, in sentences.
    func alteredRows(progress: ((Int) -> Void)? = nil) throws(StoreError) -> [String] {
        let noted = Result { () throws(StoreError) in try vouching().notedHead() }
        return try read { database, vouching in
            guard let vouching else { return [] }
            var problems: [String] = []
            func note(_ body: () throws -> Void) throws {
                do { try body() } catch let error as StoreError { problems.append(error.message) }
            }
            for (index, scope) in try Vouching.scopes(database).enumerated() {
                progress?(index)
                try note { try vouching.verify(scope, database) }
            }
            if problems.isEmpty { try note { try vouching.verifyWhole(database, noted: noted.get()) } }
            return problems
        }
    }

    /// What SQLite's own checks find, in sentences.
    func integrityProblems() throws(StoreError) -> [String] {
        try read { database in
            let lines = try String.fetchAll(database, sql: "PRAGMA integrity_check")
            var problems = lines == ["ok"] ? [] : lines.map { "the database is damaged: \($0)" }
            let orphans = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check")
            if !orphans.isEmpty { problems.append("missing: what \(Counted.text(orphans.count, "row")) refer to") }
            return problems
        }
    }

    // MARK: Rotation

    /// Gives an organisation a new key and seals all its meetings under it.
    ///
    /// A copy of the old key file opens nothing in the database from then on; older backups of the database open only
    /// with that copy, so take new backups and let the old ones go together. Interrupted, it is completed at the next
    /// start.
    /// - Returns: number of meetings sealed anew.
    public func rotateKey(of organisationID: OrganisationID) throws(StoreError) -> Int {
        let organisation = try organisation(organisationID)
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in
            guard keys.organisationKeys[organisation.id] != nil else {
                throw StoreError(.organisationKeyMissing, "the key file holds no key for '\(organisation.id)'")
            }
            // The next key stands beside the old one until every meeting is sealed under it.
            if keys.nextKeys[organisation.id] == nil {
                keys.nextKeys[organisation.id] = Identifier.randomBytes(KeyFile.keyByteCount)
            }
        }
        let count = try finishRotations()[organisation.id] ?? 0
        try record(.init(.keyRotate, ["organisation": organisation.id.text, "meetings": "\(count)"]))
        return count
    }

    /// Completes rotations that were begun; number of meetings sealed anew by organisation.
    @discardableResult
    func finishRotations() throws(StoreError) -> [OrganisationID: Int] {
        let pending = try keyFile.read(storeID: storeID).nextKeys
        guard !pending.isEmpty else { return [:] }
        var counts: [OrganisationID: Int] = [:]
        // Under the key file's lock, so that no meeting is sealed under the old key meanwhile.
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in
            for (organisationID, next) in keys.nextKeys {
                counts[organisationID] = try reseal(organisationID, keys: keys, next: next)
                keys.organisationKeys[organisationID] = next
            }
            keys.nextKeys = [:]
        }
        // Blobs sealed under the old key must not stay behind in the file.
        try write { try $0.execute(sql: "UPDATE store SET erasureDue = 1") }
        try finishPurges()
        return counts
    }

    private func reseal(_ organisationID: OrganisationID, keys: KeyFile, next: [UInt8]) throws(StoreError) -> Int {
        try write { database in
            var count = 0
            let rows = try Row.fetchAll(
                database, sql: "SELECT id, sealedKey FROM meetings NOT INDEXED WHERE organisationID = ?",
                arguments: [organisationID])
            for row in rows {
                let id: MeetingID = try row.get("id")
                let sealed: Data = try row.get("sealedKey")
                guard let old = keys.organisationKeys[organisationID] else { continue }
                // The outer layer alone moves, so neither the meeting's own entry nor shares are needed.
                let seal = MeetingKey.Seal(
                    organisationID: organisationID, meetingID: id, organisationKey: old, wrappingKey: [])
                // Sealed anew already, by a rotation that was interrupted afterwards.
                if (try? MeetingKey.moved(Array(sealed), from: seal.under(organisationKey: next), to: next)) != nil {
                    continue
                }
                let resealed = try MeetingKey.moved(Array(sealed), from: seal, to: next)
                try database.execute(
                    sql: "UPDATE meetings SET sealedKey = ? WHERE id = ?", arguments: [Data(resealed), id])
                count += 1
            }
            return count
        }
    }
}
