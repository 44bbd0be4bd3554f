import EarmarkFiles
import Foundation
import GRDB

/// One transaction's changes: what they touch is verified before, sealed anew after, and logged.
final class LogWriter {
    /// The transaction.
    let database: Database
    private let vouching: Vouching
    private let actor: AuditActor
    /// When it is made.
    let now: Timestamp
    /// When the log's last entry was made.
    private var last: Timestamp?
    /// The log's end, which grows with each entry.
    private(set) var head: LogHead
    private var sum: RowSeals.Sum
    private var touched: [SealScope] = []
    private var known: Set<SealScope> = []

    /// Verifies the log's end before anything is added to it.
    init(
        _ database: Database, _ vouching: Vouching, noted: LogHead?, actor: AuditActor, now: Timestamp
    ) throws {
        self.database = database
        self.vouching = vouching
        self.actor = actor
        self.now = now
        (head, sum) = try vouching.head(database, noted: noted)
        last = try Timestamp.fetchOne(database, sql: "SELECT at FROM audit ORDER BY position DESC LIMIT 1")
    }

    /// Announces a change to the rows of a scope, which must be as they were sealed.
    func touch(_ scope: SealScope) throws {
        guard !known.contains(scope) else { return }
        try vouching.verify(scope, database)
        drop(scope)
    }

    /// Announces that the rows of a scope go, whatever is in them.
    func drop(_ scope: SealScope) {
        if known.insert(scope).inserted { touched.append(scope) }
    }

    /// Adds an entry to the log, before it one about a clock that is far ahead, or no longer.
    func append(_ event: AuditEvent) throws {
        if let last, ![.clockAhead, .clockConfirm].contains(event.action) {
            let days = vouching.clockGuardDays
            if ClockWatch(days: days).isLong(from: last, to: now) {
                // Of what this transaction added already the head in the database says nothing yet.
                let state = try vouching.clockState(database, days: days, head: head)
                let believes = state.watch.believes(now)
                if believes, state.isNoted { try add(.clockSetBack(now)) }
                if !believes, !state.isNoted, let base = state.watch.base { try add(.clockAhead(now, of: base)) }
            }
        }
        try add(event)
    }

    private func add(_ event: AuditEvent) throws {
        var details = event.details
        details["actor"] = actor.name
        details["host"] = actor.host
        details["meeting"] = event.meetingID?.text
        if let last, now + ClockWatch.clockTolerance < last {
            details["clockBehind"] = "\(last.seconds - now.seconds) s"
        }
        last = now
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = [UInt8](try encoder.encode(details))
        let salt = Identifier.randomBytes(AuditChain.byteCount)
        let fields = AuditChain.Fields(
            position: head.count + 1, id: Identifier.make(.auditEntry), at: now, action: event.action.rawValue,
            meetingID: event.meetingID, commitment: AuditChain.commitment(salt: salt, details: bytes),
            previous: head.hash)
        head = LogHead(count: fields.position, hash: vouching.chain.link(fields))
        try database.execute(
            sql: """
                INSERT INTO audit (position, id, at, action, meetingID, commitment, hash) VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                fields.position, fields.id, fields.at, fields.action, fields.meetingID, Data(fields.commitment),
                Data(head.hash),
            ])
        // Details of what concerns a meeting that is gone would outlive it.
        let isKept = try event.meetingID.map { id in
            try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM meetings WHERE id = ?)", arguments: [id])
                ?? false
        }
        guard isKept ?? true else { return }
        try database.execute(
            sql: "INSERT INTO auditDetails (entryID, meetingID, salt, details) VALUES (?, ?, ?, ?)",
            arguments: [fields.id, event.meetingID, Data(salt), Data(bytes)])
    }

    /// Seals what was touched, and the log's new end.
    func finish() throws {
        for scope in touched { sum = try vouching.reseal(scope, sum, database) }
        try vouching.store(head, sum, database)
    }
}
