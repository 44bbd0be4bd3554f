import EarmarkFiles
import Foundation
import GRDB
import Glibc

extension Store {
    // MARK: Restoring

    /// Replaces the database's content by that of a backup, while others use it.
    ///
    /// What is there now and can be believed is carried forward: the audit log, legal holds, held meetings and analyses
    /// with all that belongs to them, revocations, bundles that were given out. Meetings that were purged since do not
    /// come back: the key file remembers them, and their rows are removed at once. Those that the backup lacks are due
    /// when they were, with all that is left of them.
    ///
    /// Nobody else writes meanwhile, neither to the database nor to the key file.
    /// - Parameters:
    ///   - path: the backup.
    ///   - keyCopy: a copy of the key file of the time of the backup, where the organisation's key was rotated since.
    /// - Throws: `storeMissing`, `storeInvalid` if the file is no backup of this store or is damaged, `storeTooNew`,
    ///   `rowsAltered` if it was changed, `keyRotated`. Then nothing was changed.
    public func restore(from path: String, keyCopy: String? = nil) throws(StoreError) -> PurgeResult {
        // Before the key file is locked, since it may have to be written for this.
        let vouching = try vouching()
        let head = try withCopy(ofBackup: path) { restored, keys throws(StoreError) in
            try restored.sealUnderPresentKeys(path, keys, keyCopy: keyCopy)
            let (head, isForced) = try replace(by: restored, of: path, keys, vouching)
            try vouching.note(head, isForced: isForced)
            return head
        }
        try tellAnchors(.head(head.count), head.hash)
        return try finishPurges()
    }

    /// Puts the copy in the database's place, with what it must not undo carried into it; the log's new end, and
    /// whether another one that was remembered does not count.
    ///
    /// From the first page that is written nobody else can write to the database. What stands in it then is carried
    /// into the copy, which is still being read, and the copy's other pages follow.
    private func replace(
        by restored: Store, of path: String, _ keys: KeyFile, _ vouching: Vouching
    ) throws(StoreError) -> (LogHead, isForced: Bool) {
        try Self.mapErrors(path: path) {
            try restored.pool.writeWithoutTransaction { source in
                try pool.writeWithoutTransaction { destination in
                    var result: (LogHead, Bool)?
                    try source.backup(to: destination, pagesPerStep: 1) { _ in
                        if result == nil { result = try self.carry(into: source, of: path, keys, vouching) }
                    }
                    guard let result else { throw StoreError(.storeInvalid, "backup '\(path)' is empty") }
                    return result
                }
            }
        }
    }

    private func carry(
        into source: Database, of path: String, _ keys: KeyFile, _ vouching: Vouching
    ) throws -> (LogHead, Bool) {
        let reading = reading()
        let known = try believedProblem()
        var keys = keys
        let result = try pool.read { live in
            var result = (LogHead(), false)
            try source.inTransaction {
                var carrier = RestoreCarrier(into: source, from: live, vouching, keys, problem: known)
                try carrier.carry()
                var details = ["file": path]
                details["replaced"] = carrier.problem
                details["refused"] = carrier.refusedText
                // Logged in the copy: whatever ends the process, nothing takes the database's place unlogged.
                let log = try LogWriter(source, vouching.ofCopy, noted: nil, actor: actor, reading)
                try log.append(.init(.restore, details))
                try log.finish()
                result = (log.head, carrier.problem != nil)
                keys.lost = try carrier.lostMeetings(now: reading.now)
                return .commit
            }
            return result
        }
        if try keyFile.read(storeID: storeID) != keys { try keyFile.write(keys) }
        return result
    }

    /// Runs `body` on a checked copy of a backup: opening the backup itself would change it.
    ///
    /// Under the key file's lock: meanwhile no key comes, goes or changes, and nobody takes the copy for a leftover.
    func withCopy<Value>(
        ofBackup path: String, _ body: (Store, KeyFile) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        guard let status = FilePath.status(path) else {
            throw StoreError(.storeMissing, "there is no backup at '\(path)'")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw StoreError(.storeInvalid, "'\(path)' is a folder: name the backup in it")
        }
        return try keyFile.locked(storeID: storeID) { keys throws(StoreError) in
            let copy =
                location.store + Self.copyInfix
                + Identifier.base32(Identifier.randomBytes(Identifier.byteCount))
            defer { for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { FilePath.remove(copy + suffix) } }
            try copyBackup(path, to: copy)
            let restored = try Store.opened(
                at: StoreLocation(store: copy, keyFile: location.keyFile), actor: actor, clock: clock, isCopy: true)
            try restored.checkBackup(path, of: self)
            return try body(restored, keys)
        }
    }

    /// Stands between the database's name and what makes the name of a copy that is made to restore it.
    private static let copyInfix = ".restore-"

    /// Removes copies that killed processes left: the names in them would outlive every purge.
    func removeLeftCopies() {
        let name = FilePath.lastPart(location.store) + Self.copyInfix
        let folder = FilePath.parent(location.store)
        func copies() -> [String] { ((try? FilePath.entries(folder)) ?? []).filter { $0.hasPrefix(name) } }
        // Whoever works with one holds the lock.
        guard !copies().isEmpty, let lock = try? FileLock(keyFile.lockPath, timeout: 0) else { return }
        defer { lock.release() }
        for copy in copies() { FilePath.remove(FilePath.join(folder, copy)) }
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
    private func sealUnderPresentKeys(
        _ path: String, _ keys: KeyFile, keyCopy: String?
    ) throws(StoreError) {
        let old = try keyCopy.map { path throws(StoreError) in try KeyFileAccess(path: path).read(storeID: storeID) }
        try write { database in
            for row in try Row.fetchAll(database, sql: "SELECT id, organisationID, sealedKey FROM meetings") {
                let (id, owner): (MeetingID, OrganisationID) = try (row.get("id"), row.get("organisationID"))
                let sealed: Data = try row.get("sealedKey")
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
        let reading = reading()
        let head = try write { database in
            let log = try LogWriter(database, vouching.ofCopy, noted: nil, actor: actor, reading)
            let details = ["reason": reason, "remembered": remembered?.text ?? "nothing", "found": log.head.text]
            try log.append(.init(.accept, details))
            try log.finish()
            return log.head
        }
        try vouching.note(head, isForced: true)
        try tellAnchors(.head(head.count), head.hash)
    }
}
