import EarmarkFiles
import Foundation
import GRDB

/// What can be believed of a database that somebody may have changed, piece by piece.
extension Vouching {
    /// The rows of a scope, query by query, if they are as they were sealed.
    func believed(_ scope: SealScope, _ database: Database) -> [[Row]]? {
        var tables = [[Row]](repeating: [], count: scope.queries.count)
        do {
            let stored = try Data.fetchOne(
                database.cachedStatement(sql: "SELECT seal FROM seals WHERE scope = ?"), arguments: [scope.name])
            let computed = try seals.seal(of: scope, database) { tables[$0].append($1.copy()) }
            return computed == stored.map { [UInt8]($0) } ? tables : nil
        } catch {
            // Damaged.
            return nil
        }
    }

    /// Whether an entry of the log, joined with `before`, the link of the one before it, is as it was written.
    func isAsWritten(_ row: Row) -> Bool {
        let before = row.bytes("before") ?? AuditChain.origin
        return link(row, after: before) != nil && link(row, after: before) == row.bytes("hash")
    }

    /// The link that an entry has after `previous`; nil for one that nobody can have written so.
    private func link(_ row: Row, after previous: [UInt8]) -> [UInt8]? {
        guard let position: Int64 = row.value("position"), let id: String = row.value("id"),
            let at: Timestamp = row.value("at"), let action: String = row.value("action"),
            let commitment = row.bytes("commitment")
        else { return nil }
        return chain.link(
            .init(
                position: position, id: id, at: at, action: action, meetingID: row.value("meetingID"),
                commitment: commitment, previous: previous))
    }

    /// The log as far as its links are as they were written, and what it says of holds, revocations and analyses.
    ///
    /// - Parameters:
    ///   - backup: has entries and details that were changed or taken out since, so that the rest is not lost.
    ///   - purged: meetings whose details went as they should.
    func believedLog(
        _ database: Database, backup: Database, purged: [MeetingID: Timestamp]
    ) -> BelievedLog {
        var log = BelievedLog()
        while let (entry, isHealed) = nextEntry(after: log.head, database, backup) {
            log.head = LogHead(count: log.head.count + 1, hash: entry.bytes("hash") ?? [])
            if isHealed { log.note("entry \(log.head.count) of the audit log was changed") }
            log.entries.append(entry)
            let here = details(of: entry, database)
            let isPurged = (entry.value("meetingID") as MeetingID?).map { purged[$0] != nil } ?? false
            let isEarly = log.head.count <= sealedFrom
            let known = here?.isGenuine ?? false || isPurged || isEarly ? here : details(of: entry, backup) ?? here
            if let here, !here.isGenuine { log.note("the details of entry \(log.head.count) were changed") }
            guard let known else { continue }
            log.details.append(known.row)
            guard known.isGenuine, let bytes = known.row.bytes("details"),
                let values = try? JSONDecoder().decode([String: String].self, from: Data(bytes))
            else { continue }
            log.take(entry["action"], entry["at"], entry.value("meetingID"), values)
        }
        let last = try? Int64.fetchOne(database, sql: "SELECT max(position) FROM audit")
        if last ?? 0 != log.head.count { log.note("entry \(log.head.count + 1) of the audit log was changed") }
        return log
    }

    /// The entry that follows `head`, and whether the backup alone has it as it was written.
    private func nextEntry(
        after head: LogHead, _ database: Database, _ backup: Database
    ) -> (Row, isHealed: Bool)? {
        for source in [database, backup] {
            let row = try? Row.fetchOne(
                source.cachedStatement(sql: "SELECT * FROM audit WHERE position = ?"), arguments: [head.count + 1])
            guard let row, let hash = row.bytes("hash"), link(row, after: head.hash) == hash else { continue }
            return (row, source !== database)
        }
        return nil
    }

    /// The details of an entry, and whether they are those that it was written with.
    private func details(of entry: Row, _ database: Database) -> (row: Row, isGenuine: Bool)? {
        let row = try? Row.fetchOne(
            database.cachedStatement(sql: "SELECT * FROM auditDetails WHERE entryID = ?"),
            arguments: [entry["id"] as DatabaseValue])
        guard let row else { return nil }
        guard let salt = row.bytes("salt"), let details = row.bytes("details") else { return (row, false) }
        return (row, AuditChain.commitment(salt: salt, details: details) == entry.bytes("commitment"))
    }
}

/// What the log says, as far as it can be believed.
struct BelievedLog {
    /// Where it ends.
    var head = LogHead()
    /// Its entries, in order.
    var entries: [Row] = []
    /// Their details.
    var details: [Row] = []
    /// The first thing that is not as it was written.
    private(set) var problem: String?
    /// Holds that nobody ended.
    private(set) var holds: [String: LegalHold] = [:]
    /// When tickets and bundles were revoked.
    private(set) var revocations: [String: Timestamp] = [:]
    /// Analyses by the meetings that they were made against.
    private(set) var analyses: [MeetingID: [AnalysisID]] = [:]

    /// Notes what is not as it was written.
    mutating func note(_ text: String) { problem = problem ?? text }

    /// Takes an entry.
    mutating func take(_ action: String, _ at: Timestamp, _ meeting: MeetingID?, _ details: [String: String]) {
        switch AuditAction(rawValue: action) {
        case .hold: if let subject = details["subject"] { hold(subject, details["reason"], at) }
        case .meetingCreate: if let meeting, let reason = details["hold"] { hold(meeting.text, reason, at) }
        case .release: if let subject = details["subject"] { holds[subject] = nil }
        case .ticketRevoke, .bundleRevoke:
            for subject in [details["ticket"], details["bundle"]] {
                if let subject { revocations[subject] = revocations[subject] ?? at }
            }
        case .analyse:
            if let meeting, let id = details["analysis"] { analyses[meeting, default: []].append(AnalysisID(id)) }
        default: break
        }
    }

    private mutating func hold(_ subject: String, _ reason: String?, _ at: Timestamp) {
        holds[subject] = LegalHold(subject: subject, reason: reason ?? "", heldAt: at)
    }
}

extension Row {
    /// The value of a column that may hold anything; nil where it is none of this type.
    func value<Value: DatabaseValueConvertible>(_ column: String) -> Value? {
        Value.fromDatabaseValue(self[column] as DatabaseValue)
    }

    /// The bytes of a column that may hold anything.
    func bytes(_ column: String) -> [UInt8]? {
        guard case .blob(let data) = (self[column] as DatabaseValue).storage else { return nil }
        return [UInt8](data)
    }
}
