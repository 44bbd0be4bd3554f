public import EarmarkFiles
import Foundation
import GRDB

/// How many analyses the audit log knows.
public struct AnalysisCounts: Sendable, Equatable {
    /// Of one meeting: those that asked for it or found it, refused files and references included.
    public let meeting: Int
    /// With this store, since it was made.
    public let store: Int
}

/// When an organisation's bound was what, by the audit log.
public struct ThresholdChange: Sendable, Equatable {
    /// When it was set.
    public let at: Timestamp
    /// What it was set to, log10.
    public let log10Threshold: Double
}

extension Store {
    /// How many analyses have been made, deleted ones included; of a meeting that is nil or gone 0 in `meeting`.
    ///
    /// `end`: those until this one; nil for all.
    public func analysisCounts(
        ofMeeting meetingID: MeetingID?, until end: AnalysisRecord? = nil
    ) throws(StoreError) -> AnalysisCounts {
        try read { database in
            let action = AuditAction.analyse.rawValue
            // Its own entry; where the details are gone, all of its second.
            let last =
                try end.flatMap { end in
                    try Int64.fetchOne(
                        database,
                        sql: """
                            SELECT coalesce(
                                (SELECT max(position) FROM audit JOIN auditDetails ON audit.id = entryID
                                    WHERE action = ?1 AND at = ?2 AND instr(CAST(details AS TEXT), ?3) > 0),
                                (SELECT max(position) FROM audit WHERE at <= ?2), 0)
                            """, arguments: [action, end.createdAt, end.id.text])
                } ?? .max
            let meeting = try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM auditDetails JOIN audit ON id = entryID
                    WHERE auditDetails.meetingID = ? AND action = ?
                        AND position <= ?
                    """, arguments: [meetingID, action, last])
            let store = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM audit WHERE action = ? AND position <= ?",
                arguments: [action, last])
            var counts = (meeting: meeting ?? 0, store: store ?? 0)
            for imported in try Self.imported(until: last, database) {
                counts.store += imported.values.reduce(0, +)
                counts.meeting += meetingID.flatMap { imported[$0.text] } ?? 0
            }
            return AnalysisCounts(meeting: counts.meeting, store: counts.store)
        }
    }

    /// Analyses by meeting of each run that was imported, by the audit log.
    private static func imported(until last: Int64, _ database: Database) throws -> [[String: Int]] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT details FROM audit JOIN auditDetails ON entryID = audit.id WHERE action = ? AND position <= ?
                """, arguments: [AuditAction.runImport.rawValue, last])
        return try rows.map { row in
            let bytes: Data = row["details"]
            let details = try JSONDecoder().decode([String: String].self, from: bytes)
            return (details[ImportCount.detail] ?? "").split(separator: " ").reduce(into: [:]) { counts, part in
                let words = part.split(separator: "=")
                if words.count == 2, let count = Int(words[1]) { counts[String(words[0]), default: 0] += count }
            }
        }
    }

    /// When a file with this digest was first analysed, by the audit log; nil if it does not tell.
    public func firstAnalysis(sha256: String) throws(StoreError) -> Timestamp? {
        try details(of: .analyse).filter { $0.details["sha256"] == sha256 }.map(\.at).min()
    }

    /// What an organisation's bound was set to after the store was made, in order, by the audit log.
    public func thresholdChanges(in organisationID: OrganisationID) throws(StoreError) -> [ThresholdChange] {
        var changes: [ThresholdChange] = []
        for (at, details) in try details(of: .settingsChange) where details["organisation"] == organisationID.text {
            // Every change of settings tells all of them.
            guard let value = details["log10Threshold"].flatMap(Double.init),
                value != changes.last?.log10Threshold
            else { continue }
            changes.append(ThresholdChange(at: at, log10Threshold: value))
        }
        return changes
    }

    private func details(
        of action: AuditAction
    ) throws(StoreError) -> [(at: Timestamp, details: [String: String])] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT at, details FROM audit JOIN auditDetails ON entryID = audit.id WHERE action = ?
                    ORDER BY position
                    """, arguments: [action.rawValue])
            return try rows.map { row in
                let bytes: Data = row["details"]
                return (row["at"], try JSONDecoder().decode([String: String].self, from: bytes))
            }
        }
    }
}
