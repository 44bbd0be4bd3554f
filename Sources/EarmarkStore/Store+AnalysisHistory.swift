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
    /// Whether the log has it after the first look at what was analysed, and before the analysis itself.
    public let isAfterFirstLook: Bool
}

/// What an analysis's bound was decided by, and whether before its recording was looked at.
public struct LimitHistory: Sendable, Equatable {
    /// When the same file was first analysed; nil if the log does not tell.
    public internal(set) var firstAnalysis: Timestamp?
    /// When the same file, or another recording of the same meeting, was; nil if the log does not tell.
    public internal(set) var firstLook: Timestamp?
    /// What the bound was set to after the store was made, in order.
    public internal(set) var changes: [ThresholdChange] = []
}

extension Store {
    /// How many analyses have been made, deleted ones included; of a meeting that is nil or gone 0 in `meeting`.
    ///
    /// `end`: those until this one; nil for all.
    public func analysisCounts(
        ofMeeting meetingID: MeetingID?, until end: AnalysisRecord? = nil
    ) throws(StoreError) -> AnalysisCounts {
        try read { database in
            let last = try end.map { try Self.place(of: $0, database) } ?? .max
            let actions = [AuditAction.analyse.rawValue, AuditAction.analyseUnstored.rawValue]
            let meeting = try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM auditDetails JOIN audit ON id = entryID
                    WHERE auditDetails.meetingID = ? AND action IN (?, ?)
                        AND position <= ?
                    """, arguments: [meetingID] + StatementArguments(actions) + [last])
            let store = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM audit WHERE action IN (?, ?) AND position <= ?",
                arguments: StatementArguments(actions) + [last])
            var counts = (meeting: meeting ?? 0, store: store ?? 0)
            for imported in try Self.imported(until: last, database) {
                counts.store += imported.values.reduce(0, +)
                counts.meeting += meetingID.flatMap { imported[$0.text] } ?? 0
            }
            return AnalysisCounts(meeting: counts.meeting, store: counts.store)
        }
    }

    /// Where the log has an analysis; where the entry's details are gone, the last place of its second.
    static func place(of record: AnalysisRecord, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database,
            sql: """
                SELECT coalesce(
                    (SELECT max(position) FROM audit JOIN auditDetails ON audit.id = entryID
                        WHERE action = ?1 AND at = ?2 AND instr(CAST(details AS TEXT), ?3) > 0),
                    (SELECT max(position) FROM audit WHERE at <= ?2), 0)
                """, arguments: [AuditAction.analyse.rawValue, record.createdAt, record.id.text]) ?? 0
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

    /// When what an analysis examined was first looked at, and what the bound of its organisation was when.
    ///
    /// By the log's own order, as a clock can be set back: the first entry of the same file, of another recording of
    /// the same meeting, or of a run that was imported for it. `earliest`: the date of the first of these that is
    /// stored; a decision after its second counts as later, too, whatever the log has lost.
    public func limitHistory(of record: AnalysisRecord, earliest: Timestamp) throws(StoreError) -> LimitHistory {
        let sha256 = record.content.sha256
        let own = try read { try Self.place(of: record, $0) }
        var history = LimitHistory()
        for entry in try entries(of: [.analyse, .analyseUnstored, .runImport, .settingsChange]) {
            switch entry.action {
            case .settingsChange:
                guard let value = entry.threshold(of: record.content.organisationID),
                    value != history.changes.last?.log10Threshold
                else { continue }
                let isLater = (history.firstLook != nil || entry.at > earliest) && entry.position <= own
                history.changes.append(
                    ThresholdChange(at: entry.at, log10Threshold: value, isAfterFirstLook: isLater))
            default:
                if let sha256, entry.details["sha256"] == sha256, history.firstAnalysis == nil {
                    history.firstAnalysis = entry.at
                }
                let isSameFile = sha256 != nil && entry.details["sha256"] == sha256
                let isSameMeeting = record.meetingID.map {
                    entry.meetingID == $0 || entry.details[ImportCount.detail]?.contains($0.text) == true
                }
                if isSameFile || isSameMeeting == true { history.firstLook = history.firstLook ?? entry.at }
            }
        }
        return history
    }

    /// What an organisation's bound was set to after the store was made, in order, by the audit log.
    public func thresholdChanges(in organisationID: OrganisationID) throws(StoreError) -> [ThresholdChange] {
        var changes: [ThresholdChange] = []
        for entry in try entries(of: [.settingsChange]) {
            guard let value = entry.threshold(of: organisationID), value != changes.last?.log10Threshold else {
                continue
            }
            changes.append(ThresholdChange(at: entry.at, log10Threshold: value, isAfterFirstLook: false))
        }
        return changes
    }

    private struct LimitEntry {
        let action: AuditAction
        let position: Int64
        let at: Timestamp
        let meetingID: MeetingID?
        let details: [String: String]

        /// What the bound of an organisation was set to; every change of settings tells all of them.
        func threshold(of organisationID: OrganisationID?) -> Double? {
            guard details["organisation"] == organisationID?.text else { return nil }
            return details["log10Threshold"].flatMap(Double.init)
        }
    }

    /// The log's entries of these kinds, in order, those whose details are purged left out.
    private func entries(of actions: [AuditAction]) throws(StoreError) -> [LimitEntry] {
        try read { database in
            let marks = actions.map { _ in "?" }.joined(separator: ", ")
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT action, position, at, auditDetails.meetingID AS meeting, details
                    FROM audit JOIN auditDetails ON entryID = audit.id
                    WHERE action IN (\(marks)) ORDER BY position
                    """, arguments: StatementArguments(actions.map(\.rawValue)))
            return try rows.compactMap { row in
                guard let action = AuditAction(rawValue: row["action"]) else { return nil }
                let bytes: Data = row["details"]
                return LimitEntry(
                    action: action, position: row["position"], at: row["at"], meetingID: row["meeting"],
                    details: try JSONDecoder().decode([String: String].self, from: bytes))
            }
        }
    }
}
