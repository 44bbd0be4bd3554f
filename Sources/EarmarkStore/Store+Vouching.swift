public import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    /// What the key file vouches with; made when it is first needed, and then all rows are sealed as they are.
    func vouching() throws(StoreError) -> Vouching {
        if let known = vouchingCache.withLock({ $0 }) { return known }
        var keys = try keyFile.read(storeID: storeID)
        if keys.auditKey == nil || keys.sealedFrom == nil { keys = try vouchForWhatIsThere() }
        let vouching = vouching(keys)
        vouchingCache.withLock { $0 = vouching }
        return vouching
    }

    /// The same, or nil where there is no key file that could be read: nobody is accused without one.
    func vouchingIfThereAreKeys() throws(StoreError) -> Vouching? {
        do throws(StoreError) {
            return try vouching()
        } catch  where [.keyFileMissing, .keyFileExposed, .keyFileInvalid, .keyFileMismatch].contains(error.code) {
            return nil
        }
    }

    private func vouching(_ keys: KeyFile) -> Vouching {
        let key = keys.auditKey ?? []
        return Vouching(
            chain: AuditChain(key: key), seals: RowSeals(storeID: storeID, auditKey: key),
            sealedFrom: keys.sealedFrom ?? 0, headFile: isCopy ? nil : LogHeadFile(keyFile: keyFile.path),
            anchors: isCopy ? [] : keys.anchors, clockGuardDays: keys.clockGuard)
    }

    /// Seals the rows of a store that no key vouched for yet: a new one, or one of an earlier version.
    ///
    /// The key file remembers it last, so that whatever ends the process, it is done again.
    private func vouchForWhatIsThere() throws(StoreError) -> KeyFile {
        var keys = KeyFile(storeID: storeID)
        try keyFile.update(storeID: storeID) { stored throws(StoreError) in
            // Another process may have made one meanwhile.
            stored.auditKey = stored.auditKey ?? Identifier.randomBytes(KeyFile.keyByteCount)
            keys = stored
        }
        let vouching = vouching(keys)
        let head = try write { database in
            let last = try Row.fetchOne(
                database, sql: "SELECT position, hash FROM audit ORDER BY position DESC LIMIT 1")
            let link: Data = try last?.get("hash") ?? Data(AuditChain.origin)
            let head = LogHead(count: try last?.get("position") ?? 0, hash: [UInt8](link))
            try vouching.sealAll(head, database)
            return head
        }
        try vouching.note(head, isForced: true)
        try keyFile.update(storeID: storeID) { stored throws(StoreError) in
            stored.sealedFrom = stored.sealedFrom ?? head.count
            keys = stored
        }
        return keys
    }

    // MARK: Access

    /// Reads in one consistent snapshot, whose rows of these scopes must be as they were sealed.
    ///
    /// - Parameters:
    ///   - scopes: what is read.
    ///   - isWhole: whether it must also be sure that nothing was taken out and nothing older put back: before anybody
    ///     is accused.
    func read<Value>(
        verifying scopes: [SealScope], isWhole: Bool = false, _ body: (Database) throws -> Value
    ) throws(StoreError) -> Value {
        try read(isWhole: isWhole) { database, vouching in
            if let vouching { for scope in scopes { try vouching.verify(scope, database) } }
            return try body(database)
        }
    }

    /// The same, where `body` verifies what it finds; without keys there is nothing to verify with.
    func read<Value>(
        isWhole: Bool = false, _ body: (Database, Vouching?) throws -> Value
    ) throws(StoreError) -> Value {
        let vouching = try vouchingIfThereAreKeys()
        // Before the snapshot, which may then be later, never older.
        let noted = isWhole ? try vouching?.notedHead() : nil
        return try read { database in
            if isWhole { try vouching?.verifyWhole(database, noted: noted) }
            return try body(database, vouching)
        }
    }

    /// Changes rows and logs it in one transaction: all of it or, if `body` throws, nothing.
    ///
    /// Then anchors are told, but not of what is about them.
    func change<Value>(
        tellsAnchors: Bool = true, _ body: (LogWriter) throws -> Value
    ) throws(StoreError) -> Value {
        let vouching = try vouching()
        let reading = reading()
        let noted = try vouching.noted()
        let (value, head, note) = try write { database in
            let log = try LogWriter(database, vouching, noted: noted, actor: actor, reading)
            let value = try body(log)
            try log.finish()
            return (value, log.head, log.clockNote)
        }
        try vouching.note(head, clock: note)
        if tellsAnchors { try tellAnchors(.head(head.count), head.hash) }
        return value
    }

    /// The same for one event that changes the rows of these scopes.
    func write<Value>(
        _ event: AuditEvent, changing scopes: [SealScope] = [], _ body: (Database) throws -> Value
    ) throws(StoreError) -> Value {
        try change { log in
            for scope in scopes { try log.touch(scope) }
            let value = try body(log.database)
            try log.append(event)
            return value
        }
    }

    /// Logs something that changes no row: a view, an export, a report.
    public func record(_ event: AuditEvent) throws(StoreError) { try write(event) { _ in } }

    /// Logs that somebody looked at a meeting's people, or at those of several if none is given; without a key file
    /// lists are shown unverified, and it is said that the look is not logged.
    ///
    /// - Throws: `keyFileExposed`, `keyFileInvalid`, `keyFileMismatch`: a key file that is there must do.
    public func noteView(of what: String, inMeeting meetingID: MeetingID? = nil) throws(StoreError) {
        do throws(StoreError) {
            try record(.init(.view, meeting: meetingID, ["what": what]))
        } catch  where error.code == .keyFileMissing {
            warn("what is shown is not verified, and that somebody looked is not logged: \(error.message)")
        }
    }
}
