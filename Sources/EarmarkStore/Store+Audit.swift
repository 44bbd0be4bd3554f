import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    // MARK: Writing

    /// Writes in one transaction and logs it there: neither happens without the other.
    func write<Value>(_ event: AuditEvent, _ body: (Database) throws -> Value) throws(StoreError) -> Value {
        let chain = try auditChain()
        let now = clock()
        return try write { database in
            let value = try body(database)
            try Self.append(event, by: actor, now: now, chain: chain, database)
            return value
        }
    }

    /// Logs something that changes no row: a view, an export, a report.
    public func record(_ event: AuditEvent) throws(StoreError) { try write(event) { _ in } }

    /// The chain under this store's key, which is made when it is first needed.
    func auditChain() throws(StoreError) -> AuditChain {
        if let chain = auditChainCache.withLock({ $0 }) { return chain }
        var bytes = try keyFile.read(storeID: storeID).auditKey
        if bytes == nil {
            try keyFile.update(storeID: storeID) { keys throws(StoreError) in
                // Another process may have made one meanwhile.
                keys.auditKey = keys.auditKey ?? Identifier.randomBytes(KeyFile.keyByteCount)
                bytes = keys.auditKey
            }
        }
        let chain = AuditChain(key: bytes ?? [])
        auditChainCache.withLock { $0 = chain }
        return chain
    }

    static func append(
        _ event: AuditEvent, by actor: AuditActor, now: Timestamp, chain: AuditChain, _ database: Database
    ) throws {
        var details = event.details
        details["actor"] = actor.name
        details["host"] = actor.host
        details["meeting"] = event.meetingID?.text
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = [UInt8](try encoder.encode(details))
        let salt = Identifier.randomBytes(AuditChain.byteCount)
        let head = try Row.fetchOne(database, sql: "SELECT count, hash FROM auditHead")
        let count: Int64 = head?["count"] ?? 0
        let previous: Data = head?["hash"] ?? Data(AuditChain.origin)
        let fields = AuditChain.Fields(
            position: count + 1, id: Identifier.make(.auditEntry), at: now, action: event.action.rawValue,
            commitment: AuditChain.commitment(salt: salt, details: bytes), previous: Array(previous))
        let link = chain.link(fields)
        try database.execute(
            sql: "INSERT INTO audit (position, id, at, action, commitment, hash) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                fields.position, fields.id, fields.at, fields.action, Data(fields.commitment), Data(link),
            ])
        // Details of what concerns a meeting that is gone would outlive it.
        let isKept = try event.meetingID.map { id in
            try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM meetings WHERE id = ?)", arguments: [id])
                ?? false
        }
        if isKept ?? true {
            try database.execute(
                sql: "INSERT INTO auditDetails (entryID, meetingID, salt, details) VALUES (?, ?, ?, ?)",
                arguments: [fields.id, event.meetingID, Data(salt), Data(bytes)])
        }
        try database.execute(
            sql: "INSERT OR REPLACE INTO auditHead (onlyRow, count, hash, seal) VALUES (1, ?, ?, ?)",
            arguments: [fields.position, Data(link), Data(chain.seal(count: fields.position, head: link))])
    }

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
            return rows.map { row in
                let details: Data? = row["details"]
                let hash: Data = row["hash"]
                return AuditEntry(
                    position: row["position"], id: row["id"], at: row["at"], action: row["action"],
                    hash: Hexadecimal.text(hash),
                    details: details.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) })
            }
        }
    }

    /// Checks every link, every detail that is still there, and that nothing is missing at the end.
    ///
    /// Whoever has database and key file can put older copies of both in place of the present ones; only a link that
    /// was noted elsewhere shows that.
    /// - Parameter noted: an entry's place and link as they were noted elsewhere.
    public func verifyAudit(
        noted: (position: Int64, hash: String)? = nil
    ) throws(StoreError) -> AuditVerification {
        let chain = try auditChain()
        return try read { database in
            var result = AuditVerification()
            var previous = AuditChain.origin
            var notedLink: String?
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT audit.*, salt, details FROM audit LEFT JOIN auditDetails ON entryID = audit.id
                    ORDER BY position
                    """)
            while let row = try rows.next() {
                let position: Int64 = row["position"]
                if position != result.count + 1 {
                    result.problems.append("entries \(result.count + 1) to \(position - 1) are missing")
                }
                let link = Self.check(row, previous: previous, chain: chain, &result)
                if position == noted?.position { notedLink = Hexadecimal.text(link) }
                previous = link
                result.count = position
            }
            result.head = Hexadecimal.text(previous)
            try Self.checkHead(result.count, previous, chain: chain, database, &result)
            if let noted, notedLink != noted.hash.lowercased() {
                result.problems.append("entry \(noted.position) is not the one that was noted")
            }
            return result
        }
    }

    /// Checks one entry; its stored link.
    private static func check(
        _ row: Row, previous: [UInt8], chain: AuditChain, _ result: inout AuditVerification
    ) -> [UInt8] {
        let position: Int64 = row["position"]
        let commitment: Data = row["commitment"]
        let stored: Data = row["hash"]
        let fields = AuditChain.Fields(
            position: position, id: row["id"], at: row["at"], action: row["action"], commitment: Array(commitment),
            previous: previous)
        if chain.link(fields) != Array(stored) {
            result.problems.append("entry \(position) was changed, or the one before it")
        }
        if let salt: Data = row["salt"], let details: Data = row["details"] {
            if AuditChain.commitment(salt: Array(salt), details: Array(details)) != Array(commitment) {
                result.problems.append("the details of entry \(position) were changed")
            }
        } else {
            result.purgedDetails += 1
        }
        return Array(stored)
    }

    private static func checkHead(
        _ count: Int64, _ link: [UInt8], chain: AuditChain, _ database: Database, _ result: inout AuditVerification
    ) throws {
        guard let row = try Row.fetchOne(database, sql: "SELECT count, hash, seal FROM auditHead") else {
            if count > 0 { result.problems.append("the record of the log's length is missing") }
            return
        }
        let stated: Int64 = row["count"]
        let hash: Data = row["hash"]
        let seal: Data = row["seal"]
        if chain.seal(count: stated, head: Array(hash)) != Array(seal) {
            result.problems.append("the record of the log's length was changed")
        } else if stated != count || Array(hash) != link {
            result.problems.append("the log has \(count) entries where \(stated) were written")
        }
    }
}
