import EarmarkFiles
import Foundation
import GRDB

/// An entry of the audit log as the database has it, with its details if they are still there; nothing of it is
/// verified.
struct LogEntryRow {
    /// What the entry's link covers, but for the link before it.
    let position: Int64
    let id: String
    let at: Timestamp
    let action: String
    let linkedMeetingID: MeetingID?
    let commitment: [UInt8]
    /// The entry's link.
    let hash: [UInt8]
    /// The details with their salt; nil once purged.
    let details: (salt: [UInt8], bytes: Data)?
    /// The meeting with which the details go.
    let detailsMeetingID: MeetingID?
    /// Whether the entry's meeting is stored, where the details go with none.
    let isStored: Bool

    /// Reads the entries after a place, in order.
    static let query = """
        SELECT position, audit.id, at, action, audit.meetingID AS meetingID, commitment, hash, salt, details,
            auditDetails.meetingID AS detailsMeetingID,
            audit.meetingID IS NOT NULL AND auditDetails.meetingID IS NULL
                AND EXISTS (SELECT 1 FROM meetings WHERE id = audit.meetingID) AS isStored,
            typeof(audit.id) = 'text' AND typeof(at) = 'integer' AND typeof(action) = 'text'
                AND typeof(audit.meetingID) IN ('text', 'null') AND typeof(commitment) = 'blob'
                AND typeof(hash) = 'blob' AND typeof(salt) IN ('blob', 'null') AND typeof(details) IN ('blob', 'null')
                AND typeof(auditDetails.meetingID) IN ('text', 'null') AS isTyped
        FROM audit LEFT JOIN auditDetails ON entryID = audit.id WHERE position > ? ORDER BY position
        """

    /// Reads a row of `query`.
    ///
    /// - Throws: `rowsAltered` for a value of another type.
    init(_ row: Row) throws {
        // The database looks at all types at once: value by value that takes longer than all else.
        guard row[11] as Bool else { throw Row.foreignValue("audit") }
        position = row[0]
        id = row[1]
        at = Timestamp(seconds: row[2])
        action = row[3]
        linkedMeetingID = (row[4] as String?).map { MeetingID($0) }
        commitment = try row.withUnsafeData(atIndex: 5) { $0.map { [UInt8]($0) } } ?? []
        hash = try row.withUnsafeData(atIndex: 6) { $0.map { [UInt8]($0) } } ?? []
        let salt = try row.withUnsafeData(atIndex: 7) { $0.map { [UInt8]($0) } }
        let bytes: Data? = row[8]
        details = salt.flatMap { salt in bytes.map { (salt, $0) } }
        detailsMeetingID = (row[9] as String?).map { MeetingID($0) }
        isStored = row[10]
    }

    /// The entry at a place.
    ///
    /// - Throws: `rowsAltered` if there is none.
    static func fetch(_ position: Int64, _ database: Database) throws -> LogEntryRow {
        let rows = try Row.fetchCursor(database.cachedStatement(sql: query), arguments: [position - 1])
        guard let row = try rows.next() else { throw Vouching.altered(position) }
        return try LogEntryRow(row)
    }

    /// What the link covers.
    func fields(after previous: [UInt8]) -> AuditChain.Fields {
        AuditChain.Fields(
            position: position, id: id, at: at, action: action, meetingID: linkedMeetingID, commitment: commitment,
            previous: previous)
    }

    /// The details by name; empty once purged.
    func values() throws -> [String: String] {
        try details.map { try JSONDecoder().decode([String: String].self, from: $0.bytes) } ?? [:]
    }

    /// Whether the details hold this text somewhere: quickly seen.
    func mentions(_ text: String) -> Bool { details?.bytes.range(of: Data(text.utf8)) != nil }
}

extension Vouching {
    /// Refuses an entry that is not as it was written where it stands, or whose details are not.
    func verify(_ entry: LogEntryRow, _ database: Database) throws {
        let previous = try Data.fetchOne(
            database.cachedStatement(sql: "SELECT hash FROM audit WHERE position = ?"), arguments: [entry.position - 1])
        let link = chain.link(entry.fields(after: previous.map { [UInt8]($0) } ?? AuditChain.origin))
        guard link == entry.hash, problem(withDetailsOf: entry, purged: [:]) == nil else {
            throw Self.altered(entry.position)
        }
    }

    /// What is wrong with an entry's details, in a sentence; nil if nothing is.
    ///
    /// - Parameter purged: meetings whose purge took the details of their entries.
    func problem(withDetailsOf entry: LogEntryRow, purged: [MeetingID: Timestamp]) -> String? {
        let place = "the details of entry \(entry.position)"
        guard let (salt, bytes) = entry.details else {
            let isPurged = entry.linkedMeetingID.map { purged[$0] != nil } ?? (entry.position <= sealedFrom)
            return isPurged ? nil : "\(place) were taken out: no purge took them"
        }
        guard AuditChain.commitment(salt: salt, details: bytes) == entry.commitment else {
            return "\(place) were changed"
        }
        // Of a meeting that a restored backup did not hold, details belong to none.
        let (owner, meeting) = (entry.detailsMeetingID, entry.linkedMeetingID)
        let isMoved = entry.position > sealedFrom && owner != meeting && (owner != nil || entry.isStored)
        return isMoved ? "\(place) were moved to another meeting" : nil
    }

    /// Goes through the log's entries from one place to its end, each of which must be as it was written, and so must
    /// its details, which only a purge takes.
    ///
    /// - Parameters:
    ///   - start: from after which entry on.
    ///   - end: the log's end, which was verified.
    ///   - purged: as for `problem`.
    /// - Throws: `rowsAltered`, and what `body` throws.
    func readLog(
        _ database: Database, after start: LogHead = LogHead(), to end: LogHead, purged: [MeetingID: Timestamp],
        _ body: (LogEntryRow) throws -> Void
    ) throws {
        var last = start
        let rows = try Row.fetchCursor(
            database.cachedStatement(sql: LogEntryRow.query), arguments: [start.count == 0 ? .min : start.count])
        while let row = try rows.next() {
            let entry = try LogEntryRow(row)
            guard entry.position == last.count + 1, chain.link(entry.fields(after: last.hash)) == entry.hash else {
                throw Self.altered(last.count + 1)
            }
            if let problem = problem(withDetailsOf: entry, purged: purged) {
                throw StoreError(
                    .rowsAltered, "\(problem): what the audit log tells is not believed", advice: .restoreBackup)
            }
            try body(entry)
            last = LogHead(count: entry.position, hash: entry.hash)
        }
        guard last == end else { throw Self.altered(last.count + 1) }
    }
}
